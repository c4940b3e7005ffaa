"""What a transporter does by the link: picks up, says where the goods are, hands over (R24)."""

from datetime import datetime

from services.registry.actions import measuring
from services.registry.actions.shipping import act_on
from services.registry.domain.shipment import HandOver, Position, Shipment
from shared.mongo import Database, Tx


async def pick_up(
    shipment_id: str, where: Position, *, link: int, now: datetime, db: Database
) -> Shipment:
    async def change(tx: Tx, before: Shipment) -> Shipment:
        before.check_link(link, now)
        after = before.pick_up(where, now)
        if after is not before:
            await measuring.tell_carried(tx, after, where, now)
        return after

    return await act_on(shipment_id, "shipment.pick_up", change, None, db)


async def report(
    shipment_id: str, where: Position, *, link: int, now: datetime, db: Database
) -> Shipment:
    async def change(tx: Tx, before: Shipment) -> Shipment:
        before.check_link(link, now)
        after = before.report(where, now)
        if after is not before:
            await measuring.tell_carried(tx, after, where, now)
        return after

    return await act_on(shipment_id, "shipment.report", change, None, db)


async def hand_over(
    shipment_id: str, given: HandOver, *, link: int, now: datetime, db: Database
) -> Shipment:
    async def change(_: Tx, before: Shipment) -> Shipment:
        before.check_link(link, now)
        return before.hand_over(given, now)

    return await act_on(shipment_id, "shipment.hand_over", change, None, db)
