"""Goods that came back are their sender's to use again."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from services.registry.actions.shipping import ENTER, act_on
from services.registry.domain import returning
from services.registry.domain.shipment import Shipment
from services.registry.domain.units import in_base
from services.registry.store import holdings
from shared.auth import Principal, require
from shared.mongo import Database, Tx


async def take_back(
    shipment_id: str,
    *,
    form_id: str,
    quantities: Mapping[str, Decimal],
    at: datetime,
    reason: str,
    who: Principal,
    now: datetime,
    db: Database,
) -> Shipment:
    """What came back, by lot; the same form twice counts once."""

    async def change(tx: Tx, before: Shipment) -> Shipment:
        require(who, ENTER, before.sender.scope())
        after = returning.take_back(before, form_id, quantities, at=at, reason=reason, now=now)
        units = {line.lot_id: line.unit for line in before.lines}
        for one in after.returned[len(before.returned) :]:
            amount = in_base(one.quantity, units[one.lot_id])
            await holdings.give_back(tx, one.lot_id, before.sender.facility_id, amount)
        return after

    return await act_on(shipment_id, "shipment.take_back", change, who, db)
