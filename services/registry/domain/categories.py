"""The catalogue of product categories, kept in categories.toml beside this file."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("categories.toml")


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
def groups() -> dict[str, Group]:
    """All groups by key, in the order of the file."""
    found = {}
    for key, table in tomllib.loads(FILE.read_text(encoding="utf-8")).items():
        within = tuple(
            Category(name, row["name"], row["name_en"], row["traceability"], key)
            for name, row in table["categories"].items()
        )
        found[key] = Group(key, table["name"], table["name_en"], within)
    return found


@cache
def categories() -> dict[str, Category]:
    """All categories by key."""
    return {one.key: one for group in groups().values() for one in group.categories}
