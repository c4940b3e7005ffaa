"""Tasks that run for the life of a process, and how they are brought to an end."""

import asyncio
from typing import Any

# Longer than any of them needs to tidy up.
AGAIN_SECONDS = 5.0


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks until they have ended, whatever with.

    Once is not enough: where `asyncio.wait_for` gets its result in the very turn in which it is
    cancelled, Python 3.11 keeps the result and forgets the cancellation, and a loop goes on.
    """
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)  # What they ended with has been seen.
