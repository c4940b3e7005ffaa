"""Where a field that a record lacks is filled in: the link beside what is missing (R32)."""

from typing import Any, Final

from services.registry.domain.records import Aggregate, Record

_WORDS: Final = {
    Aggregate.FACILITY: "facilities",
    Aggregate.PRODUCT: "products",
    Aggregate.GROWING_AREA: "growing-areas",
    Aggregate.LOT: "lots",
}
# Fields that are filled in elsewhere than in the input of their own name.
_ELSEWHERE: Final = {
    ("facility", "certificates"): "/certificates/new",
    ("product", "images"): "/edit#f-photos",
    ("growing_area", "boundary"): "/edit#f-points",
    ("growing_area", "households"): "/edit#f-members-0-name",
    ("growing_area", "members"): "/edit#f-members-0-name",
    ("growing_area", "seasons"): "/edit#f-seasons-0-name",
    ("growing_area", "markets"): "/edit#f-markets-0-country",
    ("lot", "diary"): "/entries/new",
    ("lot", "entries"): "/entries/new",
    ("lot", "origin"): "/edit#f-used-0-lot",
}


def missing_link(record: Record[Any], field: str) -> str:
    """The page, and the input on it, that takes a field of this record."""
    path = _ELSEWHERE.get((record.aggregate.value, field), f"/edit#f-{field}")
    return f"/console/registry/{_WORDS[record.aggregate]}/{record.id}{path}"
