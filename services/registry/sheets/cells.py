"""Cells as people and Excel write them, turned into values of fields, and back into cells."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

from services.registry.domain.words import fold
from services.registry.sheets.column import (
    CHOICE,
    EMPTIED,
    EMPTIES,
    LINES,
    LONG,
    ROWS,
    WHOLE,
    Column,
)
from services.registry.sheets.given import lines_of
from services.registry.sheets.in_row import InRow
from shared.errors import Phrase
from shared.sheets.limits import MAX_CELL, MAX_LONG_CELL
from shared.spreadsheets import plain_text
from shared.tax_number import is_organisation_number, is_personal_number
from shared.web.i18n import N_
from shared.web.typed import read as read_typed

OLDEST_YEAR: Final = 1920
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff]")
_DAY = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}-\d{2}-\d{2}")
_YES = {"co", "x", "1", "yes", "y", "true", "dung"}
_NO = {"khong", "0", "no", "n", "false", "sai"}

ZERO_LOST = N_(
    "Excel đã làm mất số 0 ở đầu; hệ thống hiểu là {value}. Hãy kiểm tra, và định dạng cột là Văn "
    "bản cho lần sau."
)
SERIAL = N_("Ô ghi số {number} thay cho ngày; hệ thống hiểu là {day}. Hãy kiểm tra.")


class CellWrong(Exception):
    """A cell that cannot be understood: a stable code and a message that names the remedy."""

    def __init__(self, code: str, msgid: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.msgid, self.params = code, msgid, params


@dataclass(frozen=True, slots=True)
class Taken:
    """`value` in the form the input models read; `note` is a msgid about what was assumed."""

    value: Any
    note: str = ""
    params: Mapping[str, str] | None = None


def taken(  # noqa: PLR0911 - one return for each shape reads best
    column: Column, cell: Any, *, date1904: bool = False
) -> Taken:
    """The value of a cell; None where it is empty; raises CellWrong."""
    if isinstance(cell, str):
        cell = _INVISIBLE.sub("", unicodedata.normalize("NFC", cell)).replace("\u00a0", " ")
        cell = plain_text(cell.strip(" \r\t" if column.shape in (LINES, ROWS) else " \r\n\t"))
        most = MAX_LONG_CELL if column.shape in LONG else MAX_CELL
        if len(cell) > most:
            raise CellWrong(
                "too_long", N_("Hãy rút ngắn còn tối đa {max_length} ký tự."), max_length=most
            )
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return Taken(None)
    match column.shape:
        case "digits":
            return _digits(column.field, cell)
        case "day":
            return _day(cell, date1904)
        case "yes":
            return Taken(_yes(cell))
        case "choice":
            return Taken(_choice(column, _text(cell)))
        case "choices":
            parts = (part.strip() for part in re.split(r"[;\n]", _text(cell)))
            return Taken([_choice(column, part) for part in parts if part])
        case "number" | "whole":
            return Taken(_number(cell, whole=column.shape == WHOLE))
        case "rows":
            return Taken(_several(column, cell, date1904))
        case _:
            return Taken(_text(cell))


def _several(column: Column, cell: Any, date1904: bool) -> list[InRow]:
    """The rows of a cell: as they were read of a sheet, or a line each, parted by bars."""
    if isinstance(cell, list):
        lines = [(line, column.sheet, told) for line, told in cell]
    else:
        parted = (_parted(column, line) for line in lines_of(_text(cell)))
        lines = [(line, "", told) for line, told in enumerate(parted, 1)]
    return [_in_row(column, line, sheet, told, date1904) for line, sheet, told in lines]


def _parted(column: Column, line: str) -> list[str]:
    """The values of a line. A bar of its own may stand in a name that comes first, or, where a
    choice comes first, in the words that come last."""
    bars = len(column.rows) - 1
    return line.split("|", bars) if column.rows[0].shape == CHOICE else line.rsplit("|", bars)


def _in_row(column: Column, line: int, sheet: str, told: Sequence[Any], date1904: bool) -> InRow:
    values: dict[str, Any] = {}
    for one, cell in zip(column.rows, told, strict=False):
        try:
            values[one.field] = _of_row(one, cell, date1904)
        except CellWrong as wrong:
            said = InRow(line, sheet, {}).problem(Phrase(wrong.msgid, wrong.params))
            raise CellWrong(wrong.code, "{problem}", problem=said) from None
    return InRow(line, sheet, {name: it for name, it in values.items() if it is not None})


def _of_row(column: Column, cell: Any, date1904: bool) -> Any:
    """The value of a cell in such a row: None for an empty one, `EMPTIED` where it says so."""
    if column.clears and isinstance(cell, str) and _bare(cell) in EMPTIES:
        if column.required:
            raise CellWrong("not_emptied", N_("Ô này bắt buộc, không xóa được."))
        return EMPTIED
    return taken(column, cell, date1904=date1904).value


def _text(cell: Any) -> str:
    match cell:
        case bool():
            return "Có" if cell else "Không"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case {"d": str(day)}:
            return "/".join(reversed(day.split("-")))
        case _:
            return str(cell)


def _digits(field: str, cell: Any) -> Taken:
    """Codes of digits: full-width ones are made plain, and zeros that Excel dropped are put back
    where the check digit, or the length of a telephone number, leaves no doubt."""
    text = unicodedata.normalize("NFKC", _text(cell)).strip()
    if not isinstance(cell, (int, float)) or isinstance(cell, bool):
        return Taken(text)
    if isinstance(cell, float) and (not cell.is_integer() or abs(cell) >= 1e15):
        raise CellWrong(
            "number_not_text",
            N_("Excel đã đổi mã này thành số gần đúng. Hãy định dạng ô là Văn bản rồi nhập lại."),
        )
    restored = _restored(field, text)
    if restored != text:
        return Taken(restored, ZERO_LOST, {"value": restored})
    return Taken(text)


def _restored(field: str, text: str) -> str:
    if field in ("tax_number", "registration_number", "facility") and len(text) < 13:
        if len(text) < 10 and is_organisation_number(text.zfill(10)):
            return text.zfill(10)
        if len(text) == 11 and is_personal_number(text.zfill(12)):
            return text.zfill(12)
        if (
            len(text) == 12
            and not is_personal_number(text)
            and is_organisation_number(text.zfill(13))
        ):
            return text.zfill(13)
    if field == "phone" and len(text) in (9, 10) and not text.startswith("0"):
        return f"0{text}"
    return text


def _day(cell: Any, date1904: bool) -> Taken:
    match cell:
        case {"d": str(day)}:
            return Taken(day)
        case bool():
            raise _not_a_day()
        case int() | float():
            if not 1 < cell < 100_000:
                raise _not_a_day()
            # Serials count days from the last of 1899 (its phantom 29 February 1900 included), or
            # from 1 January 1904.
            first = date(1904, 1, 1) if date1904 else date(1899, 12, 30)
            found = first + timedelta(days=int(cell))
            if found.year < OLDEST_YEAR:
                # A number so small is a year or a day of the month, typed where a date belongs.
                raise _not_a_day()
            shown = found.strftime("%d/%m/%Y")
            return Taken(found.isoformat(), SERIAL, {"number": str(int(cell)), "day": shown})
    text = unicodedata.normalize("NFKC", str(cell)).replace(" ", "")
    if not _DAY.fullmatch(text):
        raise _not_a_day()
    try:
        written = read_typed(text, _DAY_SHAPE, "vi")
        return Taken(date.fromisoformat(str(written)).isoformat())
    except ValueError:
        raise _not_a_day() from None


class _DayShape:
    """What `typed.read` asks of a field: this one is a day."""

    whole = fractional = moment = False
    day = True


_DAY_SHAPE: Any = _DayShape()


def _not_a_day() -> CellWrong:
    return CellWrong(
        "not_a_date", N_("Hãy nhập ngày có thật, dạng ngày/tháng/năm, ví dụ 22/11/2026.")
    )


def _yes(cell: Any) -> bool:
    if isinstance(cell, bool):
        return cell
    word = fold(_text(cell)).strip()
    if word not in _YES | _NO:
        raise CellWrong("not_yes_or_no", N_("Hãy ghi Có hoặc Không."))
    return word in _YES


def _number(cell: Any, *, whole: bool) -> float | int:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        found = float(cell)
    else:
        text = unicodedata.normalize("NFKC", _text(cell)).replace(" ", "")
        if whole:
            text = re.sub(r"(?<=\d)[.,](?=\d{3}(\D|$))", "", text)
        try:
            found = float(text.replace(",", "."))
        except ValueError:
            raise CellWrong("not_a_number", N_("Hãy nhập một số, ví dụ 12 hoặc 12,5.")) from None
    if math.isnan(found) or abs(found) > 1e15 or (whole and not found.is_integer()):
        raise CellWrong("not_an_integer", N_("Hãy nhập một số nguyên, ví dụ 12."))
    return int(found) if whole else found


def _choice(column: Column, text: str) -> str:
    known = _known(tuple(column.choices().items()))
    known = {**{_bare(word): key for word, key in column.also().items()}, **known}
    found = known.get(_bare(text)) or known.get(_bare(text.partition(" - ")[0]))
    if found is None:
        raise CellWrong(
            "not_a_choice",
            N_("“{value}” không có trong danh mục. Hãy chọn trong danh sách của tệp mẫu."),
            value=text[:60],
        )
    return found


@lru_cache(maxsize=64)
def _known(rows: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """Keys by their own spelling and by their label, with and without the kind of commune.

    Remembered by the choices themselves: an approved change of a catalogue counts at once.
    """
    choices = dict(rows)
    found: dict[str, str] = {}
    short: dict[str, list[str]] = {}
    for key, label in choices.items():
        bare = re.sub(r"^(xa|phuong|dac khu) ", "", _bare(label))
        short.setdefault(bare, []).append(key)
    found.update({word: keys[0] for word, keys in short.items() if len(keys) == 1})
    found.update({_bare(label): key for key, label in choices.items()})
    found.update({_bare(key): key for key in choices})
    return found


def _bare(text: str) -> str:
    return " ".join(fold(unicodedata.normalize("NFKC", text)).replace(".", " ").split())
