"""Applying an import of lots: a transaction a row, for each takes from what its facility holds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.registry.actions import lots
from services.registry.actions.rights import author, require_for
from services.registry.domain.imports import ChangedMeanwhile, EnteredMeanwhile, Import, Outcome
from services.registry.domain.lot import LotCodeTaken
from services.registry.domain.records import Aggregate, Record, State
from services.registry.sheets.contents import remark
from services.registry.store import imports, records
from services.registry.store.codec import content_from, plain
from services.registry.store.imports import Row
from shared import audit
from shared.crashpoints import crash_point
from shared.errors import EditConflict, Refusal
from shared.ids import new_id
from shared.mongo import Database, Document, Tx, transact

ENTER = "lot.enter"


async def apply_each(db: Database, one: Import, numbers: Sequence[int], now: datetime) -> None:
    """Write the rows that are not written yet; a refusal concerns its row alone."""
    for number in numbers:

        async def work(tx: Tx, number: int = number) -> None:
            wanted: Document = {**imports.TO_WRITE, "number": number}
            for row in await imports.rows_after(tx, one.id, -1, 1, wanted):
                told = await _applied(tx, one, row, now)
                await imports.write_rows(tx, one.id, [(number, told)])

        try:
            await transact(db, work)
        except Refusal as refusal:
            await _refuse(db, one, number, refusal)
        crash_point("import.applying")


async def _refuse(db: Database, one: Import, number: int, refusal: Refusal) -> None:
    changed = isinstance(refusal, ChangedMeanwhile | EnteredMeanwhile | EditConflict)
    said = remark("", refusal.code, refusal.message, **refusal.params)
    told = {
        "outcome": (Outcome.CONFLICT if changed else Outcome.REFUSED).value,
        "refusal": {"column": "", "code": said.code, "text": dict(said.text)},
    }

    async def work(tx: Tx) -> None:
        await imports.write_rows(tx, one.id, [(number, told)])

    await transact(db, work)


async def _applied(tx: Tx, one: Import, row: Row, now: datetime) -> Document:
    content: Any = content_from(Aggregate.LOT, row.content or {})
    who, by = one.actor, author(one.actor)
    if row.record_id:
        before = await records.find(tx, Aggregate.LOT, row.record_id)
        if before is None or before.version != row.record_version:
            raise ChangedMeanwhile()
        require_for(who, ENTER, before)
        wanted = await lots.settled(tx, before, content)
        wanted = await lots.changed(tx, before, wanted, now)
        record = before.edit(wanted, version=before.version, by=by, now=now)
        await records.put(tx, before, record, act="edited", by=by)
        outcome = Outcome.EDITED
    else:
        record = await lots.made(tx, content, record_id=new_id(), who=who, now=now)
        try:
            await records.insert(tx, record, by=by)
        except LotCodeTaken:
            raise EnteredMeanwhile(code=record.code) from None
        outcome = Outcome.ENTERED
    record = await _submitted(tx, record, one, now)
    await audit.accepted(
        tx,
        who,
        ENTER,
        record.id,
        import_id=one.id,
        submitted=record.state is State.SUBMITTED,
        version=record.version,
    )
    # As it was really kept: whoever decides on the import compares with this.
    return {
        "outcome": outcome.value,
        "record_id": record.id,
        "content": plain(record.content),
    }


async def _submitted(tx: Tx, record: Record[Any], one: Import, now: datetime) -> Record[Any]:
    """Handed in like what is typed; without any diary it stays a draft for its facility."""
    if record.state is not State.DRAFT:
        return record
    if not record.content.entries and not record.content.area_entries:
        return record
    by = author(one.actor)
    after = record.submit(version=record.version, by=by, now=now)
    await lots.ready(tx, after, now)
    await records.put(tx, record, after, act="submitted", by=by)
    return after
