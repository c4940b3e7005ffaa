"""Diary forms filled in from the catalogue of supplies: its words, never in place of the label."""

from typing import Any

from services.registry.domain.catalogues import Row, supplies

# What came with the program is marked as an example, which is no part of a product's name.
_EXAMPLE = " (ví dụ)"


def options() -> list[tuple[str, str]]:
    """The supplies in use, as selects take them."""
    return [(row.key, row.name) for row in supplies().values()]


def row_of(key: str) -> Row | None:
    return supplies().get(key)


def filled(key: str, species: str) -> dict[str, Any]:
    """The fields of an entry that the catalogue knows for a supply on a species."""
    row = row_of(key)
    if row is None:
        return {}
    return {
        "supply": row.key,
        "name": row.name.removesuffix(_EXAMPLE),
        "kind": row.values["kind"],
        "active_substance": row.values.get("active_substance", ""),
        "dose": row.values.get("dose", ""),
        "withdrawal_days": row.days_for(species),
    }
