"""Each invariant's checker complains where its guard is taken out, and not where it is in place."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from deploy.local.layout import FEEDS
from shared.messaging.bus import Hosts, Publisher
from shared.messaging.topology import Names
from tests.faults import checkers
from tests.faults.checkers import STALE_SECONDS
from tests.faults.databases import databases, log_of
from tests.faults.machines import Machine, whole_system
from tests.faults.rig.proxy import Proxy
from tests.faults.world import World
from tests.polling import eventually
from tests.running import Running


@pytest_asyncio.fixture(scope="module")
async def running(
    machine: Machine, secrets_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    """A system of its own: what is spoilt here stays spoilt, and others would complain of it."""
    folder = tmp_path_factory.mktemp("altered")
    async with whole_system(machine, secrets_dir, folder, mark="altered") as system:
        yield system


@asynccontextmanager
async def _altered(world: World, name: str, guard: str, **env: str) -> AsyncIterator[None]:
    """One process without one of its guards; afterwards it runs as it should again."""
    await world.running.restart(name, altered=guard, env=env)
    try:
        yield
    finally:
        await world.running.restart(name, altered="", env={})


async def _again(world: World, queue: str, kind: str) -> None:
    """Every event of this type into a queue once more, the newest first."""
    settings = world.running.settings
    bus = Publisher(Hosts(settings.amqp_hosts), Names(settings.bus_prefix), "again")
    async with databases(settings) as kept:
        for db in kept.values():
            for event in reversed(await log_of(db)):
                if event["type"] == kind:
                    await bus.send(queue, msgspec.json.encode(event), event["id"])
    await bus.drop()


async def test_nothing_is_violated_where_nothing_befell(world: World) -> None:
    goods = await world.goods(10)
    derived = await world.lot(goods.facility_id, goods.product_id, [goods.lot_id])
    batch = await world.batch(goods.facility_id, goods.product_id, 5)
    codes = await world.codes(goods.facility_id, batch, 0, 4)
    await world.activate(goods.facility_id, batch, 0, 4, derived)
    case = await world.recall(goods.lot_id)
    await world.until(goods.codes[0], "recalled")
    await world.until(codes[0], "recalled")
    await world.lift(case)
    await world.until(goods.codes[0], "genuine")
    await world.recall(derived)
    assert await checkers.violations(world) == []


async def test_i1_complains_of_stamps_that_nobody_was_told_of(world: World) -> None:
    goods = await world.goods(3)
    assert await checkers.readable(world.history, world) == []
    world.healing = 3
    async with _altered(world, "stamps", "outbox_forgets_segments"):
        batch = await world.batch(goods.facility_id, goods.product_id, 3)
        await world.codes(goods.facility_id, batch, 0, 2)
        said = await checkers.readable(world.history, world)
    assert len(said) == 2
    assert all(f"a stamp of batch {batch}" in one for one in said)


async def test_i2_complains_of_a_batch_number_that_was_drawn_twice(world: World) -> None:
    goods = await world.goods(3)
    assert await checkers.unique(world.history, world) == []
    async with _altered(world, "stamps", "numbers_drawn_twice"):
        batch = await world.batch(goods.facility_id, goods.product_id, 3)
        said = await checkers.unique(world.history, world)
    assert f"batch {batch} was issued to 2 requests" in said


async def test_i3_complains_of_more_stamps_than_were_asked_for(world: World) -> None:
    goods = await world.goods(3)
    assert await checkers.approved(world.history, world) == []
    async with _altered(world, "stamps", "more_than_asked"):
        request = await world.request(goods.facility_id, goods.product_id, 3)
        await world.approve(request, goods.facility_id, 3, granted=5)
        said = await checkers.approved(world.history, world)
    assert f"5 approved of 3 asked: {request}" in said


@pytest.mark.parametrize("guard", ["", "endless_confirmation"])
async def test_i4_complains_of_a_replica_whose_confirmation_never_ends(
    world: World, guard: str
) -> None:
    """Cut off from bus and feeds, one may say `genuine` for five seconds more, and then no more."""
    goods = await world.goods(3)
    async with Proxy(world.running.settings.amqp_url) as bus:
        feeds = {name: Proxy(world.running.url(name)) for name in FEEDS}
        for feed in feeds.values():
            await feed.__aenter__()
        told = json.dumps({name: feed.through for name, feed in feeds.items()})
        env = {"TXNG_AMQP_URL": bus.through, "TXNG_FEEDS": told}
        async with _altered(world, "scan-1", guard, **env):
            await world.until(goods.codes[0], "genuine")
            for way in (bus, *feeds.values()):
                way.swallow()
            await world.recall(goods.lot_id)
            await world.verdict(goods.codes[0], "scan-1")
            await asyncio.sleep(STALE_SECONDS + 1)
            cut_off = await world.verdict(goods.codes[0], "scan-1")
            said = await checkers.never_stale(world.history, world)
            for way in (bus, *feeds.values()):
                way.pass_on()
        for feed in feeds.values():
            await feed.__aexit__(None, None, None)
    assert cut_off == ("genuine" if guard else "unconfirmed")
    assert len(said) == (1 if guard else 0)


async def test_i5_complains_of_events_that_are_taken_in_twice(world: World) -> None:
    await world.goods(3)
    again = "reporting.statistics", "stamps.batch_issued.v1"
    await _again(world, *again)
    await world.quiet()
    assert await checkers.effect_once(world.history, world) == []
    async with _altered(world, "reporting", "no_claims"):
        await _again(world, *again)

        async def complains() -> None:
            said = await checkers.effect_once(world.history, world)
            assert any("reporting.counters stamps_issued" in one for one in said)

        await eventually(complains, 30)


async def test_i6_complains_of_a_projection_that_keeps_what_came_last(world: World) -> None:
    goods = await world.goods(3)
    again = "scan.projection", "stamps.segment_published.v1"
    await _again(world, *again)
    await world.quiet()
    assert await checkers.replayable(world.history, world) == []
    world.healing = 3
    async with _altered(world, "projector", "last_one_wins"):
        await _again(world, *again)

        async def complains() -> None:
            said = await checkers.replayable(world.history, world)
            assert any(one.startswith(f"scan.segments {goods.batch}/0:") for one in said)

        await eventually(complains, 30)


async def test_i7_complains_of_a_link_that_was_changed(world: World) -> None:
    await world.goods(1)
    assert await checkers.ledger_sound(world.history, world) == []
    async with databases(world.running.settings) as kept:
        ledger = kept["reporting"].collection("ledger")
        link = await ledger.find_one({"type": "stamps.batch_issued.v1"})
        assert link is not None
        await ledger.update_one({"_id": link["_id"]}, {"$set": {"body": link["body"] + " "}})
        said = await checkers.ledger_sound(world.history, world)
        await ledger.update_one({"_id": link["_id"]}, {"$set": {"body": link["body"]}})
    assert len(said) == 1
    assert str(link["_id"]) in said[0]
    assert await checkers.ledger_sound(world.history, world) == []


async def test_i8_complains_of_a_consumer_that_does_not_come_back(
    world: World, machine: Machine
) -> None:
    world.healing = 15
    async with _altered(world, "projector", "one_connection"):
        assert await checkers.no_repair(world.history, world) == []
        await asyncio.to_thread(machine.rabbitmq.ctl, "close_all_connections", "test")
        said = await checkers.no_repair(world.history, world)
    assert any("projector is not ready" in one for one in said)
    assert any("nobody consumes scan.projection" in one for one in said)
    world.healing = 60
    await asyncio.to_thread(machine.rabbitmq.ctl, "close_all_connections", "test")
    assert await checkers.no_repair(world.history, world) == []


@pytest.mark.parametrize("guard", ["", "counted_later"])
async def test_i9_complains_of_scans_that_are_written_after_they_were_answered(
    world: World, guard: str
) -> None:
    goods = await world.goods(3)
    async with _altered(world, "scan-1", guard):
        for _ in range(20):
            await world.verdict(goods.codes[1], "scan-1")
        await world.running.kill("scan-1")
    world.healing = 5 if guard else 20
    said = await checkers.counted_once(world.history, world)
    assert any(one.startswith(goods.codes[1]) for one in said) == bool(guard)
