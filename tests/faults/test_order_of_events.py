"""Events in any order, repeated, a week late, unreadable, or unbound: no wrong verdict."""

import asyncio
import random
import time
from datetime import timedelta
from typing import Any

import msgspec

from shared.contracts.event import as_instant
from shared.messaging.bus import Hosts, Publisher
from shared.messaging.topology import Names
from shared.mongo import Database
from tests.faults import checkers
from tests.faults.databases import databases, log_of
from tests.faults.world import REPLICAS, Goods, World
from tests.polling import eventually

WATCHED_SECONDS = 4.0
POISON = b'{"specversion": "1.0", "type": "registry.lot_published.v1", "data": '


async def _told_of(recall: Database, cases: list[str]) -> list[dict[str, Any]]:
    return [e for e in await log_of(recall) if e["subject"].split("/")[0] in cases]


async def _always(world: World, goods: Goods, verdict: str, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for replica in REPLICAS:
            assert await world.verdict(goods.codes[0], replica) == verdict
        await asyncio.sleep(0.02)


async def test_a_recall_lift_and_recall_told_again_in_any_order_and_a_week_old_change_nothing(
    world: World,
) -> None:
    red, green = await world.goods(3), await world.goods(3)
    cases = []
    for goods in (red, green):
        first = await world.recall(goods.lot_id)
        await world.until(goods.codes[0], "recalled")
        await world.lift(first)
        await world.until(goods.codes[0], "genuine")
        second = await world.recall(goods.lot_id)
        await world.until(goods.codes[0], "recalled")
        cases += [first, second]
    await world.lift(second)
    await world.until(green.codes[0], "genuine")
    settings = world.running.settings
    bus = Publisher(Hosts(settings.amqp_hosts), Names(settings.bus_prefix), "again")
    async with databases(settings) as kept:
        told = await _told_of(kept["recall"], cases)
    assert len(told) > 10
    chance = random.Random(56)
    old = [
        {**one, "time": (as_instant(one["time"]) - timedelta(days=7)).isoformat()} for one in told
    ]

    async def tell() -> None:
        for _ in range(5):
            again = told + old
            chance.shuffle(again)
            for event in again:
                await bus.publish(event["type"], msgspec.json.encode(event), event["id"])

    await asyncio.gather(
        tell(),
        _always(world, red, "recalled", WATCHED_SECONDS),
        _always(world, green, "genuine", WATCHED_SECONDS),
    )
    await bus.drop()
    # Replicas that begin anew, with what the projection made of it, say the same.
    for replica in REPLICAS:
        await world.running.restart(replica)
    await world.until(red.codes[0], "recalled")
    await world.until(green.codes[0], "genuine")
    assert await checkers.violations(world) == []


async def test_poison_in_the_queue_of_a_consumer_that_keeps_crashing_costs_no_other_event(
    world: World,
) -> None:
    goods = await world.goods(3)
    settings = world.running.settings
    bus = Publisher(Hosts(settings.amqp_hosts), Names(settings.bus_prefix), "poison")
    await world.running.terminate("recall")
    await bus.send("recall.genealogy", POISON, "poison")
    derived = await world.lot(goods.facility_id, goods.product_id, [goods.lot_id])
    for _ in range(3):
        crash = {"TXNG_CRASH_AT": "consumer.recall.genealogy.before_ack"}
        world.running.launch("recall", env=crash)
        await world.running.until_exit("recall", 60)
        await bus.send("recall.genealogy", POISON, "poison")
    await world.running.restart("recall", env={})
    batch = await world.batch(goods.facility_id, goods.product_id, 3)
    codes = await world.codes(goods.facility_id, batch, 0, 2)
    await world.activate(goods.facility_id, batch, 0, 2, derived)
    await world.until(codes[0], "genuine")
    await world.recall(goods.lot_id)
    await world.until(codes[0], "recalled")
    await _only_poison_is_parked(world, "recall.genealogy")
    await bus.drop()
    assert await checkers.violations(world) == []


async def _only_poison_is_parked(world: World, queue: str) -> None:
    """And it is taken away."""
    settings = world.running.settings
    connection = await Hosts(settings.amqp_hosts).connect("test")
    channel = await connection.channel()
    parked = await channel.get_queue(Names(settings.bus_prefix).parked(queue), ensure=False)
    taken: list[bytes] = []

    async def all_four() -> None:
        while (message := await parked.get(fail=False)) is not None:
            taken.append(message.body)
            await message.ack()
        # One that crashed between parking and acknowledging parks again.
        assert len(taken) >= 4

    await eventually(all_four, 30)
    await connection.close()
    assert set(taken) == {POISON}


async def test_a_binding_that_somebody_removed_is_made_anew_and_what_it_missed_comes(
    world: World,
) -> None:
    goods = await world.goods(3)
    settings = world.running.settings
    names = Names(settings.bus_prefix)
    connection = await Hosts(settings.amqp_hosts).connect("test")
    channel = await connection.channel()
    for queue, pattern in (
        ("scan.projection", "recall.#"),
        ("stamps.facts", "registry.product_published.v1"),
        ("reporting.ledger", "#"),
    ):
        found = await channel.get_queue(names.queue(queue), ensure=False)
        await found.unbind(names.exchange, routing_key=pattern)
    await connection.close()
    await world.recall(goods.lot_id)
    await world.until(goods.codes[0], "recalled", 6)
    product = await world.product(goods.facility_id)
    await world.batch(goods.facility_id, product, 3)

    async def whole() -> None:
        assert await world.ledger_count("registry.product_published.v1", product) == 1

    await eventually(whole, 60)
    assert await checkers.violations(world) == []
