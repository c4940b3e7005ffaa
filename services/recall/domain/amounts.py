"""Quantities as people state them, in the unit of the lot that they are of."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Final

from services.recall.domain.recovery_refusals import OtherDimension

# What registry's catalogue of units says that these hold: kilograms, and litres.
MASS: Final[Mapping[str, Decimal]] = {
    "kg": Decimal(1),
    "g": Decimal("0.001"),
    "yến": Decimal(10),
    "tạ": Decimal(100),
    "tấn": Decimal(1000),
}
VOLUME: Final[Mapping[str, Decimal]] = {"lít": Decimal(1), "ml": Decimal("0.001")}
# Goods of a recall of stamps are counted by these: each stands on one package.
STAMP: Final = "tem"
# Quantities are stated to the thousandth; in a unit of a lot that is a million times as large,
# the smallest is still there. Downwards, so that parts never come to more than the whole.
STEP: Final = Decimal("0.000000001")


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of a lot. `kilograms` is what all of it weighs, None where that is not known:
    only then can goods that are counted be stated by weight."""

    lot_id: str
    quantity: Decimal
    unit: str
    kilograms: Decimal | None = None

    @property
    def units(self) -> tuple[str, ...]:
        """In which units some of it may be stated, its own first."""
        for measures in (MASS, VOLUME):
            if self.unit in measures:
                return (self.unit, *(unit for unit in measures if unit != self.unit))
        return (self.unit, *MASS) if self._weighs else (self.unit,)

    @property
    def _weighs(self) -> bool:
        return bool(self.kilograms and self.quantity)

    def in_its_unit(self, quantity: Decimal, unit: str) -> Decimal:
        """A quantity of it, to the billionth; raises OtherDimension at the field `unit`."""
        if not unit or unit == self.unit:
            return _rounded(quantity)
        if unit not in self.units:
            raise OtherDimension("unit", unit=unit, units=", ".join(self.units))
        for measures in (MASS, VOLUME):
            if self.unit in measures:
                return _rounded(quantity * measures[unit] / measures[self.unit])
        assert self.kilograms
        return _rounded(quantity * MASS[unit] * self.quantity / self.kilograms)

    def weight_of(self, quantity: Decimal) -> Decimal | None:
        """Kilograms of a quantity in its unit; None where nobody can say."""
        if self.unit in MASS:
            return quantity * MASS[self.unit]
        if not self._weighs or self.kilograms is None:
            return None
        return quantity * self.kilograms / self.quantity


def _rounded(quantity: Decimal) -> Decimal:
    return quantity.quantize(STEP, ROUND_DOWN)
