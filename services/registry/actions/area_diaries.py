"""The diary of a growing area: an entry for all of it is written, changed, taken out (R21)."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from services.registry.actions import supplying
from services.registry.actions.rights import author, require_for
from services.registry.domain.area_diary import AreaDiary
from services.registry.domain.diary import Entry
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.records import Aggregate, Record
from services.registry.store import area_diaries, records, trace_events
from shared import audit
from shared.auth import Principal
from shared.mongo import Database, Tx, transact

# What an act makes of the diary of an area, and the entry that it is about.
Change = Callable[[Tx, AreaDiary, Record[GrowingArea]], Awaitable[tuple[AreaDiary, Entry]]]


async def write(
    area_id: str,
    entry: Entry,
    *,
    version: int | None,
    who: Principal,
    now: datetime,
    db: Database,
) -> AreaDiary:
    """One entry for the whole area; sent again with the same id it changes nothing."""

    async def change(
        tx: Tx, diary: AreaDiary, area: Record[GrowingArea]
    ) -> tuple[AreaDiary, Entry]:
        sent = await supplying.named(tx, entry, area.owner)
        shown = area.published or area.content
        return diary.with_entry(sent, shown, version=version, now=now), sent

    return await _change(area_id, "area_diary.write", change, who=who, now=now, db=db)


async def take_out(
    area_id: str, entry_id: str, *, version: int, who: Principal, now: datetime, db: Database
) -> AreaDiary:
    """Take an entry out; what it said stays in the diary's history."""

    async def change(_: Tx, diary: AreaDiary, area: Record[GrowingArea]) -> tuple[AreaDiary, Entry]:
        after = diary.without_entry(entry_id, version=version)
        return after, next(one for one in diary.entries if one.id == entry_id)

    return await _change(area_id, "area_diary.remove", change, who=who, now=now, db=db)


async def _change(
    area_id: str, act: str, change: Change, *, who: Principal, now: datetime, db: Database
) -> AreaDiary:
    async def work(tx: Tx) -> AreaDiary:
        area = await records.get(tx, Aggregate.GROWING_AREA, area_id)
        require_for(who, "lot.enter", area)
        area.owner.must_operate()
        before = await area_diaries.get(tx, area_id)
        after, entry = await change(tx, before, area)
        if after is before:
            return before
        settled = await supplying.settle(tx, area.owner, before.entries, after.entries)
        after = replace(after, entries=settled)
        word = act.partition(".")[2]
        await area_diaries.put(tx, before, after, act=word, entry=entry, by=author(who), at=now)
        await trace_events.follow_area(tx, area, entry, gone=word == "remove")
        await audit.accepted(
            tx,
            who,
            act,
            area_id,
            version=after.version,
            entry=entry.id,
            on_behalf=not who.facility_id,
        )
        return after

    async with audit.attempt(db, who, act, area_id):
        return await transact(db, work)
