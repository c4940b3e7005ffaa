"""What is packed into which logistic unit of a shipment, as far as its sender says so (R37)."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Packed:
    """How much of a lot is in the unit with this SSCC, in the unit of the lot's line."""

    sscc: str
    lot_id: str
    quantity: Decimal
