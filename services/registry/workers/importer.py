"""The import worker: reads files, judges rows, applies them, decides on them, chunk by chunk.

A worker that dies leaves a lease that runs out; the next one goes on where the rows say it stopped.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import structlog

from services.registry.actions import deciding
from services.registry.actions.imports.applying import apply_chunk
from services.registry.actions.imports.judges import judge_of
from services.registry.domain.imports import Import, Stage
from services.registry.domain.words import fold
from services.registry.sheets.beside import Beside, keys_of, rows_column
from services.registry.sheets.column import LONG, Column
from services.registry.sheets.columns import COLUMNS, column_of
from services.registry.store import import_files, imports
from services.registry.store.imports import Row
from shared.crashpoints import crash_point
from shared.days import local_day
from shared.errors import Forbidden, Refusal
from shared.ids import now
from shared.mongo import Database, Document, is_outage
from shared.sheets import reader
from shared.sheets.limits import (
    MAX_CELL,
    MAX_ROWS,
    ColumnsMissing,
    ColumnTwice,
    FileEmpty,
    TooManyRows,
)
from shared.web.i18n import N_, catalogues, speak

log = structlog.get_logger()
LOOK_SECONDS: Final = 0.5
LEASE: Final = timedelta(seconds=20)
READ_AT_ONCE, JUDGED_AT_ONCE, APPLIED_AT_ONCE, DECIDED_AT_ONCE = 500, 200, 100, 20
# Characters of rows that are kept at once: boundaries may be long.
LENGTH_AT_ONCE: Final = 4_000_000
HEADER_WITHIN = 20
EXAMPLE = "vi du"
FORMULA = N_("Ô công thức: chỉ lấy giá trị đang hiện (cột {columns}).")
LEFT = N_(
    "Trang {sheet}: không có dòng nào của trang Dữ liệu mang mã hoặc tên này. Hãy ghi mã cơ sở và "
    "tên đúng như ở trang Dữ liệu."
)
MERGED = N_("Ô gộp: lấy giá trị của cả ô gộp (cột {columns}).")


async def work_off(db: Database, lease: timedelta = LEASE) -> None:
    """Do one import after another until cancelled."""
    speak("vi", catalogues("registry"))  # Remarks are kept in every language of the service.
    while True:
        try:
            one = await imports.claim(db, now(), lease)
            if one is None:
                await asyncio.sleep(LOOK_SECONDS)
                continue
            await _work(db, one, lease)
        except Exception as error:
            # Nothing is lost: the lease runs out, and the import is taken up again.
            if not is_outage(error):
                log.exception("an import could not be worked on")
            await asyncio.sleep(1.0)


async def _work(db: Database, one: Import, lease: timedelta) -> None:
    """One stage of one import."""
    match one.stage:
        case Stage.READING:
            await _read(db, one, lease)
        case Stage.JUDGING:
            await _judge(db, one, lease)
        case Stage.APPLYING:
            await _apply(db, one, lease)
        case Stage.ACCEPTING | Stage.PUBLISHING:
            await _decide(db, one, lease)


async def _read(db: Database, one: Import, lease: timedelta) -> None:
    await imports.replace_rows(db, one.id)
    with tempfile.TemporaryDirectory(prefix="txng-import-") as folder:
        file = Path(folder) / "upload"
        await import_files.fetch_file(db, one.file_id, file)
        reading = _Reading(db, one, lease)
        try:
            async for line in reader.lines(file, *reading.sheets):
                await reading.take(line)
            await reading.end()
        except Refusal as refusal:
            failure = {"code": refusal.code, "msgid": refusal.message, "params": refusal.params}
            await imports.next_stage(db, one, Stage.FAILED, now(), failure=failure)
            return
    await imports.next_stage(
        db, one, Stage.JUDGING, now(), total=reading.count, done=0, about=reading.about
    )


class _Reading:
    """The rows of a file on their way into the database."""

    def __init__(self, db: Database, one: Import, lease: timedelta) -> None:
        self._db, self._one, self._lease = db, one, lease
        self.about: dict[str, Any] = {}
        self.count = 0
        self._looked = 0
        self._headers: list[str] | None = None
        self._kept: list[Row] = []
        column = rows_column(one.kind)
        self._beside = Beside(one.kind, column) if column is not None else None
        self._is_beside = self._beside_used = False
        self._columns: list[Column | None] = []
        self._length = 0

    @property
    def sheets(self) -> tuple[str, ...]:
        """The sheets that are read beside the main one."""
        return (self._beside.column.sheet,) if self._beside is not None else ()

    async def take(self, line: Any) -> None:
        if isinstance(line, dict):
            if "beside" in line:
                self._is_beside = bool(line["beside"])
            else:
                self.about = line
            return
        number, cells, formulas, merged = line
        if self._is_beside and self._beside is not None:
            self._beside.take(number, cells)
            return
        if self._headers is None:
            self._look_for_headers(cells)
            return
        if fold(str(cells[0] or "")).strip() == EXAMPLE:
            return
        self.count += 1
        if self.count > MAX_ROWS:
            raise TooManyRows("file", limit=MAX_ROWS)
        marks = [
            {"code": code, "msgid": msgid, "columns": self._named(places)}
            for code, msgid, places in (("formula", FORMULA, formulas), ("merged", MERGED, merged))
            if places
        ]
        await self._add(number, self._whole(cells[: len(self._headers)]), marks)

    async def _add(self, line: int, cells: list[Any], marks: list[Document]) -> None:
        self._kept.append(Row(number=self.count, line=line, cells=cells, marks=marks))
        self._length += sum(len(cell) for cell in cells if isinstance(cell, (str, list)))
        if len(self._kept) >= READ_AT_ONCE or self._length > LENGTH_AT_ONCE:
            await self._keep()

    def _whole(self, cells: list[Any]) -> list[Any]:
        """The row with what the second sheet has for it; texts cut as far as columns take any."""
        for place, column in enumerate(self._columns[: len(cells)]):
            if isinstance(cells[place], str) and (column is None or column.shape not in LONG):
                cells[place] = cells[place][: MAX_CELL + 1]
        if not self._beside_used:
            return cells
        assert self._beside is not None
        pairs = zip(self._columns, cells, strict=False)
        given = {column.field: cell for column, cell in pairs if column is not None}
        room = len(self._columns) - 1 - len(cells)
        return [*cells, *[None] * room, self._beside.of(given)]

    async def _add_left(self) -> None:
        """Rows of the second sheet that belong to none of the first are told of, not lost."""
        if not self._beside_used:
            return
        assert self._beside is not None
        keys = keys_of(self._one.kind)
        for names, rows in self._beside.left():
            self.count += 1
            if self.count > MAX_ROWS:
                raise TooManyRows("file", limit=MAX_ROWS)
            told = dict(zip((one.field for one in keys), names, strict=True))
            cells = [told.get(one.field) if one is not None else None for one in self._columns]
            cells[-1] = rows
            mark = {"code": "owner_missing", "msgid": LEFT, "columns": "", "error": True,
                    "sheet": self._beside.column.sheet}  # fmt: skip
            await self._add(rows[0][0], cells, [mark])

    async def end(self) -> None:
        if self._headers is None:
            self._headers_missing([])
        await self._add_left()
        await self._keep()
        if not self.count:
            raise FileEmpty("file")

    async def _keep(self) -> None:
        if self._kept:
            await imports.add_rows(self._db, self._one.id, self._kept)
            self._kept, self._length = [], 0
            crash_point("import.read")
            until = now() + self._lease
            await imports.progress(self._db, self._one, done=self.count, until=until, more={})

    def _look_for_headers(self, cells: Sequence[Any]) -> None:
        """The first row that names the required columns; titles above it are passed over."""
        self._looked += 1
        headers = [str(cell or "").strip() for cell in cells]
        known = [column_of(self._one.kind, header) for header in headers]
        named = [column.field for column in known if column is not None]
        if len(named) < 3 and self._looked < HEADER_WITHIN:
            return
        missing = [c.header for c in COLUMNS[self._one.kind] if c.required and c.field not in named]
        if missing and "code" not in named:
            self._headers_missing(named)
        for column in known:
            if column is not None and named.count(column.field) > 1:
                raise ColumnTwice("file", column=column.header)
        unknown = [h for h, c in zip(headers, known, strict=True) if h and c is None]
        if self._beside:
            if self._beside.column in known:
                raise ColumnTwice("file", column=self._beside.column.header)
            self._beside_used = True
            headers.append(self._beside.column.header)
            known.append(self._beside.column)
        self._headers, self._columns = headers, known
        self.about = {
            **self.about,
            "headers": headers,
            "unknown": unknown,
            "absent": missing,
            "beside": self._beside_used,
        }

    def _headers_missing(self, named: Sequence[str]) -> None:
        columns = COLUMNS[self._one.kind]
        missing = [c.header for c in columns if c.required and c.field not in named]
        raise ColumnsMissing("file", columns=", ".join(missing))

    def _named(self, places: Sequence[int]) -> str:
        headers = self._headers or []
        found = [headers[place] for place in places if 0 <= place < len(headers)]
        return ", ".join(name for name in found if name)


async def _judge(db: Database, one: Import, lease: timedelta) -> None:
    judge = judge_of(db, one, local_day(now()))
    done = one.done
    if done:
        await judge.resume()
    while rows := await imports.rows_after(db, one.id, done, JUDGED_AT_ONCE):
        judged = await judge.chunk(rows)
        await imports.write_rows(db, one.id, judged)
        done = rows[-1].number
        crash_point("import.judged")
        await imports.progress(db, one, done=done, until=now() + lease, more={})
    counts = await imports.tally(db, one.id, "verdict")
    scopes = await imports.scopes(db, one.id)
    await imports.next_stage(db, one, Stage.READY, now(), counts=counts, scopes=scopes, done=done)


async def _apply(db: Database, one: Import, lease: timedelta) -> None:
    done = one.done
    while rows := await imports.rows_after(db, one.id, done, APPLIED_AT_ONCE, imports.TO_WRITE):
        if await imports.is_denied(db, one.actor):
            await _stop(db, one)
            return
        await apply_chunk(db, one, [row.number for row in rows], now())
        done = rows[-1].number
        crash_point("import.applied")
        await imports.progress(db, one, done=done, until=now() + lease, more={})
    outcomes = await imports.tally(db, one.id, "outcome")
    await imports.next_stage(db, one, Stage.DONE, now(), outcomes=outcomes, done=one.total)


async def _decide(db: Database, one: Import, lease: timedelta) -> None:
    done = one.done
    wanted = {**imports.WRITTEN, "decided": ""}
    while rows := await imports.rows_after(db, one.id, done, DECIDED_AT_ONCE, wanted):
        if await imports.is_denied(db, one.actor):
            await _stop(db, one)
            return
        for row in rows:
            fields = await deciding.decide_row(db, one, row)
            await imports.write_rows(db, one.id, [(row.number, fields)])
        done = rows[-1].number
        await imports.progress(db, one, done=done, until=now() + lease, more={})
    decided = await imports.tally(db, one.id, "decided")
    await imports.next_stage(db, one, Stage.DONE, now(), decided=decided, done=one.total)


async def _stop(db: Database, one: Import) -> None:
    """The account was suspended after it gave the order: what is not done yet stays undone."""
    failure = {"code": Forbidden.code, "msgid": Forbidden.message, "params": {}}
    stage = Stage.FAILED if one.stage is Stage.APPLYING else Stage.DONE
    outcomes = await imports.tally(db, one.id, "outcome")
    await imports.next_stage(db, one, stage, now(), failure=failure, outcomes=outcomes)
