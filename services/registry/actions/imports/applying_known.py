"""Applying a list of facilities that do not take part (yet): each chunk is one transaction."""

from collections.abc import Sequence
from datetime import datetime

from services.registry.domain.imports import ChangedMeanwhile, Import, Outcome
from services.registry.domain.known import (
    Known,
    KnownEnteredMeanwhile,
    KnownStatus,
    Particulars,
    TaxNumberKnown,
)
from services.registry.domain.likeness import exact_key
from services.registry.sheets.contents import remark
from services.registry.store import imports, known, records
from services.registry.store.imports import Row
from shared import audit
from shared.auth import Scope, require
from shared.crashpoints import crash_point
from shared.days import local_day
from shared.errors import EditConflict, Refusal
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Document, Tx, transact

ENTER = "known_facility.enter"


async def apply_chunk(db: Database, one: Import, numbers: Sequence[int], now: datetime) -> None:
    """Write the rows that are not written yet, each as if it had been typed."""

    async def work(tx: Tx) -> None:
        # Imports follow one another here: the second sees what the first has entered.
        await records.lock(tx, "import/known")
        wanted: Document = {**imports.TO_WRITE, "number": {"$in": list(numbers)}}
        rows = await imports.rows_after(tx, one.id, -1, len(numbers), wanted)
        if rows:
            await _Chunk(tx, one, now).write(rows)
            crash_point("import.applying")

    await transact(db, work)


class _Chunk:
    """The rows of one transaction: what exists is read at once, and all is written at once."""

    def __init__(self, tx: Tx, one: Import, now: datetime) -> None:
        self._tx, self._one, self._who, self._now = tx, one, one.actor, now
        self._existing: dict[str, Known] = {}
        self._holders: dict[str, str] = {}
        self._places: set[tuple[str, str]] = set()
        self._fresh: list[Known] = []
        self._told: list[tuple[int, Document]] = []

    async def write(self, rows: Sequence[Row]) -> None:
        contents = {row.number: known.particulars(row.content or {}) for row in rows}
        numbers = [it.tax_number for it in contents.values() if it.tax_number]
        ids = [row.record_id for row in rows if row.record_id]
        self._existing = await known.find_many(self._tx, ids)
        self._holders = await known.holders(self._tx, numbers, ids)
        self._places = await known.places(self._tx, [it.name for it in contents.values()])
        for row in rows:
            await self._take(row, contents[row.number])
        await known.insert_many(self._tx, self._fresh)
        await outbox.append(self._tx, *(one.told() for one in self._fresh))
        await imports.write_rows(self._tx, self._one.id, self._told)

    async def _take(self, row: Row, it: Particulars) -> None:
        """One row; a refusal concerns it alone and is told beside it."""
        try:
            it = it.checked(local_day(self._now))
            require(self._who, ENTER, Scope(None, it.commune, it.sector))
            written = await (self._edited(row, it) if row.record_id else self._entered(it))
        except Refusal as refusal:
            changed = isinstance(refusal, ChangedMeanwhile | KnownEnteredMeanwhile | EditConflict)
            outcome = Outcome.CONFLICT if changed else Outcome.REFUSED
            said = remark("", refusal.code, refusal.message, **refusal.params)
            body = {"column": "", "code": said.code, "text": dict(said.text)}
            self._told.append((row.number, {"outcome": outcome.value, "refusal": body}))
            return
        outcome = Outcome.EDITED if row.record_id else Outcome.ENTERED
        self._told.append((row.number, {"outcome": outcome.value, "record_id": written.id}))
        await audit.accepted(self._tx, self._who, ENTER, written.id, import_id=self._one.id)

    async def _entered(self, it: Particulars) -> Known:
        place = (it.commune, exact_key(it.name, it.address))
        if place in self._places:
            raise KnownEnteredMeanwhile(name=it.name)
        self._claim(it, "")
        self._places.add(place)
        one = Known(new_id(), it, KnownStatus.KNOWN, 1, self._who.name, self._now, self._now)
        self._fresh.append(one)
        return one

    async def _edited(self, row: Row, it: Particulars) -> Known:
        before = self._existing.get(row.record_id)
        if before is None or before.version != row.record_version:
            raise ChangedMeanwhile()
        require(self._who, ENTER, before.scope())
        after = before.edit(it, version=before.version, now=self._now)
        self._claim(it, before.it.tax_number)
        if after is not before:
            await known.put(self._tx, before, after)
            await outbox.append(self._tx, after.told())
        return after

    def _claim(self, it: Particulars, before: str) -> None:
        """A tax number that nobody else has; raises TaxNumberKnown."""
        if not it.tax_number or it.tax_number == before:
            return
        if it.tax_number in self._holders:
            raise TaxNumberKnown("tax_number", name=self._holders[it.tax_number])
        self._holders[it.tax_number] = it.name
