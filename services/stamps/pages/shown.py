"""What several of the pages do alike."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final, TypeVar

from fastapi import Request

from services.stamps import queries
from services.stamps.domain.deciding import Decided
from services.stamps.domain.requests import Batch
from services.stamps.store.lists import PAGE
from shared.auth import Principal
from shared.errors import Phrase
from shared.tiers import AUTHORITIES
from shared.web.i18n import translate
from shared.web.paging import Paging

HOME = "/console/stamps"
_EVER_SO_MANY = 10**9
# More ranges than these are not told one by one.
RANGES_TOLD: Final = 10
Row = TypeVar("Row")
Told = tuple[int, int, Phrase]


def translated(words: Mapping[str, str]) -> dict[str, str]:
    """Words in the reader's language, by what they are the words of."""
    return {key: translate(msgid) for key, msgid in words.items()}


async def batch_for(request: Request, who: Principal, number: int, action: str) -> Batch:
    """A batch with which the person may do `action`."""
    return await queries.batch_seen_by(who, number, db=request.app.state.db, action=action)


def told_apart(above: Iterable[Decided], limit: int = RANGES_TOLD) -> list[Told]:
    """The first `limit` ranges that a higher tier decided, neighbours as one, and whom to ask."""
    told: list[Told] = []
    for one in above:
        authority = AUTHORITIES[one.by.by_tier]
        if told and told[-1][1:] == (one.first - 1, authority):
            told[-1] = told[-1][0], one.last, authority
        elif len(told) == limit:
            break
        else:
            told.append((one.first, one.last, authority))
    return told


async def listed(
    request: Request, query: Callable[[int], Awaitable[tuple[list[Row], int]]]
) -> tuple[list[Row], Paging]:
    """The page of a list that is asked for; the last one where it lies beyond the end."""
    asked = Paging.of(request, _EVER_SO_MANY, size=PAGE).number
    rows, total = await query(asked)
    paging = Paging.of(request, total, size=PAGE)
    if paging.number != asked:
        rows, _ = await query(paging.number)
    return rows, paging
