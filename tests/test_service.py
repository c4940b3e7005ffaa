"""A process that is told to end does: no loop of it goes on after its connections are closed."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI

from shared import tasks
from shared.accepted_reads import ROWS, Opened
from shared.auth import Principal
from shared.ids import new_id, now
from shared.mongo import Database
from shared.service import Service
from shared.settings import Settings
from tests.polling import eventually


async def test_a_loop_that_forgets_its_end_has_ended_before_the_database_is_closed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python 3.11 forgets a cancellation now and then; a loop that ends at once hides no other."""
    monkeypatch.setattr(tasks, "AGAIN_SECONDS", 0.05)
    service = Service("tests", settings, publishes=False, verifies=False)
    begun: list[asyncio.Task[Any]] = []

    async def obedient() -> None:
        await asyncio.sleep(3600)

    async def forgetful() -> None:
        task = asyncio.current_task()
        assert task is not None
        begun.append(task)
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await asyncio.sleep(3600)

    service.jobs += [obedient, forgetful]
    async with service.lifespan(FastAPI()):
        await eventually(lambda: begun)
    assert begun[0].done()


async def test_what_was_read_last_is_written_when_the_process_ends(settings: Settings) -> None:
    service = Service("stamps", settings, verifies=False)
    who = Principal(new_id(), "", "province", frozenset({"check"}), "u", "s")
    async with service.lifespan(FastAPI()):
        await eventually(lambda: service._prepared)
        service.reads.note(who, Opened("/x/{id}", ("a",)), now())
    db = Database(settings.mongo_url, settings.database("stamps"), "stamps")
    row = await db.collection(ROWS).find_one({"account_id": who.account_id})
    await db.close()
    assert row is not None
    assert (row["read"], row["count"], row["told"]) == (["a"], 1, False)
