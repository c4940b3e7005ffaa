"""The mass balance that whoever decides on a request sees: goods made, stamps issued so far."""

from dataclasses import dataclass
from decimal import Decimal

from services.stamps.domain.known import Lot
from services.stamps.domain.requests import Request
from services.stamps.store import balance, facts
from shared.mongo import Database


@dataclass(frozen=True, slots=True)
class Balance:
    """Stamps of the request's product by state, and of its lot, where it names one.

    `granted` were issued on requests that named the lot; `of_lot` are activated for it, whatever
    became of them since.
    """

    states: dict[str, int]
    lot: Lot | None
    granted: int
    of_lot: int

    @property
    def made(self) -> Decimal | None:
        """How much the lot is, in its unit, where that was told."""
        return Decimal(self.lot.quantity) if self.lot and self.lot.quantity else None

    @property
    def issued(self) -> int:
        return sum(self.states.values())


async def balance_of(request: Request, *, db: Database) -> Balance:
    found = await balance.by_state(db, request.product_id, request.lot_id)
    states: dict[str, int] = {}
    for (_, state), number in found.items():
        states[state] = states.get(state, 0) + number
    lot = await facts.lot(db, request.lot_id) if request.lot_id else None
    granted = 0
    if lot is not None:
        granted = await balance.granted_for_lot(db, request.facility_id, lot.id)
    of_lot = sum(number for (mine, _), number in found.items() if mine)
    return Balance(states, lot, granted, of_lot)
