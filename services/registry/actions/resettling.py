"""Records follow when communes are merged: what lies there lies in the commune of today (R1).

A pass in the background, a record a transaction: facilities and growing areas get the commune of
today in draft and published content under a new version, what belongs to a facility follows it, and
passports are told anew. What a record was before stays in its history. Whoever reads by area sees
it before, meanwhile and after, for the unit that took over answers for both communes.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from services.registry.domain.communes import commune_name, commune_of_today, heed, heeded
from services.registry.domain.communes import communes as communes_by_code
from services.registry.domain.facility import owned
from services.registry.domain.records import Aggregate, Author, Record
from services.registry.domain.scoring import Pass
from services.registry.passports import facility_passport, growing_area_passport
from services.registry.store import communes, records, scoring
from shared.errors import EditConflict
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

PLACED: Final = (Aggregate.FACILITY, Aggregate.GROWING_AREA)
NAMES: Final = "commune_names"
STEP: Final = "resettled"
# Nobody's own act: it follows from the merging of the units, which is recorded.
BY_RULE: Final = Author("", "Sáp nhập đơn vị hành chính", "", "")


async def look(db: Database) -> bool:
    """Hear what was merged; whether it is other than this process knew."""
    present = await communes.present(db)
    if present == heeded():
        return False
    heed(present)
    return True


async def move(db: Database, now: datetime) -> int:
    """Move whatever lies in a commune that is no more; how many records were moved."""
    gone = heeded().into
    if not gone:
        return 0
    moved = 0
    for aggregate in PLACED:
        after = ""
        while found := await communes.lying_in(db, aggregate, gone, after):
            moved += sum([await resettle(db, aggregate, one, now=now) for one in found])
            after = found[-1]
    return moved + await communes.move_the_rest(db, gone)


async def resettle(
    db: Database, aggregate: Aggregate, record_id: str, *, now: datetime, anew: bool = False
) -> bool:
    """One record to its commune of today; `anew`: told again though it lies there already."""

    async def work(tx: Tx) -> bool:
        before = await records.get(tx, aggregate, record_id)
        moved = _moved(before, now)
        if moved is None and not (anew and before.published is not None):
            return False
        after = moved or replace(before, version=before.version + 1, updated_at=now)
        if aggregate is Aggregate.FACILITY:
            after = owned(after)
        await records.put(tx, before, after, act=STEP, by=BY_RULE)
        if aggregate is Aggregate.FACILITY:
            await records.follow_owner(tx, after.owner)
        if after.published is not None:
            passport = (
                facility_passport(after)
                if aggregate is Aggregate.FACILITY
                else growing_area_passport(after)
            )
            await outbox.append(tx, passport)
        return True

    try:
        return await transact(db, work)
    except EditConflict:
        # Somebody saved it in between, or another process moved it: the next look finds out.
        return False


def _moved(record: Record[Any], now: datetime) -> Record[Any] | None:
    contents = {"draft": record.draft, "published": record.published}
    changed: Mapping[str, Any] = {
        name: replace(it, commune=commune_of_today(it.commune))
        for name, it in contents.items()
        if it is not None and commune_of_today(it.commune) != it.commune
    }
    if not changed:
        return None
    return replace(record, version=record.version + 1, updated_at=now, **changed)


async def tell_names(db: Database, *, by: str, now: datetime, size: int = 25) -> Pass | None:
    """One chunk of telling anew what lies in communes that got another name; None if it is done.

    Before `move`: what is moved is told by that name at once.
    """
    names = {
        code: commune_name(code)
        for code in heeded().names
        if commune_name(code) != communes_by_code()[code].name
    }
    if not names and await scoring.present(db, NAMES) is None:
        return None
    basis = " ".join(f"{code}={name}" for code, name in sorted(names.items()))
    held = await scoring.claim(db, basis, by=by, now=now, name=NAMES)
    if held is None:
        return None
    found: list[str] = []
    if held.aggregate in PLACED:
        found = await communes.lying_in(db, held.aggregate, heeded().names, held.after, size)
    told = [await resettle(db, held.aggregate, one, now=now, anew=True) for one in found]
    last = found[-1] if len(found) == size else ""
    after = held.advanced(last=last, seen=len(found), changed=sum(told), now=now)
    return after if await scoring.keep(db, held, after, NAMES) else None
