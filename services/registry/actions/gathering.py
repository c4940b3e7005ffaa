"""What collectors say that they bought of a facility's goods, and its word against it."""

from datetime import datetime

from services.registry.actions import holding
from services.registry.actions.receipts import speaker
from services.registry.actions.rights import require_for
from services.registry.domain import gathering
from services.registry.domain.records import Aggregate
from services.registry.domain.review_refusals import ReasonMissing
from services.registry.domain.transformation import Transformation
from services.registry.store import records, trace_events, transformations
from shared import audit
from shared.auth import Principal
from shared.mongo import Database, Tx, transact

READ = "lot.read"
ENTER = "lot.enter"
ACT = "lot.collect.deny"


async def of_facility(
    facility_id: str, *, page: int, who: Principal, db: Database
) -> tuple[list[Transformation], int]:
    """A page of the gatherings that took goods of this facility, and how many there are."""
    require_for(who, READ, await records.get(db, Aggregate.FACILITY, facility_id))
    return await transformations.bought_of(db, facility_id, page)


async def deny(
    transformation_id: str,
    *,
    lot_id: str,
    reason: str,
    basis: str = "",
    who: Principal,
    now: datetime,
    db: Database,
) -> Transformation:
    """Whoever made the lot never sold it: the goods are its own again, and officials are told.

    What the collector made of it stays as it said, for officials to settle; it opens nothing of the
    lot any more. `basis` is what an official's word rests on.
    """

    async def work(tx: Tx) -> Transformation:
        lot = await records.get(tx, Aggregate.LOT, lot_id)
        require_for(who, ENTER, lot)
        one = await transformations.get(tx, transformation_id)
        if not reason:
            raise ReasonMissing("reason")
        after = gathering.deny(one, lot_id, reason, speaker(who, basis), now)
        if after is one:
            return one
        [took] = [given for given in one.given if given.lot_id == lot_id]
        await holding.give_back(tx, lot, took.holder, took.quantity, took.unit)
        facility = await records.get(tx, Aggregate.FACILITY, one.facility_id)
        await transformations.replace(tx, after)
        await trace_events.follow_transformation(tx, after, facility.owner)
        word = basis if not who.facility_id else "sender"
        await audit.accepted(tx, who, ACT, one.id, reason, lot=lot_id, word=word)
        return after

    async with audit.attempt(db, who, ACT, transformation_id):
        return await transact(db, work)
