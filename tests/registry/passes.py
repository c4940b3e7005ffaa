"""Passes in the background, carried through to their end, and what they told."""

from collections.abc import Awaitable, Callable
from typing import Any

from services.registry.domain.scoring import Pass
from shared.contracts.event import from_envelope
from shared.mongo import Database


async def through(chunk: Callable[[], Awaitable[Pass | None]]) -> int:
    """The rest of the pass; how many records it told anew. -1 where there is nothing to do."""
    while (done := await chunk()) is not None:
        if done.finished_at is not None:
            return done.changed
    return -1


async def told(db: Database, record_id: str) -> list[Any]:
    rows = db.collection("outbox").find({"body.subject": record_id}).sort("_id", 1)
    return [from_envelope(row["body"]) async for row in rows]
