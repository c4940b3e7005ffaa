"""What several of the pages do alike."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from fastapi import Request

from services.stamps import queries
from services.stamps.domain.requests import Batch
from services.stamps.store.lists import PAGE
from shared.auth import Principal
from shared.web.i18n import translate
from shared.web.paging import Paging

HOME = "/console/stamps"
_EVER_SO_MANY = 10**9
Row = TypeVar("Row")


def translated(words: Mapping[str, str]) -> dict[str, str]:
    """Words in the reader's language, by what they are the words of."""
    return {key: translate(msgid) for key, msgid in words.items()}


async def batch_for(request: Request, who: Principal, number: int, action: str) -> Batch:
    """A batch with which the person may do `action`."""
    return await queries.batch_seen_by(who, number, db=request.app.state.db, action=action)


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
