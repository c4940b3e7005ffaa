"""Tasks that run beside requests, and how they are brought to an end."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger()

# What a task tidies up for longer is cut short by the second cancellation.
AGAIN_SECONDS = 1.0


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks until they have ended, whatever with.

    Once is not enough: where `asyncio.wait_for` gets its result in the very turn in which it is
    cancelled, Python 3.11 keeps the result and forgets the cancellation, and a loop goes on.
    Whoever is cancelled meanwhile ends them all the same: nobody else knows of them.
    """
    cancelled: asyncio.CancelledError | None = None
    while pending := {task for task in tasks if not task.done()}:
        for task in pending:
            task.cancel()
        try:
            await asyncio.wait(pending, timeout=AGAIN_SECONDS)
        except asyncio.CancelledError as again:
            cancelled = again
    await asyncio.gather(*tasks, return_exceptions=True)  # What they ended with has been seen.
    if cancelled is not None:
        raise cancelled


# The event loop keeps only weak references to what runs in it.
_asides: set[asyncio.Task[None]] = set()


def aside(work: Coroutine[Any, Any, None]) -> None:
    """Do what nobody waits for, and what may be lost if the process ends now."""
    task = asyncio.create_task(work)
    _asides.add(task)
    task.add_done_callback(_put_down)


def _put_down(task: asyncio.Task[None]) -> None:
    _asides.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        log.warning("what was done aside failed", error=repr(error))
