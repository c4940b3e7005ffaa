"""The catalogue of product categories, by their groups."""

import tomllib
from dataclasses import dataclass
from functools import cache

from services.registry.domain.catalogues import SEEDS, Catalogue, all_rows


@dataclass(frozen=True, slots=True)
class Category:
    """`traceability` is mandatory, priority or voluntary (R30)."""

    key: str
    name: str
    name_en: str
    traceability: str
    group: str


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    name: str
    name_en: str
    categories: tuple[Category, ...]


@cache
def _group_names() -> dict[str, tuple[str, str]]:
    found = tomllib.loads((SEEDS / "categories.toml").read_text(encoding="utf-8"))
    return {key: (table["name"], table["name_en"]) for key, table in found.items()}


def groups() -> dict[str, Group]:
    """All groups by key, in the order of the file; what is of an unknown group is in the last."""
    names = _group_names()
    last = list(names)[-1]
    within: dict[str, list[Category]] = {key: [] for key in names}
    for row in all_rows(Catalogue.CATEGORIES).values():
        group = row.values["group"] if row.values["group"] in names else last
        one = Category(row.key, row.name, row.name_en, row.values["traceability"], group)
        within[group].append(one)
    return {key: Group(key, *names[key], tuple(found)) for key, found in within.items()}


def categories() -> dict[str, Category]:
    """All categories by key."""
    return {one.key: one for group in groups().values() for one in group.categories}
