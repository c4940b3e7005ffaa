"""What is exported and the templates to fill in, as XLSX and CSV; how such files are written says
`shared/spreadsheets.py`."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from services.registry.domain.imports import Sort
from services.registry.sheets.beside import SecondSheet, keys_of
from services.registry.sheets.column import DAY, NUMBER, WHOLE, YES, Column
from services.registry.sheets.columns import COLUMNS
from shared.sheets.limits import MAX_ROWS
from shared.spreadsheets import DATA_SHEET, MARK, OPTIONS, Sheet, csv_line, neutral, row_by_row
from shared.web.i18n import N_, translate

LISTS_SHEET: Final = "Danh mục"
BESIDE: Final = N_("Trong tệp Excel, điền ở trang {sheet}; trong tệp CSV, điền trong ô")
_SHAPES = {
    DAY: N_("Ngày, dạng 22/11/2026"),
    YES: N_("Có hoặc để trống"),
    NUMBER: N_("Số"),
    WHOLE: N_("Số nguyên"),
}


class XlsxTable:
    """A sheet that is written from top to bottom; rows go to disk as they come.

    With `second`, the rows that its cell holds go to a sheet of their own.
    """

    def __init__(
        self,
        file: Path,
        headers: Sequence[str],
        widths: Sequence[int] = (),
        second: SecondSheet | None = None,
    ) -> None:
        self._book = xlsxwriter.Workbook(str(file), row_by_row(file))
        self._second = second
        self._main = Sheet(self._book, DATA_SHEET, self._shown(headers), widths)
        if second is not None:
            self._rows = Sheet(self._book, second.name, second.headers)

    def add(self, cells: Sequence[Any]) -> None:
        self._main.add(self._shown(cells))
        if self._second is not None:
            names = [cells[place] for place in self._second.keys]
            for told in cells[self._second.place] or ():
                self._rows.add([*names, *told])

    def _shown(self, cells: Sequence[Any]) -> list[Any]:
        place = self._second.place if self._second is not None else len(cells)
        return [*cells[:place], *cells[place + 1 :]]

    def close(self) -> None:
        self._book.close()


def headers_of(columns: Sequence[Column]) -> list[str]:
    """Vietnamese whatever the reader's language, so that what is exported can be imported."""
    return [column.header for column in columns]


def _to_fill_in(sort: Sort) -> list[Column]:
    return [column for column in COLUMNS[sort] if not (column.told or column.spill)]


def csv_template(sort: Sort) -> bytes:
    columns = _to_fill_in(sort)
    lines: tuple[list[Any], ...] = (headers_of(columns), [one.example for one in columns])
    return MARK + b"".join(map(csv_line, lines))


def xlsx_template(sort: Sort) -> bytes:
    """Header, an example row (left out when read), drop-down lists, and a sheet that explains."""
    filled = _to_fill_in(sort)
    columns = [one for one in filled if not one.sheet]
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {**OPTIONS, "in_memory": True}) as book:
        bold = book.add_format({"bold": True, "bg_color": "#E3F1EF", "border": 1})
        must = book.add_format({"bold": True, "bg_color": "#FBE6C8", "border": 1})
        grey = book.add_format({"italic": True, "font_color": "#666666"})
        text = book.add_format({"num_format": "@"})
        data = book.add_worksheet(DATA_SHEET)
        seconds = [(one, book.add_worksheet(one.sheet)) for one in filled if one.sheet]
        explained = book.add_worksheet(translate(N_("Giải thích")))
        lists = book.add_worksheet(LISTS_SHEET)
        _head(data, columns, bold, must, grey, text)
        for place, column in enumerate(columns):
            _offer(data, lists, place, column, at=place)
        for column, sheet in seconds:
            beside = (*keys_of(sort), *column.rows)
            _head(sheet, beside, bold, must, grey, text)
            for place, one in enumerate(beside):
                _offer(sheet, lists, place, one, at=len(columns) + place)
        _explain(explained, filled, bold)
    return out.getvalue()


def _head(
    sheet: Any, columns: Sequence[Column], bold: Any, must: Any, grey: Any, text: Any
) -> None:
    """The header and the example row of a sheet to fill in."""
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(columns):
        as_text = column.shape not in (NUMBER, WHOLE)
        sheet.set_column(place, place, 22, text if as_text else None)
        star = " *" if column.required else ""
        sheet.write_string(0, place, column.header + star, must if column.required else bold)
        if column.example != "":
            sheet.write(1, place, column.example, grey)


def _offer(data: Any, lists: Any, place: int, column: Column, *, at: int) -> None:
    """A drop-down list, kept in the column `at` of the lists; several values may be typed, so those
    lists only suggest."""
    labels = list(column.choices().values())
    if not labels and column.shape != YES:
        return
    labels = labels or ["Có", "Không"]
    lists.write_string(0, at, column.header)
    lists.write_column(1, at, labels)
    letter = xlsxwriter.utility.xl_col_to_name(at)
    data.data_validation(
        2,
        place,
        MAX_ROWS,
        place,
        {
            "validate": "list",
            "source": f"='{LISTS_SHEET}'!${letter}$2:${letter}${len(labels) + 1}",
            "error_type": "information" if column.shape == "choices" else "stop",
            "error_title": column.header[:32],
            "error_message": "Hãy chọn trong danh sách.",
        },
    )


def _explain(sheet: Any, columns: Sequence[Column], bold: Any) -> None:
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 14)
    sheet.set_column(2, 2, 90)
    for place, header in enumerate((N_("Cột"), N_("Bắt buộc"), N_("Cách ghi"))):
        sheet.write_string(0, place, translate(header), bold)
    every = [part for one in columns for part in (one, *(one.rows if one.sheet else ()))]
    for row, column in enumerate(every, 1):
        parts = [translate(column.hint)] if column.hint else []
        if column.shape in _SHAPES:
            parts.append(translate(_SHAPES[column.shape]))
        if labels := column.choices():
            parts.append("; ".join(labels.values()))
        if column.sheet:
            parts.insert(0, translate(BESIDE, sheet=column.sheet))
        inner = "" if column in columns else "   "
        sheet.write_string(row, 0, inner + column.header)
        sheet.write_string(row, 1, translate(N_("Có")) if column.required else "")
        told = " ".join(f"{part.rstrip('.')}." for part in parts)
        sheet.write_string(row, 2, neutral(told))
    notes = (
        N_("Dòng ví dụ (cột đầu ghi VÍ DỤ) được bỏ qua khi tải lên. Không cần xóa."),
        N_(
            "Không đổi tên cột. Cột không dùng có thể xóa: thông tin cũ của cột đó được giữ nguyên."
        ),
        N_("Ô để trống trong một cột có mặt nghĩa là xóa thông tin đó của bản ghi đã có."),
    )
    for row, note in enumerate(notes, len(every) + 2):
        sheet.write_string(row, 0, translate(note))
