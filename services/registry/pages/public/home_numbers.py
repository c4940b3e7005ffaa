"""The figures of the home page."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from services.registry.domain.categories import categories
from services.registry.store import lists
from services.registry.store.search.seen import Hits

# Lots are counted by the database; that number may be so much older than the rest.
SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Numbers:
    """`counts` by what is counted; `groups` how many products each group of categories has."""

    counts: Mapping[str, int]
    groups: Mapping[str, int]


async def numbers(request: Request, products: Hits, facilities: Hits) -> Numbers:
    """As of now, but for the lots."""
    stars = products.counts("published.ocop_stars")
    counts = {
        "facilities": facilities.total,
        "products": products.total,
        "ocop": sum(number for of, number in stars.items() if of >= 3),
        "lots": await _lots(request),
    }
    return Numbers(counts, _by_group(products.counts("published.category")))


async def _lots(request: Request) -> int:
    known: tuple[float, int] | None = getattr(request.app.state, "lots_counted", None)
    if known is None or time.monotonic() > known[0]:
        if known is not None:
            # Whoever comes while this is counted is told the number of before.
            request.app.state.lots_counted = (time.monotonic() + SECONDS, known[1])
        found = await lists.count_public_lots(request.app.state.db)
        known = request.app.state.lots_counted = (time.monotonic() + SECONDS, found)
    return known[1]


def _by_group(found: Mapping[str, int]) -> dict[str, int]:
    known = categories()
    groups: dict[str, int] = {}
    for key, number in found.items():
        if key in known:
            groups[known[key].group] = groups.get(known[key].group, 0) + number
    return groups
