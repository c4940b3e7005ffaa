"""How many packages there are of a lot: a stamp is on one package."""

from collections.abc import Collection
from decimal import Decimal
from typing import Final

from services.stamps.domain.known import Lot

# What goods are counted in and stamped by, one by one; a crate or an animal has any number. The
# same as early warning goes by (services/recall/domain/signals/balance.py).
COUNTED: Final[Collection[str]] = ("chai", "lọ", "hộp", "gói", "túi")


def packages_of(lot: Lot, content_kilograms: str) -> int | None:
    """Of goods that weigh something, packages of what the product says one holds; of packages as
    many as there are. None where nobody can say."""
    if content_kilograms and lot.kilograms:
        return int(Decimal(lot.kilograms) / Decimal(content_kilograms))
    if lot.quantity and lot.unit in COUNTED:
        return int(Decimal(lot.quantity))
    return None
