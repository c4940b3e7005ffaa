"""A process that is told to end does: no loop of it goes on after its connections are closed."""

import asyncio

from fastapi import FastAPI

from shared.service import Service
from shared.settings import Settings
from tests.polling import eventually


async def test_a_loop_that_forgets_its_end_has_ended_before_the_database_is_closed(
    settings: Settings,
) -> None:
    """Python 3.11 forgets a cancellation now and then; others that end at once hide it not."""
    service = Service("tests", settings, publishes=False, verifies=False)
    turns: list[str] = []

    async def forgetful() -> None:
        turns.append("begun")
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            turns.append("forgot")
        await asyncio.sleep(3600)

    async def obedient() -> None:
        await asyncio.sleep(3600)

    service.jobs += [obedient, forgetful]
    async with service.lifespan(FastAPI()):
        await eventually(lambda: turns)
    assert turns == ["begun", "forgot"]
    assert all(task.done() for task in service._tasks)
