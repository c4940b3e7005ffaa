"""A task that is told to end does, whatever it forgets on the way."""

import asyncio
import gc

import pytest
from structlog.testing import capture_logs

from shared import tasks


async def forgetful(times: int, ends: list[str]) -> None:
    """Goes on through so many cancellations, as a loop does whose wait swallows them."""
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            times -= 1
            if times < 0:
                ends.append("tidied up")
                raise


async def test_a_task_that_forgets_its_cancellation_is_told_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks, "AGAIN_SECONDS", 0.01)
    ends: list[str] = []
    begun = [asyncio.create_task(forgetful(times, ends)) for times in (0, 3)]
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await tasks.end(*begun)
    assert all(task.cancelled() for task in begun)
    assert ends == ["tidied up", "tidied up"]


async def test_a_task_that_is_told_again_while_it_ends_others_leaves_none_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As a consumer does, whose worker nobody but it knows of."""
    monkeypatch.setattr(tasks, "AGAIN_SECONDS", 0.01)
    ends: list[str] = []
    worker = asyncio.create_task(forgetful(3, ends))

    async def consumer() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            await tasks.end(worker)

    outer = asyncio.create_task(consumer())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await tasks.end(outer)
    left = not worker.done()
    while not worker.done():
        worker.cancel()
        await asyncio.sleep(0)
    assert not left
    assert outer.cancelled()
    assert ends == ["tidied up"]


async def test_what_a_task_failed_with_is_no_unseen_error_at_its_end() -> None:
    async def failing() -> None:
        raise ValueError("on the way")

    task = asyncio.create_task(failing())
    await asyncio.wait({task})
    await tasks.end(task)
    assert isinstance(task.exception(), ValueError)


async def test_what_is_done_aside_is_not_collected_and_its_failure_is_told_not_raised() -> None:
    done = asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0)
        done.set()
        raise ValueError("lost")

    with capture_logs() as told:
        tasks.aside(work())
        gc.collect()
        async with asyncio.timeout(10):
            await done.wait()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert [line["error"] for line in told] == ["ValueError('lost')"]
