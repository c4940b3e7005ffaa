"""The numbered feed over HTTP: everything committed after a number, and the head it reaches.

Answers on the service's own port only; the public origin does not route it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Response

from shared.errors import Unavailable
from shared.messaging import outbox
from shared.mongo import Database, is_outage

# An asker's confirmation lasts five seconds: an answer later than this is of no use to it.
TIMEOUT_SECONDS = 3.0
PAGE = 500

Extra = Callable[[], Awaitable[dict[str, Any]]]
Asked = Callable[[str, int], Awaitable[None]]


def router(
    service: str,
    db: Callable[[], Database],
    numberer: Callable[[], outbox.Numberer],
    extra: Extra | None = None,
    asked: Asked | None = None,
) -> APIRouter:
    """`GET /v1/feed?after=n&replica=name` → {publisher, head, events, more, …extra}.

    `extra` is read before the head is taken, so that what it promises is contained in the
    events. `asked(replica, after)` learns who asks and up to which number they have everything.
    """
    routes = APIRouter()

    @routes.get("/v1/feed", include_in_schema=False)
    async def feed(
        after: Annotated[int, Query(ge=0)] = 0,
        replica: Annotated[str, Query(max_length=100)] = "",
    ) -> Response:
        try:
            body = await asyncio.wait_for(answer(after), TIMEOUT_SECONDS)
        except (TimeoutError, outbox.FeedGap) as error:
            raise Unavailable() from error
        except Exception as error:
            if is_outage(error):
                raise Unavailable() from error
            raise
        if asked is not None and replica:
            await asked(replica, after)
        return Response(msgspec.json.encode(body), media_type="application/json")

    async def answer(after: int) -> dict[str, Any]:
        promised = await extra() if extra is not None else {}
        head = await numberer().head()
        events = await outbox.read(db(), after, head, PAGE)
        reached = events[-1]["number"] if events else min(after, head)
        return {
            "publisher": service,
            "head": head,
            "events": events,
            "more": reached < head,
            **promised,
        }

    return routes
