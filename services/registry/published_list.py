"""What the public catalogue lists, narrowed and ordered, on its pages and as JSON (R29, R48)."""

from dataclasses import dataclass
from typing import Any, Final

from services.registry.domain.categories import groups
from services.registry.domain.communes import commune_of_today
from services.registry.domain.records import Aggregate, Record
from services.registry.domain.testing import lot_status
from services.registry.store import examinations, facts, lots, records, testing
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
        "commune": ("owner.commune", _lying_in(commune)),
        "key": ("published.key_product", {"published.key_product": True} if key else {}),
    }


def facilities_chosen(*, kind: str = "", sector: str = "", commune: str = "") -> Chosen:
    return {
        "kind": ("published.kinds", {"published.kinds": kind} if kind else {}),
        "sector": ("owner.sector", {"owner.sector": sector} if sector else {}),
        "commune": ("owner.commune", _lying_in(commune)),
    }


def areas_chosen(*, kind: str = "", commune: str = "", facility_id: str = "") -> Chosen:
    """`commune` is where the area lies, not its facility."""
    asked = {
        "published.kind": kind,
        "published.commune": commune_of_today(commune),
        "owner.facility_id": facility_id,
    }
    return {path: (path, {path: value} if value else {}) for path, value in asked.items()}


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a notice names a lot, its product or its facility; whether a laboratory result of it,
    or of what it was made from, holds it back."""

    recalled: bool
    held: bool


@dataclass(frozen=True, slots=True)
class LotsPublished:
    """Each lot with its product; `next` is the id to go on after, "" at the end."""

    rows: list[tuple[Record[Any], Record[Any], Standing]]
    next: str


async def lots_published(
    db: Database, *, facility_id: str, product_id: str, code: str, after: str, size: int
) -> LotsPublished:
    """Public lots whose product is public too, by id."""
    wanted: Document = {
        **({"owner.facility_id": facility_id} if facility_id else {}),
        **({"published.product_id": product_id} if product_id else {}),
        **({"derived.codes": code.strip().upper()} if code else {}),
    }
    found = await lots.listed(db, wanted, after=after, size=size + 1)
    shown = found[:size]
    asked = tuple({lot.shown.product_id for lot in shown})
    known = await records.find_many(db, Aggregate.PRODUCT, asked)
    listed = [(lot, known.get(lot.shown.product_id)) for lot in shown]
    both = [(lot, it) for lot, it in listed if it is not None and it.is_public]
    standing = await _standing(db, [lot for lot, _ in both])
    return LotsPublished(
        [(lot, product, standing[lot.id]) for lot, product in both],
        shown[-1].id if len(found) > size else "",
    )


async def _standing(db: Database, found: list[Record[Any]]) -> dict[str, Standing]:
    ids = [lot.id for lot in found]
    results = await testing.of_lots(db, ids)
    held = await examinations.holding_back(db, ids)
    named = await facts.notices(
        db,
        lots=ids,
        products={lot.shown.product_id for lot in found},
        facilities={lot.owner.facility_id for lot in found},
    )
    by_notice = frozenset().union(*(n.lots | n.products | n.facilities for n in named))
    return {
        lot.id: Standing(
            recalled=not by_notice.isdisjoint(
                (lot.id, lot.shown.product_id, lot.owner.facility_id)
            ),
            held=lot.id in held or lot_status(results.get(lot.id, ())) != "active",
        )
        for lot in found
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


def _lying_in(commune: str) -> Document:
    """An address that still names a commune that was merged finds the one of today."""
    return {"owner.commune": commune_of_today(commune)} if commune else {}


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
