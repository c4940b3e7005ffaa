"""The file to fill in: a row for each place that goods of a lot were sent to, with lists beside."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import xlsxwriter

from services.recall.goods_words import FATES, HANDLINGS
from services.recall.sheets.columns import COLUMNS, LOT, SENT, Column
from shared.spreadsheets import DATA_SHEET, MARK, OPTIONS, csv_line, neutral
from shared.web.i18n import N_, translate

LOTS_SHEET, PLACES_SHEET, COMMUNES_SHEET = "Lô", "Cơ sở", "Xã"
LISTS_SHEET, GUIDE_SHEET = "Danh sách", "Cách ghi"
# What a workbook has beside the sheet that is read.
BESIDE: Final = frozenset({LOTS_SHEET, PLACES_SHEET, COMMUNES_SHEET, LISTS_SHEET, GUIDE_SHEET})
# Rows below those that are filled in, which have the lists too.
_SPARE: Final = 1_000
_NOTES: Final = (
    N_("Mỗi dòng là một lượng hàng của một lô ở một nơi. Một lô có nhiều dòng thì chép dòng đó."),
    N_("Dòng chỉ có lô, nơi và đơn vị (chưa ghi gì thêm) được bỏ qua. Không cần xóa."),
    N_("Không đổi tên cột. Tải tệp lên, xem trước kết quả rồi mới ghi; sai một dòng thì chưa ghi."),
    N_("Dòng đã ghi được sửa ở trang của lô, không sửa bằng tệp."),
)


@dataclass(frozen=True, slots=True)
class Offered:
    """What a template offers: names as the file is read back, and rows that are filled in.

    `lots` are (code, product, unit, id), `places` (label, commune, id), `communes` (code, name),
    `rows` (lot, place, sent, unit).
    """

    lots: Sequence[tuple[str, str, str, str]]
    places: Sequence[tuple[str, str, str]]
    communes: Sequence[tuple[str, str]]
    units: Sequence[str]
    rows: Sequence[tuple[str, str, Any, str]]


def as_csv(offered: Offered) -> bytes:
    lines = [MARK + csv_line([_shown(one) for one in COLUMNS])]
    lines += [csv_line(_cells(row)) for row in offered.rows]
    return b"".join(lines)


def as_workbook(offered: Offered) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {**OPTIONS, "in_memory": True}) as book:
        bold = book.add_format({"bold": True, "bg_color": "#E3F1EF", "border": 1})
        text, day = book.add_format({"num_format": "@"}), book.add_format()
        day.set_num_format("dd/mm/yyyy")
        data = book.add_worksheet(DATA_SHEET)
        data.freeze_panes(1, 1)
        for place, column in enumerate(COLUMNS):
            shape = {"quantity": None, "day": day, SENT: None}.get(column.field, text)
            data.set_column(place, place, 24, shape)
            data.write_string(0, place, _shown(column), bold)
        for number, row in enumerate(offered.rows, 1):
            _write(data, number, _cells(row))
        _table(book, LOTS_SHEET, ("Mã lô", "Sản phẩm", "Đơn vị", "Mã hệ thống"), offered.lots, bold)
        _table(book, PLACES_SHEET, ("Cơ sở", "Xã, phường", "Mã"), offered.places, bold)
        _table(book, COMMUNES_SHEET, ("Mã", "Xã, phường"), offered.communes, bold)
        _lists(book, data, offered, bold)
        _guide(book, bold)
    return out.getvalue()


def _shown(column: Column) -> str:
    return column.header + (" *" if column.required else "")


def _cells(row: tuple[str, str, Any, str]) -> list[Any]:
    lot, place, sent, unit = row
    given = {LOT: lot, "facility_id": place, SENT: sent, "unit": unit}
    return [given.get(column.field) for column in COLUMNS]


def _write(sheet: Any, number: int, cells: Iterable[Any]) -> None:
    for place, cell in enumerate(cells):
        if cell is None or cell == "":
            continue
        if isinstance(cell, str):
            sheet.write_string(number, place, neutral(cell))
        else:
            sheet.write_number(number, place, cell)


def _table(
    book: Any, name: str, headers: Sequence[str], rows: Iterable[Sequence[str]], bold: Any
) -> None:
    sheet = book.add_worksheet(name)
    sheet.set_column(0, len(headers) - 1, 30)
    sheet.freeze_panes(1, 0)
    for place, header in enumerate(headers):
        sheet.write_string(0, place, header, bold)
    for number, row in enumerate(rows, 1):
        _write(sheet, number, row)


def _lists(book: Any, data: Any, offered: Offered, bold: Any) -> None:
    """Drop-down lists; units only suggest, the other columns take nothing else."""
    lists = book.add_worksheet(LISTS_SHEET)
    labels = {
        "fate": list(FATES.values()),
        "handling": list(HANDLINGS.values()),
        "unit": list(offered.units),
    }
    sources = {"facility_id": (PLACES_SHEET, "A", len(offered.places))}
    for at, (field, words) in enumerate(labels.items()):
        lists.write_string(0, at, next(one.header for one in COLUMNS if one.field == field), bold)
        lists.write_column(1, at, words)
        sources[field] = (LISTS_SHEET, xlsxwriter.utility.xl_col_to_name(at), len(words))
    lists.set_column(0, len(labels) - 1, 30)
    for place, column in enumerate(COLUMNS):
        sheet, letter, many = sources.get(column.field, ("", "", 0))
        if many:
            rule = {
                "validate": "list",
                "source": f"='{sheet}'!${letter}$2:${letter}${many + 1}",
                "error_type": "information" if column.field == "unit" else "stop",
                "error_title": column.header[:32],
                "error_message": translate(N_("Hãy chọn trong danh sách.")),
            }
            data.data_validation(1, place, len(offered.rows) + _SPARE, place, rule)


def _guide(book: Any, bold: Any) -> None:
    sheet = book.add_worksheet(GUIDE_SHEET)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 100)
    for place, header in enumerate((N_("Cột"), N_("Cách ghi"))):
        sheet.write_string(0, place, translate(header), bold)
    for number, column in enumerate(COLUMNS, 1):
        sheet.write_string(number, 0, _shown(column))
        sheet.write_string(number, 1, translate(column.hint))
    for number, note in enumerate(_NOTES, len(COLUMNS) + 2):
        sheet.write_string(number, 0, translate(note))
