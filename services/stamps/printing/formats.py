"""The papers that stamps are printed on: sheets to cut, pre-cut sheets, rolls (formats.toml)."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

Kind = Literal["uncut", "sheet", "roll"]
_FILE = Path(__file__).with_name("formats.toml")
# What a printer may be asked to shift its picture by, in tenths of a millimetre.
MOST_SHIFT: Final = 100


@dataclass(frozen=True)
class Format:
    """One paper, in millimetres. `label` is (0, 0) where labels are cut from a plain sheet.

    Places count from the page's upper left corner; gaps lie between neighbours.
    """

    key: str
    kind: Kind
    page: tuple[float, float]
    label: tuple[float, float] = (0.0, 0.0)
    columns: int = 0
    rows: int = 1
    left: float = 0.0
    top: float = 0.0
    gap_x: float = 0.0
    gap_y: float = 0.0
    bleed: float = 0.0


def _read(entry: dict[str, Any]) -> Format:
    for name in {"page", "label"} & entry.keys():
        entry[name] = tuple(map(float, entry[name]))
    one = Format(**entry)
    width = one.left + one.columns * one.label[0] + (one.columns - 1) * one.gap_x
    height = one.top + one.rows * one.label[1] + (one.rows - 1) * one.gap_y
    fits = width <= one.page[0] and height <= one.page[1]
    if one.kind not in ("uncut", "sheet", "roll") or (one.kind != "uncut" and not fits):
        raise ValueError(f"{_FILE.name}: labels of {one.key} leave the page")
    return one


def _all() -> dict[str, Format]:
    entries = tomllib.loads(_FILE.read_text("utf-8"))["format"]
    return {one.key: one for one in map(_read, entries)}


FORMATS: Final = _all()
A4: Final = FORMATS["a4"]
