"""Applying an import: each chunk of rows is one transaction, and no row is written twice."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from services.registry.actions import facilities, growing_areas, products
from services.registry.actions.imports import applying_known, applying_lots
from services.registry.actions.rights import RIGHTS, author, require_for
from services.registry.domain.codes import AREA_PREFIX, FACILITY_PREFIX, PRODUCT_PREFIX
from services.registry.domain.facility import owned
from services.registry.domain.imports import (
    ChangedMeanwhile,
    EnteredMeanwhile,
    Import,
    Listed,
    Outcome,
)
from services.registry.domain.likeness import exact_key
from services.registry.domain.records import Aggregate, Owner, Record, State, entered
from services.registry.sheets.contents import remark
from services.registry.store import bulk, imports, records
from services.registry.store.bulk import Written
from services.registry.store.codec import content_from
from services.registry.store.imports import Row
from shared import audit
from shared.crashpoints import crash_point
from shared.days import local_day
from shared.errors import EditConflict, Refusal
from shared.ids import new_id
from shared.mongo import Database, Document, Tx, transact

PREFIXES: Final = {
    Aggregate.FACILITY: FACILITY_PREFIX,
    Aggregate.PRODUCT: PRODUCT_PREFIX,
    Aggregate.GROWING_AREA: AREA_PREFIX,
}
READY: Final = {
    Aggregate.FACILITY: facilities.ready,
    Aggregate.PRODUCT: products.ready,
    Aggregate.GROWING_AREA: growing_areas.ready,
}


async def apply_chunk(db: Database, one: Import, numbers: Sequence[int], now: datetime) -> None:
    """Write the rows that are not written yet, each as if it had been typed and submitted."""
    if one.kind is Aggregate.LOT:
        await applying_lots.apply_each(db, one, numbers, now)
        return
    if one.kind is Listed.KNOWN:
        await applying_known.apply_chunk(db, one, numbers, now)
        return

    async def work(tx: Tx) -> None:
        # Imports follow one another here: the second sees what the first has entered.
        await records.lock(tx, f"import/{one.aggregate}")
        wanted: Document = {**imports.TO_WRITE, "number": {"$in": list(numbers)}}
        rows = await imports.rows_after(tx, one.id, -1, len(numbers), wanted)
        if not rows:
            return
        chunk = _Chunk(tx, one, now)
        await chunk.read(rows)
        for row in rows:
            await chunk.take(row)
        await chunk.write()
        crash_point("import.applying")

    await transact(db, work)


class _Chunk:
    """The rows of one transaction: what exists is read at once, and all is written at once."""

    def __init__(self, tx: Tx, one: Import, now: datetime) -> None:
        self._tx, self._one, self._now = tx, one, now
        self._who, self._by = one.actor, author(one.actor)
        self._existing: dict[str, Record[Any]] = {}
        self._owners: dict[str, Record[Any]] = {}
        self._taken: dict[tuple[str, str], str] = {}
        self._codes: list[str] = []
        self._written: list[Written] = []
        self._told: list[tuple[int, Document]] = []

    async def read(self, rows: Sequence[Row]) -> None:
        kind = self._one.aggregate
        ids = tuple(row.record_id for row in rows if row.record_id)
        self._existing = await records.find_many(self._tx, kind, ids)
        fresh = [row.content for row in rows if row.content and not row.record_id]
        if kind is not Aggregate.FACILITY:
            owners = {c["facility_id"] for row in rows if (c := row.content)}
            self._owners = await records.find_many(self._tx, Aggregate.FACILITY, tuple(owners))
        self._codes = await bulk.free_codes(self._tx, kind, PREFIXES[kind], len(fresh))
        for record in await bulk.named(self._tx, kind, (c["name"] for c in fresh)):
            self._taken[_place(kind, record.content)] = record.code

    async def take(self, row: Row) -> None:
        """One row; a refusal concerns it alone and is told beside it."""
        try:
            content = content_from(self._one.aggregate, row.content or {})
            written = await (self._edited if row.record_id else self._entered)(row, content)
        except Refusal as refusal:
            changed = isinstance(refusal, ChangedMeanwhile | EnteredMeanwhile | EditConflict)
            outcome = Outcome.CONFLICT if changed else Outcome.REFUSED
            said = remark("", refusal.code, refusal.message, **refusal.params)
            body = {"column": "", "code": said.code, "text": dict(said.text)}
            self._told.append((row.number, {"outcome": outcome.value, "refusal": body}))
            return
        if written is None:
            self._told.append((row.number, {"outcome": Outcome.UNCHANGED.value}))
            return
        self._written.append(written)
        outcome = Outcome.EDITED if row.record_id else Outcome.ENTERED
        self._told.append((row.number, {"outcome": outcome.value, "record_id": written.record.id}))
        await audit.accepted(
            self._tx,
            self._who,
            RIGHTS[self._one.aggregate].enter,
            written.record.id,
            import_id=self._one.id,
            submitted=written.record.state is State.SUBMITTED,
            version=written.record.version,
        )

    async def _entered(self, row: Row, content: Any) -> Written:
        kind = self._one.aggregate
        place = _place(kind, content)
        if place in self._taken:
            raise EnteredMeanwhile(code=self._taken[place])
        record_id = new_id()
        record = entered(
            kind,
            content,
            record_id=record_id,
            code=self._codes.pop(),
            owner=self._owner(record_id, content),
            by=self._by,
            now=self._now,
        )
        require_for(self._who, RIGHTS[kind].enter, record)
        if kind is Aggregate.FACILITY:
            record = owned(record)
        submitted = await self._submitted(record)
        self._taken[place] = record.code
        return Written(((record, "entered"), (submitted, "submitted")))

    async def _edited(self, row: Row, content: Any) -> Written | None:
        kind = self._one.aggregate
        before = self._existing.get(row.record_id)
        if before is None:
            raise ChangedMeanwhile()
        require_for(self._who, RIGHTS[kind].enter, before)
        if before.content == content:
            return None
        if before.version != row.record_version:
            raise ChangedMeanwhile()
        after = before.edit(content, version=before.version, by=self._by, now=self._now)
        if kind is Aggregate.FACILITY:
            after = owned(after)
            require_for(self._who, RIGHTS[kind].enter, after)
        if after.state is not State.DRAFT:
            return Written(((after, "edited"),), before.version)
        submitted = await self._submitted(after)
        return Written(((after, "edited"), (submitted, "submitted")), before.version)

    async def _submitted(self, record: Record[Any]) -> Record[Any]:
        """Under the rules that hold for what is typed: what is not ready is refused."""
        after = record.submit(version=record.version, by=self._by, now=self._now)
        await READY[self._one.aggregate](self._tx, after, self._now)
        return after

    def _owner(self, record_id: str, content: Any) -> Owner:
        if self._one.aggregate is Aggregate.FACILITY:
            checked = content.checked(local_day(self._now))
            return Owner(record_id, checked.name, "", checked.commune, checked.sector)
        return self._owners[content.facility_id].owner

    async def write(self) -> None:
        await bulk.write_all(self._tx, self._one.aggregate, self._written, by=self._by)
        await imports.write_rows(self._tx, self._one.id, self._told)


def _place(kind: Aggregate, content: Any) -> tuple[str, str]:
    """What no two records of an import may share: name and address, or name and facility."""
    if kind is Aggregate.FACILITY:
        return content.commune, exact_key(content.name, content.address)
    return content.facility_id, exact_key(content.name)
