"""The console's lists of all kinds, searched and narrowed within what the account may read.

Facilities, products and growing areas are found in memory (`store/search`). Lots are too many for
that: they are read by the database's indexes and counted up to a limit.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.registry.domain.records import Aggregate
from services.registry.domain.words import asked, fold
from services.registry.store.codec import AnyRecord
from services.registry.store.lists import PAGE_SIZE, all_of, console_filter, count, rows
from services.registry.store.search.seen import NEWEST, WORST, Seen
from services.registry.store.search.table import Sort
from shared.auth import Principal
from shared.mongo import Database, Document

# So many lots are counted and leafed through: whoever looks further narrows the search, which has
# to look at every one that it counts.
MOST: Final = 10_000
MOST_FOUND: Final = 1_000
# Lots are looked for by the names of so many products.
MOST_NAMED: Final = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """`most`: how far was counted, one more standing for any larger number; 0 for everything."""

    total: int
    most: int
    page: Callable[[int], Awaitable[list[AnyRecord]]]


async def find(
    db: Database,
    seen: Seen,
    aggregate: Aggregate,
    who: Principal,
    *,
    q: str = "",
    state: str = "",
    facility_id: str = "",
    wanted: Document | None = None,
    worst_first: bool = False,
) -> Listed:
    """What the account may read and asks for; newest change first, or what is least complete."""
    order = WORST if worst_first else NEWEST
    if aggregate is Aggregate.LOT:
        allowed = console_filter(who, state=state, facility_id=facility_id, wanted=wanted)
        return await _lots(db, allowed, q, _named(seen, who, q), order)
    hits = seen.console(aggregate, who, q=q, state=state, facility_id=facility_id, wanted=wanted)
    return Listed(hits.total, 0, lambda number: hits.page(order, page=number))


async def _lots(
    db: Database, allowed: Document, q: str, named: Sequence[str], order: Sort
) -> Listed:
    """`q` is a code, or words that begin those of the code or of the facility's name."""
    query = all_of([allowed, _matching(q, named)]) if q else allowed
    most = MOST_FOUND if q.strip() else MOST

    async def page(number: int) -> list[AnyRecord]:
        return await rows(db, Aggregate.LOT, query, list(order), number, PAGE_SIZE)

    return Listed(await count(db, Aggregate.LOT, query, most), most, page)


def _named(seen: Seen, who: Principal, q: str) -> list[str]:
    """Products that are called so: their lots are looked for as well."""
    return seen.console(Aggregate.PRODUCT, who, q=q).ids(NEWEST, size=MOST_NAMED) if q else []


def _matching(q: str, named: Sequence[str]) -> Document:
    words = asked(q)
    if not words:
        # Nothing but signs was typed: nothing is named so.
        return {"_id": None}
    return {
        "$or": [
            {"$and": [_begins(word) for word in words]},
            {"derived.codes": q.strip().upper()},
            {"published.product_id": {"$in": list(named)}},
            {"draft.product_id": {"$in": list(named)}},
        ]
    }


def _begins(word: str) -> Document:
    start: Any = re.compile(f"^{re.escape(fold(word))}")
    return {"$or": [{"derived.words": start}, {"owner.words": start}]}
