"""What a column of a sheet is: its name, and how its cells are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Choices = Callable[[], Mapping[str, str]]

TEXT, LINES, CHOICE, CHOICES, DAY, YES, NUMBER, WHOLE, DIGITS, BOUNDARY, ROWS = (
    "text",
    "lines",
    "choice",
    "choices",
    "day",
    "yes",
    "number",
    "whole",
    "digits",
    "boundary",
    "rows",
)


# What empties a field where an empty cell leaves it as it is, read without diacritics; its value.
EMPTIES = frozenset({"(xoa)", "(clear)"})
EMPTIED = ""

# Cells of these shapes may be as long as Excel allows.
LONG = (BOUNDARY, ROWS)


@dataclass(frozen=True, slots=True)
class Column:
    """`field` is the domain's name, `shape` how a cell is read.

    `key` columns only find records; `told` ones are for people who read an export, and ignored;
    `spill` ones take what had no room in the column before, so templates go without. A column of
    the shape ROWS holds several `rows` of its own: a line each in the cell, its values parted by
    bars, or in XLSX rows of the sheet named `sheet`. Of those rows, one that `clears` may hold
    `(xóa)`, which empties its field. `choices` are labels by key; `also` keys by what is understood
    though nobody is offered it any more.
    """

    field: str
    header: str
    shape: str = TEXT
    required: bool = False
    key: bool = False
    told: bool = False
    spill: bool = False
    clears: bool = False
    rows: "tuple[Column, ...]" = ()
    sheet: str = ""
    hint: str = ""
    example: str | int | float = ""
    choices: Choices = dict
    also: Choices = dict
