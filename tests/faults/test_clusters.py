"""Three databases and three brokers: any one may go, and of the brokers any two for a while."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from shared.ids import new_id
from tests.faults import checkers
from tests.faults.checkers import STALE_SECONDS
from tests.faults.load import Scanning
from tests.faults.machines import Machines, whole_system
from tests.faults.rig.alarms import Alarm, alarm
from tests.faults.world import REPLICAS, World
from tests.running import Running

DOWN_SECONDS = 12.0
THAWED_SECONDS = 8.0


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    folder = tmp_path_factory.mktemp("machines")
    made = Machines.below(folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest_asyncio.fixture(scope="module")
async def running(
    machines: Machines, secrets_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    folder = tmp_path_factory.mktemp("clustered")
    async with whole_system(machines, secrets_dir, folder, mark="clustered") as system:
        yield system


async def _red_in_time(world: World, code: str, acknowledged: float) -> None:
    """By the feeds at the latest."""
    await world.until(code, "recalled", STALE_SECONDS + 1)
    assert time.monotonic() < acknowledged + STALE_SECONDS + 3


async def test_the_node_that_leads_a_queue_is_killed_during_a_recall(
    world: World, machines: Machines
) -> None:
    goods = await world.goods(5)
    prefix = world.running.settings.bus_prefix
    leader = await asyncio.to_thread(machines.rabbitmq.leader, f"{prefix}scan.projection")
    await asyncio.to_thread(leader.kill)
    await world.insist(goods.lot_id)
    await _red_in_time(world, goods.codes[0], time.monotonic())
    await asyncio.to_thread(leader.start)
    assert await checkers.violations(world) == []


async def test_the_node_that_recall_publishes_to_is_killed_under_load(
    world: World, machines: Machines
) -> None:
    goods = await world.goods(5)
    used = await asyncio.to_thread(machines.rabbitmq.used_by, "recall.publisher")
    async with Scanning(world.running.origin, goods.codes, 4, history=world.history) as load:
        await asyncio.to_thread(used.kill)
        await world.insist(goods.lot_id)
        await _red_in_time(world, goods.codes[0], time.monotonic())
    assert load.failures == []
    await asyncio.to_thread(used.start)
    assert await checkers.violations(world) == []


async def test_with_two_of_three_brokers_down_everything_is_accepted_and_told_afterwards(
    world: World, machines: Machines
) -> None:
    goods, other = await world.goods(5), await world.goods(5)
    down = machines.rabbitmq.nodes[1:]
    for node in down:
        await asyncio.to_thread(node.kill)
    stopped = time.monotonic()
    await world.insist(goods.lot_id)
    await _red_in_time(world, goods.codes[0], time.monotonic())
    product = await world.product(other.facility_id)
    batch = await world.batch(other.facility_id, other.product_id, 3)
    await world.codes(other.facility_id, batch, 0, 2)
    await asyncio.sleep(max(0.0, stopped + DOWN_SECONDS - time.monotonic()))
    await asyncio.gather(*(asyncio.to_thread(node.start) for node in down))
    assert await checkers.violations(world) == []
    assert await world.ledger_count("registry.product_published.v1", product) == 1


@pytest.mark.parametrize("kind", ["memory", "disk"])
async def test_a_recall_under_an_alarm_of_the_broker_is_shown_by_the_feeds(
    world: World, machines: Machines, kind: Alarm
) -> None:
    goods = await world.goods(5)
    with alarm(machines.rabbitmq.one_alive(), kind):
        await world.insist(goods.lot_id)
        await _red_in_time(world, goods.codes[0], time.monotonic())
    assert await checkers.violations(world) == []


@pytest.mark.parametrize("end", ["killed", "steps down"])
async def test_orders_during_a_change_of_the_primary_are_each_one_case(
    world: World, machines: Machines, end: str
) -> None:
    each = [await world.goods(2) for _ in range(3)]
    left = await asyncio.to_thread(machines.mongod.primary)
    keys = [new_id() for _ in each]

    async def change() -> None:
        await asyncio.sleep(0.02)  # The orders are in the middle of their transactions.
        await asyncio.to_thread(left.kill if end == "killed" else machines.mongod.step_down)

    ordering = [world.insist(one.lot_id, key) for one, key in zip(each, keys, strict=True)]
    *cases, _ = await asyncio.gather(*ordering, change())
    assert len(set(cases)) == len(each)
    for one, case, key in zip(each, cases, keys, strict=True):
        assert await world.insist(one.lot_id, key) == case
        await world.until(one.codes[0], "recalled", 20)
    if end == "killed":
        await asyncio.to_thread(left.start)
    assert await checkers.violations(world) == []


async def test_an_old_primary_that_thaws_after_a_recall_makes_nobody_say_genuine(
    world: World, machines: Machines
) -> None:
    goods = await world.goods(5)
    old = await asyncio.to_thread(machines.mongod.primary)
    old.freeze()
    try:
        await asyncio.to_thread(machines.mongod.primary, other_than=old)
        await world.insist(goods.lot_id)
    finally:
        old.thaw()
    thawed = time.monotonic()
    while time.monotonic() < thawed + THAWED_SECONDS:
        for replica in REPLICAS:
            await world.verdict(goods.codes[0], replica)
        await asyncio.sleep(0.05)
    assert await checkers.violations(world) == []
    assert await world.verdict(goods.codes[0]) == "recalled"
