"""Records follow when communes are merged: what lies there lies in the commune of today (R1).

A pass in the background, a record a transaction: facilities and growing areas get the commune of
today in draft and published content under a new version, what belongs to a facility follows it, and
passports are told anew; so are known facilities and inspections. What a record was before stays in
its history. Whoever reads by area sees it before, meanwhile and after, for the unit that took over
answers for both communes.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

import structlog

from services.registry.actions.inspections_told import told
from services.registry.domain.communes import commune_of_today, heed, heeded
from services.registry.domain.facility import owned
from services.registry.domain.records import Aggregate, Author, Record
from services.registry.passports import facility_passport, growing_area_passport
from services.registry.store import communes, inspections, known, records
from shared.errors import EditConflict, NotFound
from shared.messaging import outbox
from shared.mongo import Database, Tx, is_outage, transact
from shared.web.i18n import N_

log = structlog.get_logger()
STEP: Final = "resettled"
# Nobody's own act: it follows from the merging of the units, which is recorded.
BY_RULE: Final = Author("", N_("Sáp nhập đơn vị hành chính"), "", "")
Step = Callable[[Tx, str, datetime], Awaitable[bool]]


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
    moved = await communes.move_the_rest(db, gone)
    for name, step in STEPS.items():
        after = ""
        while found := await communes.lying_in(db, name, gone, after):
            moved += sum([await alone(db, step, one, now) for one in found])
            after = found[-1]
    return moved


async def alone(db: Database, step: Step, record_id: str, now: datetime) -> bool:
    """One record in a transaction of its own. If it cannot follow, the log says so, and it keeps
    no other one from following."""
    try:
        return await transact(db, lambda tx: step(tx, record_id, now))
    except (EditConflict, NotFound):
        # Somebody saved it in between, or another process moved it: the next look finds out.
        return False
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("a record could not follow the merging of communes", record=record_id)
        return False


async def resettle(
    aggregate: Aggregate, tx: Tx, record_id: str, now: datetime, *, anew: bool = False
) -> bool:
    """One record to its commune of today; `anew`: told again though it lies there already."""
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


async def _resettle_known(tx: Tx, known_id: str, now: datetime) -> bool:
    before = await known.get(tx, known_id)
    present = commune_of_today(before.it.commune)
    if present == before.it.commune:
        return False
    after = before.resettled(present, now=now)
    await known.put(tx, before, after)
    await outbox.append(tx, after.told())
    return True


async def _resettle_inspection(tx: Tx, inspection_id: str, now: datetime) -> bool:
    before = await inspections.get(tx, inspection_id)
    present = commune_of_today(before.commune)
    if present == before.commune:
        return False
    after = before.resettled(present)
    await inspections.put(tx, before, after)
    await outbox.append(tx, told(after, now))
    return True


STEPS: Final[Mapping[str, Step]] = {
    communes.FACILITIES: partial(resettle, Aggregate.FACILITY),
    communes.AREAS: partial(resettle, Aggregate.GROWING_AREA),
    known.KNOWN: _resettle_known,
    inspections.INSPECTIONS: _resettle_inspection,
}
