"""The figures of the home page: counted at most once in a few seconds, however many look at it."""

import time
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request

from services.registry.domain.categories import categories
from services.registry.domain.records import Aggregate
from services.registry.store import lists
from shared.mongo import Database

# What was published a moment ago is in the lists at once, and in these figures so much later.
SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Numbers:
    """`counts` by what is counted; `groups` how many products each group of categories has."""

    counts: dict[str, int]
    groups: dict[str, int]
    until: float


async def numbers(request: Request) -> Numbers:
    """As of now, or of a few seconds ago."""
    known: Numbers | None = getattr(request.app.state, "home_numbers", None)
    if known is not None and time.monotonic() < known.until:
        return known
    db: Database = request.app.state.db
    found = Numbers(await _counts(db), await _by_group(db), time.monotonic() + SECONDS)
    request.app.state.home_numbers = found
    return found


async def _counts(db: Database) -> dict[str, int]:
    with_stars: dict[str, Any] = {"published.ocop_stars": {"$gte": 3}}
    return {
        "facilities": await lists.count_public(db, Aggregate.FACILITY),
        "products": await lists.count_public(db, Aggregate.PRODUCT),
        "ocop": await lists.count_public(db, Aggregate.PRODUCT, wanted=with_stars),
        "lots": await lists.count_public(db, Aggregate.LOT),
    }


async def _by_group(db: Database) -> dict[str, int]:
    known = categories()
    found: dict[str, int] = {}
    for key, number in (await lists.count_by_category(db)).items():
        if key in known:
            found[known[key].group] = found.get(known[key].group, 0) + number
    return found
