"""Who would change the same thing in one process queues up, and nobody for ever."""

import asyncio

import pytest

from shared import turns
from shared.mongo import is_outage
from shared.turns import TurnNotReached, turn


async def test_turns_with_one_thing_follow_one_another_and_tell_who_waited() -> None:
    inside, most, waited = 0, 0, []

    async def act(thing: str) -> None:
        nonlocal inside, most
        async with turn("db", thing) as had_to_wait:
            waited.append(had_to_wait)
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.001)
            inside -= 1

    await asyncio.gather(*(act("one") for _ in range(20)))
    assert most == 1
    assert waited == [False] + [True] * 19
    await asyncio.gather(*(act(str(n)) for n in range(20)))
    assert most > 1


async def test_a_queue_that_stands_still_is_left_as_an_outage_and_serves_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "WAIT_SECONDS", 0.05)
    async with turn("db", "held"):
        with pytest.raises(TurnNotReached) as told:
            async with turn("db", "held"):
                pytest.fail("two had their turn at once")
    assert is_outage(told.value)
    async with turn("db", "held") as waited:
        assert not waited


async def test_who_is_cancelled_while_waiting_leaves_the_queue_whole() -> None:
    async with turn("db", "left"):
        gone = asyncio.create_task(_one_turn("left"))
        next_ = asyncio.create_task(_one_turn("left"))
        await asyncio.sleep(0)
        gone.cancel()
    assert await next_
    assert gone.cancelled()


async def _one_turn(thing: str) -> bool:
    async with turn("db", thing):
        return True
