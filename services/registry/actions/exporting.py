"""Exports: everything of one kind that an account may read, with the columns of the templates."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Final

from services.registry.actions.rights import RIGHTS
from services.registry.domain.imports import Listed, Outcome, Verdict
from services.registry.domain.records import Aggregate, Record
from services.registry.sheets import known_rows
from services.registry.sheets.beside import SecondSheet
from services.registry.sheets.columns import COLUMNS
from services.registry.sheets.exported import cells_of
from services.registry.sheets.writing import XlsxTable, headers_of
from services.registry.store import imports, known, records, walking
from services.registry.store.imports import Row
from shared import audit
from shared.auth import Principal, require
from shared.mongo import Database, Document, Tx, transact
from shared.spreadsheets import csv_lines, workbook
from shared.web.i18n import N_, language_of, translate

# Names are looked up for so many rows of a file at once.
ROWS_AT_ONCE: Final = 100


async def export(
    aggregate: Aggregate,
    format_: str,
    *,
    wanted: Document,
    who: Principal,
    now: datetime,
    db: Database,
) -> AsyncIterator[bytes]:
    """The file piece by piece. Who took which data is recorded before the first byte leaves."""
    require(who, RIGHTS[aggregate].read)

    async def work(tx: Tx) -> None:
        await audit.accepted(tx, who, f"{aggregate}.export", "-", format=format_)

    await transact(db, work)
    headers = headers_of(COLUMNS[aggregate])
    rows = _rows(db, aggregate, who, wanted, apart=format_ == "xlsx")
    if format_ == "csv":
        return csv_lines(headers, rows)
    return xlsx_pieces(headers, rows, SecondSheet.of(aggregate, headers))


async def export_known(
    format_: str, *, wanted: Document, q: str, who: Principal, db: Database
) -> AsyncIterator[bytes]:
    """The list of facilities that do not take part (yet), as its templates have it."""
    require(who, RIGHTS[Listed.KNOWN].read)

    async def work(tx: Tx) -> None:
        await audit.accepted(tx, who, f"{Listed.KNOWN}.export", "-", format=format_)

    await transact(db, work)
    headers = headers_of(COLUMNS[Listed.KNOWN])

    async def rows() -> AsyncIterator[list[Any]]:
        async for one in known.every(db, who, wanted, q):
            yield known_rows.cells_of(one)

    return csv_lines(headers, rows()) if format_ == "csv" else xlsx_pieces(headers, rows())


def xlsx_pieces(
    headers: list[str], rows: AsyncIterator[list[Any]], second: SecondSheet | None = None
) -> AsyncIterator[bytes]:
    return workbook(lambda file: XlsxTable(file, headers, second=second), rows)


async def _rows(
    db: Database, aggregate: Aggregate, who: Principal, wanted: Document, *, apart: bool
) -> AsyncIterator[list[Any]]:
    columns = COLUMNS[aggregate]
    batch: list[Record[Any]] = []
    async for record in walking.every(db, aggregate, who, wanted):
        batch.append(record)
        if len(batch) == ROWS_AT_ONCE:
            more = await _more(db, aggregate, batch)
            for one in batch:
                yield cells_of(aggregate, one, columns, more.get(one.id, {}), apart=apart)
            batch = []
    more = await _more(db, aggregate, batch)
    for one in batch:
        yield cells_of(aggregate, one, columns, more.get(one.id, {}), apart=apart)


async def _more(
    db: Database, aggregate: Aggregate, batch: list[Record[Any]]
) -> Mapping[str, Mapping[str, Any]]:
    """What a row says of other records: a lot's product by code and name."""
    if aggregate is not Aggregate.LOT:
        return {}
    ids = tuple({one.content.product_id for one in batch})
    products = await records.find_many(db, Aggregate.PRODUCT, ids)
    areas = await records.find_many(
        db, Aggregate.GROWING_AREA, tuple({one.content.growing_area_id for one in batch})
    )
    used = {use.lot_id for one in batch for use in one.content.used}
    inputs = await records.find_many(db, Aggregate.LOT, tuple(used))
    return {one.id: _of_lot(one, products, areas, inputs) for one in batch}


def _of_lot(
    lot: Record[Any],
    products: Mapping[str, Record[Any]],
    areas: Mapping[str, Record[Any]],
    inputs: Mapping[str, Record[Any]],
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if (product := products.get(lot.content.product_id)) is not None:
        found |= {"product": product.code, "product_name": product.content.name}
    if (area := areas.get(lot.content.growing_area_id)) is not None:
        found["area"] = area.code
    found["inputs"] = tuple(
        f"{inputs[one.lot_id].owner.code}/{inputs[one.lot_id].code} | "
        f"{one.quantity.normalize():f} | {one.unit}"
        for one in lot.content.used
        if one.lot_id in inputs
    )
    return found


VERDICTS: Final = {
    Verdict.NEW: N_("Mới"),
    Verdict.CHANGED: N_("Thay đổi"),
    Verdict.SAME: N_("Giữ nguyên"),
    Verdict.DUPLICATE: N_("Nghi trùng"),
    Verdict.ERROR: N_("Có lỗi"),
    Verdict.SKIPPED: N_("Bỏ qua"),
}
TWIN: Final = N_("Nghi trùng với dòng {line} của tệp: cùng mã số, hoặc tên và địa chỉ gần giống.")
OUTCOMES: Final = {
    Outcome.ENTERED: N_("Đã nhập mới"),
    Outcome.EDITED: N_("Đã sửa"),
    Outcome.UNCHANGED: N_("Không cần sửa"),
    Outcome.CONFLICT: N_("Có người sửa trước"),
    Outcome.REFUSED: N_("Không ghi được"),
}


async def error_file(db: Database, import_id: str) -> AsyncIterator[bytes]:
    """The rows that need a person, as they were sent, with a column that says what to do."""
    one = await imports.get(db, import_id)
    headers = [str(header) for header in one.about.get("headers", ())]
    second = SecondSheet.of(one.kind, headers) if one.about.get("beside") else None
    rows = imports.every_row(db, import_id, imports.PROBLEMS)

    async def told() -> AsyncIterator[list[Any]]:
        async for row in rows:
            cells = [*row.cells, *[None] * (len(headers) - len(row.cells))]
            if second is not None and cells[second.place]:
                cells[second.place] = [told for _, told in cells[second.place]]
            yield [*cells, messages(row)]

    return xlsx_pieces([*headers, translate(N_("Cần sửa"))], told(), second)


def notes(row: Row) -> list[str]:
    """What was assumed or left as it is, in the language of whoever asks."""
    lang = language_of()
    return [note["text"].get(lang, note["text"]["vi"]) for note in row.notes]


def messages(row: Row) -> str:
    """Everything that is wrong with a row, in the language of whoever asks."""
    lang = language_of()
    found = [*row.errors, *([row.refusal] if row.refusal else [])]
    lines = []
    for one in found:
        text = one["text"].get(lang, one["text"]["vi"])
        lines.append(f"{translate(one['column'])}: {text}" if one["column"] else text)
    if row.verdict == Verdict.DUPLICATE and row.twin:
        lines.append(translate(TWIN, line=row.twin))
    if row.verdict == Verdict.DUPLICATE and row.candidates:
        codes = ", ".join(one["code"] or one["name"] for one in row.candidates)
        lines.append(translate(N_("Nghi trùng với {codes}."), codes=codes))
    return "\n".join(lines)
