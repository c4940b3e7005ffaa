"""How the console's lists are narrowed to what is incomplete (R32)."""

from services.registry.store import lists
from shared.mongo import Document
from shared.web.i18n import N_, translate

# What the list of records may be narrowed or ordered to by their quality score.
QUALITIES = {
    "low": N_("Dưới 80 điểm"),
    "incomplete": N_("Chưa đủ 100 điểm"),
    "worst": N_("Xếp từ thiếu nhiều nhất"),
}


def filter_of(quality: str) -> Document:
    """The filter behind `?quality=`; everything for a word that is none of them."""
    below = {"low": 80, "incomplete": 100}.get(quality)
    return lists.incomplete(below) if below else {}


def options() -> list[tuple[str, str]]:
    return [(key, translate(label)) for key, label in QUALITIES.items()]
