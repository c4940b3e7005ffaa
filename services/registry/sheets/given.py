"""Values of fields as cells: what an export and a file of errors write."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from services.registry.sheets.column import LINES, Column


def given(column: Column, value: Any) -> Any:  # noqa: PLR0911 - one return for each shape
    """A field's value as a cell: text, number, or day; None where there is nothing to write."""
    if value is False or not (value or value == 0):
        return None
    match column.shape:
        case "choice":
            return column.choices().get(value, value)
        case "choices":
            return "; ".join(column.choices().get(one, one) for one in value)
        case "lines" if isinstance(value, tuple):
            # One line with a semicolon of its own ends with a break, so that it stays one.
            end = "\n" if len(value) == 1 and ";" in value[0] else ""
            return "\n".join(value) + end
        case "yes":
            return "Có"
        case "rows":
            lines = tuple(_line(column, one) for one in value)
            return given(_LINES, lines)
        case _:
            return value


_LINES: Final = Column("", "", LINES)


def _line(column: Column, row: Sequence[Any]) -> str:
    """A row as a line, its last values left out where there are none and no bar could mislead."""
    parts = ["" if cell is None else _shown(cell) for cell in row]
    text = " | ".join(parts)
    return parts[0] if not any(parts[1:]) and "|" not in parts[0] else text


def _shown(cell: Any) -> str:
    """A number with its decimal comma, a day as it is written here; a text as it is."""
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    if isinstance(cell, (int, float, Decimal)):
        return format(Decimal(str(cell)), "f").replace(".", ",")
    return str(cell)


def lines_of(text: str) -> list[str]:
    """The entries of a cell: one a line, or parted by semicolons where all stand in one line."""
    parts = text.splitlines() if "\n" in text else text.split(";")
    return [part.strip() for part in parts if part.strip()]
