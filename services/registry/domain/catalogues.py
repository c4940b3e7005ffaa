"""Shared catalogues (danh mục dùng chung; R32): seeds from files, and what was approved over them.

A row is a key with a few texts. What is approved is held in this process, renewed by
`catalogue_watch`, so that pure checks can look things up without asking a database.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

SEEDS = Path(__file__).with_name("seed")
# What stands for every species that has no interval of its own.
OTHER_SPECIES: Final = "*"


class Catalogue(StrEnum):
    UNITS = "units"
    CATEGORIES = "categories"
    CROPS = "crops"
    SUPPLIES = "supplies"
    STEPS = "steps"
    CHECKS = "checks"
    REQUIRED = "required"
    GROUPS = "groups"
    COUNTRIES = "countries"
    IMPORTS = "imports"
    DATASETS = "datasets"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is valid: `values` by the names of its catalogue's fields, all texts.

    `since` is the day it became valid, None for what the seed says; `retired` takes it out of use.
    """

    catalogue: Catalogue
    key: str
    values: Mapping[str, str] = field(hash=False)
    since: date | None = None
    retired: bool = False

    @property
    def name(self) -> str:
        return self.values.get("title", self.key)

    @property
    def name_en(self) -> str:
        return self.values.get("title_en", "")

    def number(self, name: str) -> Decimal | None:
        """A field as a number; None where it is empty."""
        try:
            return Decimal(self.values.get(name, "").replace(",", "."))
        except InvalidOperation:
            return None

    def list(self, name: str) -> tuple[str, ...]:
        """A field that holds several keys, parted by commas."""
        return tuple(one.strip() for one in self.values.get(name, "").split(",") if one.strip())

    def days_for(self, crop: str) -> int | None:
        """Of a supply: the withdrawal interval on this crop, in days."""
        by_crop = dict(intervals_in(self.values.get("intervals", "")))
        return by_crop.get(crop, by_crop.get(OTHER_SPECIES))


def intervals_in(text: str) -> Iterable[tuple[str, int]]:
    """Species and days of `tea=10; *=14`."""
    for part in text.split(";"):
        crop, _, days = part.partition("=")
        if days.strip().isdecimal():
            yield crop.strip(), int(days)


@cache
def seed(catalogue: Catalogue) -> Mapping[str, Row]:
    """The rows of the file that the program came with."""
    found: dict[str, Any] = tomllib.loads((SEEDS / f"{catalogue}.toml").read_text("utf-8"))
    if catalogue is Catalogue.CATEGORIES:
        found = {
            key: {
                "title": row["name"],
                "title_en": row["name_en"],
                "traceability": row["traceability"],
                "group": group,
            }
            for group, table in found.items()
            for key, row in table["categories"].items()
        }
    return {key: Row(catalogue, key, values) for key, values in found.items()}


_installed: dict[Catalogue, Mapping[str, Row]] = {}


def install(changes: Iterable[Row]) -> None:
    """Put approved rows, oldest first, over the seeds: this is what holds from now on."""
    rows = {one: dict(seed(one)) for one in Catalogue}
    for row in changes:
        rows[row.catalogue][row.key] = row
    for catalogue, found in rows.items():
        if _installed.get(catalogue) != found:
            _installed[catalogue] = found


def all_rows(catalogue: Catalogue) -> Mapping[str, Row]:
    """Every row by key, also those out of use: older records still name them."""
    return _installed.get(catalogue) or seed(catalogue)


def rows(catalogue: Catalogue) -> dict[str, Row]:
    """The rows in use, by key."""
    return {key: row for key, row in all_rows(catalogue).items() if not row.retired}


def crops() -> dict[str, Row]:
    """Species of plants and animals with the yield that is usually seen, in tonnes a hectare."""
    return rows(Catalogue.CROPS)


def supplies() -> dict[str, Row]:
    return rows(Catalogue.SUPPLIES)


def step_row(step: str, variant: str = "") -> Row:
    """The row that names a step of a diary: that of its variant, else of the step itself."""
    found = all_rows(Catalogue.STEPS)
    return found.get(variant) or found[step]


def variants(step: str) -> dict[str, Row]:
    """The steps in use that were added to the catalogue and are done like this one."""
    return {
        key: row for key, row in rows(Catalogue.STEPS).items() if row.values.get("like") == step
    }


# These belong to the program: texts of their rows are corrected, rows neither added nor taken out.
CLOSED: Final = frozenset({Catalogue.CHECKS})
# Rows of these stay, as older records are read by them; of the steps only those of the program do.
_LASTING: Final = frozenset({Catalogue.UNITS, Catalogue.CATEGORIES, *CLOSED})


def lasts(catalogue: Catalogue, key: str) -> bool:
    """Whether a row can never be taken out of use."""
    if catalogue is Catalogue.STEPS:
        return key in seed(Catalogue.STEPS)
    return catalogue in _LASTING
