"""Replicas come and go under load: no scan fails, every answered scan is counted once."""

import asyncio

import pytest

from tests.faults.load import LEFT_OUT_SECONDS, Scanning
from tests.faults.world import REPLICAS, World
from tests.polling import eventually


async def _counted(world: World) -> int:
    """Scans that reporting has counted by now."""
    found = await world.get("reporting", "/statistics", world.reader)
    return int(found["totals"]["scans"])


async def _settled(world: World) -> int:
    """The count once nothing more arrives: replicas seal their spools every second."""
    count = await _counted(world)
    same = 0
    while same < 6:
        await asyncio.sleep(0.5)
        now = await _counted(world)
        same, count = (same + 1, count) if now == count else (0, now)
    return count


@pytest.mark.parametrize("end", ["SIGTERM", "SIGKILL"])
async def test_replicas_ended_one_after_another_under_load_cost_no_scan_and_no_count(
    world: World, end: str
) -> None:
    goods = await world.goods(50)
    before = await _settled(world)
    async with Scanning(world.running.origin, goods.codes) as load:
        for replica in REPLICAS:
            await asyncio.sleep(1.0)
            if end == "SIGTERM":
                assert await world.running.terminate(replica) in (0, -15)
            else:
                await world.running.kill(replica)
            await asyncio.sleep(1.0)
            await world.running.restart(replica)
            await asyncio.sleep(LEFT_OUT_SECONDS)
    assert load.failures == []
    assert set(load.answers) <= {"genuine", "unconfirmed"}
    assert load.total > 200

    async def all_counted() -> None:
        assert await _counted(world) == before + load.total

    await eventually(all_counted, 30, because=f"{load.total} scans were answered")
    assert await _settled(world) == before + load.total


async def test_the_recorder_stopped_for_a_while_catches_up_to_the_last_scan(world: World) -> None:
    goods = await world.goods(20)
    before = await _settled(world)
    await world.running.kill("recorder")
    async with Scanning(world.running.origin, goods.codes) as load:
        await asyncio.sleep(4.0)
    await world.running.restart("recorder")

    async def all_counted() -> None:
        assert await _counted(world) == before + load.total

    assert load.failures == []
    await eventually(all_counted, 30)


async def test_a_recall_under_load_turns_every_page_red_and_keeps_it_so(world: World) -> None:
    goods = await world.goods(20)
    async with Scanning(world.running.origin, goods.codes) as load:
        await asyncio.sleep(1.0)
        await world.recall(goods.lot_id)
        await world.until(goods.codes[0], "recalled", 6)
        load.answers.clear()
        await asyncio.sleep(2.0)
    assert load.failures == []
    assert set(load.answers) == {"recalled"}
