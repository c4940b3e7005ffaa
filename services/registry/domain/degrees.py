"""At how many °C a product asks to be kept, and whether goods were."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.registry.domain.product import Product


@dataclass(frozen=True, slots=True)
class Degrees:
    """Both bounds belong to it; None where the product names none."""

    lowest: Decimal | None = None
    highest: Decimal | None = None

    @classmethod
    def of(cls, product: Product | None) -> "Degrees":
        return cls(product.storage_from, product.storage_to) if product else ANY

    def hold(self, celsius: Decimal | None) -> bool:
        """Whether nothing is amiss with this temperature; True of one that nobody measured."""
        if celsius is None:
            return True
        too_cold = self.lowest is not None and celsius < self.lowest
        return not too_cold and (self.highest is None or celsius <= self.highest)


ANY: Final = Degrees()
