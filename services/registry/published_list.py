"""What the public catalogue lists, narrowed and ordered, on its pages and as JSON (R29, R48)."""

from typing import Any, Final

from services.registry.domain.categories import groups
from services.registry.domain.records import Record
from services.registry.store import facts
from services.registry.store.search.seen import BEST_FIRST, BY_NAME, JUST_PUBLISHED, Chosen
from services.registry.store.search.table import Sort
from shared.mongo import Database, Document

ORDERS: Final[dict[str, Sort]] = {"": BY_NAME, "new": JUST_PUBLISHED, "stars": BEST_FIRST}


def products_chosen(
    *, group: str = "", category: str = "", ocop: str = "", commune: str = "", key: str = ""
) -> Chosen:
    """`ocop` is a number of stars, or `any`; a category counts more than its group."""
    return {
        "group": ("published.category", _of_group(group, category)),
        "ocop": ("published.ocop_stars", _of_stars(ocop)),
        "commune": ("owner.commune", {"owner.commune": commune} if commune else {}),
        "key": ("published.key_product", {"published.key_product": True} if key else {}),
    }


def facilities_chosen(*, kind: str = "", sector: str = "", commune: str = "") -> Chosen:
    return {
        "kind": ("published.kinds", {"published.kinds": kind} if kind else {}),
        "sector": ("owner.sector", {"owner.sector": sector} if sector else {}),
        "commune": ("owner.commune", {"owner.commune": commune} if commune else {}),
    }


async def recalled_products(db: Database, found: list[Record[Any]]) -> frozenset[str]:
    """Which of these products a notice names, by itself or with their facility."""
    named = await facts.notices(
        db,
        products=[record.id for record in found],
        facilities={record.owner.facility_id for record in found},
    )
    products = frozenset().union(*(n.products for n in named))
    stopped = frozenset().union(*(n.facilities for n in named))
    return frozenset(
        record.id
        for record in found
        if record.id in products or record.owner.facility_id in stopped
    )


def _of_group(group: str, category: str) -> Document:
    if category:
        return {"published.category": category}
    if group:
        within = groups()[group].categories if group in groups() else ()
        return {"published.category": {"$in": [one.key for one in within]}}
    return {}


def _of_stars(ocop: str) -> Document:
    if ocop in ("3", "4", "5"):
        return {"published.ocop_stars": int(ocop)}
    return {"published.ocop_stars": {"$gte": 3}} if ocop else {}
