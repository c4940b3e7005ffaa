"""The databases of a running system, looked into from outside, and when nothing moves in them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from shared.messaging import outbox
from shared.mongo import Database
from shared.settings import Settings
from tests.polling import eventually

PUBLISHERS = ("identity", "registry", "stamps", "recall", "scan", "reporting")


@asynccontextmanager
async def databases(settings: Settings) -> AsyncIterator[dict[str, Database]]:
    """Every service's own, by name."""
    made = {
        name: Database(settings.mongo_url, settings.database(name), name) for name in PUBLISHERS
    }
    try:
        yield made
    finally:
        for db in made.values():
            await db.close()


async def log_of(db: Database) -> list[dict[str, Any]]:
    """Everything that a service has ever told, in the order of its feed."""
    head = await outbox.number_committed(db)
    return await outbox.read(db, 0, head, head)


async def quiet(opened: dict[str, Database], turns: int = 4, timeout: float = 60) -> None:
    """Until nothing waits in any outbox and nobody has taken anything in for a while.

    Replicas seal their spools every second, so a while is some seconds.
    """
    last: list[Any] = []

    async def still() -> None:
        nonlocal last
        for name, db in opened.items():
            waiting = await db.collection("outbox").count_documents({"state": {"$ne": "sent"}})
            assert waiting == 0, f"{name} has unsent events"
        now: list[Any] = []
        for db in opened.values():
            now.append(await db.collection("inbox").estimated_document_count())
            now.append([row async for row in db.collection("progress").find().sort("_id", 1)])
        before, last = last, now
        assert now == before, "events are still being taken in"

    for _ in range(turns):
        await eventually(still, timeout)
        await asyncio.sleep(1.0)
