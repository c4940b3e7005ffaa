"""Waits for what happens by itself, with a deadline instead of a guess."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any

FIRST_PAUSE = 0.01
LONGEST_PAUSE = 0.25


async def eventually(attempt: Callable[[], Any], timeout: float = 30, *, because: str = "") -> Any:
    """Calls until the answer is truthy and returns it; an AssertionError means "not yet".

    A function annotated `-> None` states its claim by assertions alone: it has succeeded when it
    returns. Any other None is "not yet", as of a document that cannot be found so far.
    After `timeout` seconds the last AssertionError is raised, or one that shows the last answer.
    """
    only_asserts = _returns_nothing(attempt)
    deadline = time.monotonic() + timeout
    pause = FIRST_PAUSE
    while True:
        try:
            result = attempt()
            answer = await result if inspect.isawaitable(result) else result
            if answer or only_asserts:
                return answer
            failure = AssertionError(f"last answer: {answer!r}")
        except AssertionError as not_yet:
            failure = not_yet
        if time.monotonic() >= deadline:
            failure.add_note(f"still so after {timeout} s: {because or attempt!r}")
            raise failure
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


def _returns_nothing(attempt: Callable[[], Any]) -> bool:
    return getattr(attempt, "__annotations__", {}).get("return", attempt) in (None, "None")
