"""Single processes in trouble: cut off, out of descriptors, out of disk, with a wrong clock."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.faults import checkers
from tests.faults.checkers import STALE_SECONDS
from tests.faults.rig.limits import no_more_descriptors
from tests.faults.rig.proxy import Proxy
from tests.faults.world import World

HOUR = 3600


@pytest.mark.parametrize("cut", ["reset", "black hole"])
async def test_a_replica_cut_off_from_the_broker_is_red_by_the_feeds_and_comes_back(
    world: World, cut: str
) -> None:
    goods, later = await world.goods(5), await world.goods(5)
    async with Proxy(world.running.settings.amqp_url) as bus:
        await world.running.restart("scan-1", env={"TXNG_AMQP_URL": bus.through})
        await world.until(goods.codes[0], "genuine")
        if cut == "reset":
            bus.reset()
        else:
            bus.swallow()
        await world.recall(goods.lot_id)
        await world.until(goods.codes[0], "recalled", STALE_SECONDS + 1)
        assert await world.verdict(later.codes[0], "scan-1") == "genuine"
        bus.pass_on()
        await world.recall(later.lot_id)
        await world.until(later.codes[0], "recalled", STALE_SECONDS + 1)
        assert await checkers.violations(world) == []
        await world.running.restart("scan-1", env={})


@pytest.mark.parametrize("name", ["recall", "scan-1"])
async def test_a_process_that_can_open_nothing_more_recovers_by_itself(
    world: World, name: str
) -> None:
    goods, other = await world.goods(5), await world.goods(5)
    with no_more_descriptors(world.running.pid(name)):
        async with httpx2.AsyncClient(timeout=1) as newcomer:
            with pytest.raises(httpx2.TransportError):
                await newcomer.get(f"{world.running.url(name)}/healthz")
        if name != "recall":
            await world.recall(goods.lot_id)
            await asyncio.sleep(STALE_SECONDS)
    if name == "recall":
        await world.insist(goods.lot_id)
    await world.until(goods.codes[0], "recalled", STALE_SECONDS + 1)
    await world.recall(other.lot_id)
    await world.until(other.codes[0], "recalled", STALE_SECONDS + 1)
    assert await checkers.violations(world) == []


@pytest.mark.parametrize("hours", [1, -1])
async def test_clocks_that_are_two_hours_apart_delay_no_recall(world: World, hours: int) -> None:
    """Recall's is an hour wrong one way, a replica's the other."""
    goods = await world.goods(5)
    ways = ["an_hour_fast", "an_hour_slow"][::hours]
    for name, way in zip(("recall", "scan-1"), ways, strict=True):
        await world.running.restart(name, altered=way)
    world.believe(hours * HOUR)
    await world.until(goods.codes[0], "genuine")
    case = await world.recall(goods.lot_id)
    await world.until(goods.codes[0], "recalled", STALE_SECONDS + 1)
    await world.lift(case)
    await world.until(goods.codes[0], "genuine", STALE_SECONDS + 5)
    for name in ("recall", "scan-1"):
        await world.running.restart(name, altered="")
    world.believe(0)
    await world.recall(goods.lot_id)
    await world.until(goods.codes[0], "recalled", STALE_SECONDS + 1)
    assert await checkers.violations(world) == []


@contextmanager
def _tiny_disk(folder: Path) -> Iterator[None]:
    """A file system of its own with room for no spool file."""
    mounted = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if subprocess.run(mounted, capture_output=True, check=False).returncode:
        pytest.skip("mounting a tmpfs is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def test_with_no_room_for_the_spool_scans_are_answered_and_counted_again_later(
    world: World,
) -> None:
    goods = await world.goods(5)
    folder = world.running.layout.state / "spool" / "scan-1"
    await world.running.terminate("scan-1")
    before, logged = len(world.history.scans), len(world.running.log("scan-1"))
    with _tiny_disk(folder):
        await world.running.start("scan-1")
        await world.until(goods.codes[0], "genuine")
        case = await world.recall(goods.lot_id)
        await world.until(goods.codes[0], "recalled", STALE_SECONDS + 1)
        await world.lift(case)
        await world.until(goods.codes[0], "genuine")
        assert "scans are answered uncounted" in world.running.log("scan-1")[logged:]
        await world.running.terminate("scan-1")
    # What was answered without room is lost to the counts, as services/scan/README.md says.
    scans = world.history.scans
    world.history.scans = scans[:before] + [s for s in scans[before:] if s.replica != "scan-1"]
    await world.running.start("scan-1")
    await world.until(goods.codes[1], "genuine")
    assert await checkers.counted_once(world.history, world) == []
