"""Tells the lots made from a lot what its failed result means for them, and takes decisions.

Working it out is a job of its own (`spreader.py`), in transactions of a few lots each, which may be
begun anew at any point. A lot that is published later looks upwards by itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from services.registry.actions import testing
from services.registry.actions.rights import author, require_for
from services.registry.domain.examining import Examination, Standing, opened
from services.registry.domain.records import Aggregate, Author, Record
from services.registry.domain.testing import TestResult
from services.registry.store import examinations, genealogy, records
from services.registry.store import testing as results
from services.registry.store.examinations import Spread
from shared import audit
from shared.auth import Principal
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

AT_ONCE: Final = 25


async def tell_all(db: Database, spread: Spread, now: datetime) -> None:
    """Bring every descendant of the result's lot to what the result means by now."""
    result = await results.get(db, spread.result_id)
    known = await examinations.of_result(db, result.id)
    below = {one.id for one in await genealogy.downstream(db, result.lot_id)}
    made_of = {one.id for one in await genealogy.downstream(db, result.lot_id, supplies=False)}
    if not result.stands_in_the_way:
        below = set()
    due = sorted(
        {lot for lot, one in known.items() if one.following(result, now) is not one}
        | (below - set(known))
    )
    for start in range(0, len(due), AT_ONCE):
        part = due[start : start + AT_ONCE]

        async def work(tx: Tx, part: Sequence[str] = part) -> None:
            # Read anew: what is decided meanwhile conflicts, and this is run again.
            current = await results.get(tx, result.id)
            await _tell(tx, current, part, made_of, now)

        await transact(db, work)


async def _tell(
    tx: Tx, result: TestResult, lots: Sequence[str], made_of: set[str], now: datetime
) -> None:
    known = await examinations.of_result(tx, result.id, lots)
    found = await records.find_many(tx, Aggregate.LOT, (*lots, result.lot_id))
    source = found[result.lot_id]
    for lot_id in lots:
        lot = found.get(lot_id)
        if lot is None or lot.published is None:
            continue
        before = known.get(lot_id)
        if before is not None:
            after = before.following(result, now)
            if after is not before:
                await examinations.put(tx, before, after)
        elif result.stands_in_the_way:
            after = _opened(lot, result, source, made_from_it=lot_id in made_of, now=now)
            await examinations.insert(tx, after)
        else:
            continue
        if after.holds_back != (before is not None and before.holds_back):
            by = result.decided_by or result.by
            await _tell_lot(tx, lot, by=by, reason=_about(after), now=now)


def _opened(
    lot: Record[Any], result: TestResult, source: Record[Any], *, made_from_it: bool, now: datetime
) -> Examination:
    name = f"{source.owner.code}/{source.code}"
    return opened(lot.id, lot.code, lot.owner, result, name, made_from_it=made_from_it, now=now)


def _about(one: Examination) -> str:
    return f"{one.source}: {one.parameter}"


async def _tell_lot(tx: Tx, lot: Record[Any], *, by: Author, reason: str, now: datetime) -> None:
    """Its passport anew, with its stamps suspended or free again."""
    shown = replace(lot, version=lot.version + 1, updated_at=now)
    await records.put(tx, lot, shown, act="tested", by=by, reason=reason)
    await outbox.append(tx, await testing.passport(tx, shown))


async def at_publication(tx: Tx, lot: Record[Any], now: datetime) -> None:
    """Failed results of what a lot came from stand at its publication too."""
    failed = await results.standing_failures(tx)
    if not failed or not (lot.shown.inputs or lot.shown.supplies):
        return
    came_from = (*lot.shown.inputs, *lot.shown.supplies)
    above = {*came_from, *(one.id for one in await genealogy.upstream(tx, came_from))}
    within = await genealogy.upstream(tx, lot.shown.inputs, supplies=False)
    made_of = {*lot.shown.inputs, *(one.id for one in within)}
    for lot_id in sorted(above & set(failed)):
        source = await records.get(tx, Aggregate.LOT, lot_id)
        for result in await results.of_lot(tx, lot_id):
            if not result.stands_in_the_way:
                continue
            known = await examinations.of_result(tx, result.id, [lot.id])
            if not known:
                one = _opened(lot, result, source, made_from_it=lot_id in made_of, now=now)
                await examinations.insert(tx, one)


async def decide(
    examination_id: str,
    standing: Standing,
    *,
    reason: str,
    who: Principal,
    now: datetime,
    db: Database,
) -> Examination:
    """An official's word on one lot: it may go, or it is unfit too."""

    async def work(tx: Tx) -> Examination:
        before = await examinations.get(tx, examination_id)
        lot = await records.get(tx, Aggregate.LOT, before.lot_id)
        require_for(who, "lot.check", lot)
        after = before.decide(standing, by=author(who), reason=reason, now=now)
        await examinations.put(tx, before, after)
        if lot.published is not None:
            await _tell_lot(tx, lot, by=author(who), reason=reason, now=now)
        await audit.accepted(tx, who, f"lot.examination.{standing}", lot.id, reason)
        return after

    async with audit.attempt(db, who, "lot.examination.decide", examination_id):
        return await transact(db, work)
