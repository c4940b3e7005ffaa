"""How complete a record is (R32): which mandatory fields it holds, by the catalogue of them."""

from dataclasses import dataclass
from typing import Any

from services.registry.domain.catalogues import Catalogue, Row, rows
from services.registry.domain.facility import Facility
from services.registry.domain.product import Product


@dataclass(frozen=True, slots=True)
class Quality:
    """`percent` is the weight of what is there, 0 to 100; `missing` the rows of what is not."""

    percent: int
    missing: tuple[Row, ...]


def judged(content: Any) -> Quality | None:
    """The quality of a facility's or a product's content; None for what has no such rule."""
    match content:
        case Facility():
            about = {content.facility_class, *content.kinds}
            wanted = _wanted("facility", about)
        case Product():
            wanted = _wanted("product", set())
        case _:
            return None
    missing = tuple(row for row in wanted if not _holds(content, row.values["field"]))
    whole = sum(_weight(row) for row in wanted)
    lost = sum(_weight(row) for row in missing)
    return Quality(round(100 * (whole - lost) / whole) if whole else 100, missing)


def _wanted(record: str, about: set[str]) -> list[Row]:
    """The rows for a kind of record; `only` names one class or kind that a row is for."""
    return [
        row
        for row in rows(Catalogue.REQUIRED).values()
        if row.values["record"] == record
        and (not row.values.get("only") or row.values["only"] in about)
    ]


def _holds(content: Any, field: str) -> bool:
    # A field that the program does not know cannot be missed by anybody.
    return getattr(content, field, True) not in ("", None, ())


def _weight(row: Row) -> float:
    return float(row.number("weight") or 0)
