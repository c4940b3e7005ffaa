"""Split, merge, process, collect: quantities taken and new lots made in one transaction (R23)."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from services.registry.actions import holding
from services.registry.actions.making import Wanted, enter_outputs, made_of
from services.registry.actions.rights import author, require_for
from services.registry.domain.holding import NotHeld
from services.registry.domain.records import Aggregate, Record
from services.registry.domain.transformation import Given, Transformation
from services.registry.store import records, trace_events, transformations
from shared import audit
from shared import once as kept
from shared.auth import Principal, require
from shared.errors import Kind as Sort
from shared.errors import Refusal
from shared.mongo import Database, Tx, transact
from shared.once import Once
from shared.turns import turn

ACT: Final = "lot.enter"


class OutputPublished(Refusal):
    code = "output_published"
    message = (
        "Lô {lot} làm ra đã được công bố, nên không hủy được lần này. "
        "Nếu có sai sót, hãy thu hồi hoặc liên hệ cơ quan quản lý."
    )


class AlreadyCancelled(Refusal):
    code = "already_cancelled"
    message = "Lần này đã bị hủy trước đó. Hãy tải lại trang."


class CancelReasonMissing(Refusal):
    code = "reason_missing"
    kind = Sort.INVALID
    message = "Hãy nêu lý do hủy."


async def note_export(who: Principal, *, db: Database) -> None:
    """Who took the book of transformations is recorded before the first byte leaves."""
    require(who, "lot.read")

    async def work(tx: Tx) -> None:
        await audit.accepted(tx, who, "lot.transformation.export", who.facility_id or who.unit_id)

    await transact(db, work)


async def transform(
    wanted: Wanted,
    *,
    who: Principal,
    now: datetime,
    db: Database,
    once: Once | None = None,
) -> Transformation:
    """Take what goes in, make drafts of what comes out; all of it or nothing, once per key."""

    async def work(tx: Tx) -> Transformation:
        before = await kept.answered(tx, once)
        if before is not None:
            return await transformations.get(tx, before["id"])
        facility = await records.get(tx, Aggregate.FACILITY, wanted.facility_id)
        require_for(who, ACT, facility)
        facility.owner.must_operate()
        sources = await _sources(tx, wanted, facility)
        one = await made_of(tx, wanted, facility, sources, who, now)
        one.checked(now)
        for index, given in enumerate(one.given):
            if given.lot_id:
                await _take(tx, sources[given.lot_id], given, index)
        await enter_outputs(tx, one, facility, sources, who, now)
        await transformations.insert(tx, one)
        await trace_events.follow_transformation(tx, one, facility.owner)
        await kept.keep(tx, once, {"id": one.id}, now)
        await audit.accepted(
            tx,
            who,
            f"lot.{one.kind}",
            one.id,
            one.explanation,
            given=len(one.given),
            made=len(one.made),
        )
        return one

    async with (
        audit.attempt(db, who, f"lot.{wanted.kind}", wanted.facility_id),
        turn(db.name, f"facility {wanted.facility_id}"),
    ):
        return await transact(db, work)


async def cancel(
    transformation_id: str, *, reason: str, who: Principal, now: datetime, db: Database
) -> Transformation:
    """Undo an act none of whose lots is published: what it used is there again."""

    async def work(tx: Tx) -> Transformation:
        one = await transformations.get(tx, transformation_id)
        facility = await records.get(tx, Aggregate.FACILITY, one.facility_id)
        require_for(who, ACT, facility)
        if one.cancelled:
            raise AlreadyCancelled()
        if not reason:
            raise CancelReasonMissing("reason")
        made = await records.find_many(tx, Aggregate.LOT, tuple(m.lot_id for m in one.made))
        for lot in made.values():
            if lot.published is not None:
                raise OutputPublished(lot=lot.code)
            # Written, so that a publication at the same moment conflicts with this.
            touched = replace(lot, version=lot.version + 1, updated_at=now, reason=reason)
            await records.put(tx, lot, touched, act="edited", by=author(who), reason=reason)
        inputs = await records.find_many(tx, Aggregate.LOT, one.lots_given)
        for given in one.given:
            if given.lot_id and given.denied is None:
                lot = inputs[given.lot_id]
                await holding.give_back(tx, lot, given.holder, given.quantity, given.unit)
        after = replace(one, cancelled=reason)
        await transformations.replace(tx, after)
        await trace_events.follow_transformation(tx, after, facility.owner)
        await audit.accepted(tx, who, f"lot.{one.kind}.cancel", one.id, reason)
        return after

    async with audit.attempt(db, who, "lot.transformation.cancel", transformation_id):
        return await transact(db, work)


async def _sources(tx: Tx, wanted: Wanted, facility: Record[Any]) -> dict[str, Record[Any]]:
    """The lots that go in, by id; raises where one is not published or is being recalled."""
    found = {}
    for index, source in enumerate(wanted.given):
        if source.lot:
            field = f"given.{index}.lot"
            name = source.lot
            lot = await holding.named(tx, name, field, own=facility.owner.code)
            await holding.check_usable(tx, lot, field)
            found[lot.id] = found[name] = lot
    return found


async def _take(tx: Tx, lot: Record[Any], given: Given, index: int) -> None:
    field = f"given.{index}.quantity"
    try:
        await holding.take(tx, lot, given.holder, given.quantity, given.unit, field)
    except NotHeld:
        raise NotHeld(f"given.{index}.lot", lot=lot.code) from None
