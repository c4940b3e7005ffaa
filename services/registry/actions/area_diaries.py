"""The diary of a growing area: an entry for all of it is written, changed, taken out (R21)."""

from collections.abc import Callable
from datetime import datetime

from services.registry.actions.rights import author, require_for
from services.registry.domain.area_diary import AreaDiary
from services.registry.domain.diary import Entry
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.product import FacilityIsStopped
from services.registry.domain.records import Aggregate
from services.registry.store import area_diaries, records
from shared import audit
from shared.auth import Principal
from shared.mongo import Database, Tx, transact

# What an act makes of the diary and the area, and the entry that it is about.
Change = Callable[[AreaDiary, GrowingArea], tuple[AreaDiary, Entry]]


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

    def change(diary: AreaDiary, area: GrowingArea) -> tuple[AreaDiary, Entry]:
        return diary.with_entry(entry, area, version=version, now=now), entry

    return await _change(area_id, "area_diary.write", change, who=who, now=now, db=db)


async def take_out(
    area_id: str, entry_id: str, *, version: int, who: Principal, now: datetime, db: Database
) -> AreaDiary:
    """Take an entry out; what it said stays in the diary's history."""

    def change(diary: AreaDiary, _: GrowingArea) -> tuple[AreaDiary, Entry]:
        after = diary.without_entry(entry_id, version=version)
        return after, next(one for one in diary.entries if one.id == entry_id)

    return await _change(area_id, "area_diary.remove", change, who=who, now=now, db=db)


async def _change(
    area_id: str, act: str, change: Change, *, who: Principal, now: datetime, db: Database
) -> AreaDiary:
    async def work(tx: Tx) -> AreaDiary:
        area = await records.get(tx, Aggregate.GROWING_AREA, area_id)
        require_for(who, "lot.enter", area)
        if not area.owner.active:
            raise FacilityIsStopped()
        before = await area_diaries.get(tx, area_id)
        after, entry = change(before, area.published or area.content)
        if after is before:
            return before
        word = act.partition(".")[2]
        await area_diaries.put(tx, before, after, act=word, entry=entry, by=author(who), at=now)
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
