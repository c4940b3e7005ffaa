"""A process that is told to end does: no loop of it goes on after its connections are closed."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI

from shared import tasks
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
