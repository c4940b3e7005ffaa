"""Broker and database may stop for a while: nothing acknowledged is lost, no page lies."""

import asyncio
import os
import time

from tests.faults.machines import Machine
from tests.faults.world import REPLICAS, World
from tests.polling import eventually

BROKER_SECONDS = float(os.environ.get("TXNG_FAULT_BROKER_SECONDS", "15"))
DATABASE_SECONDS = 10.0
STALE_SECONDS = 5.0


async def test_with_the_broker_stopped_a_recall_still_reaches_every_page(
    world: World, machine: Machine
) -> None:
    goods, other = await world.goods(5), await world.goods(5)
    await asyncio.to_thread(machine.rabbitmq.stop)
    stopped = time.monotonic()
    case = await world.recall(goods.lot_id)
    acknowledged = time.monotonic()
    while time.monotonic() < acknowledged + STALE_SECONDS:
        await asyncio.sleep(0.2)
    for replica in REPLICAS:
        assert await world.verdict(goods.codes[0], replica) == "recalled"
        assert await world.verdict(other.codes[0], replica) in ("genuine", "unconfirmed")
    product = await world.product(other.facility_id)
    while time.monotonic() < stopped + BROKER_SECONDS:
        await asyncio.sleep(0.5)
    await asyncio.to_thread(machine.rabbitmq.start)
    await world.running.until_ready(*(n for n in world.running.processes if n != "nginx"))
    await world.until(other.codes[0], "genuine")

    async def nothing_lost() -> None:
        assert await world.ledger_count("recall.ordered.v1", case) == 1
        assert await world.ledger_count("registry.product_published.v1", product) == 1

    await eventually(nothing_lost, 60)
    again = await world.goods(5)
    await world.recall(again.lot_id)
    await world.until(again.codes[0], "recalled")


async def test_with_the_database_stopped_scan_says_genuine_for_five_seconds_then_unconfirmed(
    world: World, machine: Machine
) -> None:
    goods = await world.goods(5)
    code = goods.codes[0]
    await asyncio.to_thread(machine.mongod.kill)
    killed = time.monotonic()
    assert [await world.verdict(code, r) for r in REPLICAS] == ["genuine", "genuine"]
    said: dict[str, list[str]] = {replica: [] for replica in REPLICAS}
    while time.monotonic() < killed + DATABASE_SECONDS:
        for replica in REPLICAS:
            verdict = await world.verdict(code, replica)
            late = time.monotonic() > killed + STALE_SECONDS + 1.0
            assert verdict == "unconfirmed" if late else verdict in ("genuine", "unconfirmed")
            said[replica].append(verdict)
        await asyncio.sleep(0.1)
    for verdicts in said.values():
        assert verdicts[0] == "genuine"
        assert verdicts[-1] == "unconfirmed"
    refused = await world.send("registry", "/products", {"name": "x"}, world.clerk)
    assert refused.status_code in (422, 503)
    await asyncio.to_thread(machine.mongod.start)
    await world.until(code, "genuine", 60)
    await world.running.until_ready(*(n for n in world.running.processes if n != "nginx"))
    await world.recall(goods.lot_id)
    await world.until(code, "recalled")


async def test_a_scanned_code_is_never_unknown_while_the_projection_stands_still(
    world: World,
) -> None:
    goods = await world.goods(3)
    world.running.freeze("projector")
    try:
        batch = await world.batch(goods.facility_id, goods.product_id, 50)
        codes = await world.codes(goods.facility_id, batch, 0, 49)
        await world.activate(goods.facility_id, batch, 0, 24, goods.lot_id)
        for _ in range(30):
            for replica in REPLICAS:
                assert await world.verdict(codes[0], replica) != "unknown"
                assert await world.verdict(codes[49], replica) != "unknown"
            await asyncio.sleep(0.1)
    finally:
        world.running.thaw("projector")
    await world.until(codes[0], "genuine")
    await world.until(codes[49], "not_activated")


async def test_a_replica_whose_queue_was_deleted_is_right_by_the_feed_and_binds_anew(
    world: World, machine: Machine
) -> None:
    goods = await world.goods(3)
    before = await asyncio.to_thread(_exclusive_queues, machine)
    assert len(before) == len(REPLICAS)
    for name in before:
        await asyncio.to_thread(
            machine.rabbitmq.ctl,
            "eval",
            'rabbit_amqqueue:with(rabbit_misc:r(<<"/">>, queue, <<"'
            + name
            + '">>), fun (Q) -> rabbit_amqqueue:delete(Q, false, false, <<"test">>) end).',
        )
    ordered = time.monotonic()
    await world.recall(goods.lot_id)
    await world.until(goods.codes[0], "recalled", STALE_SECONDS + 1)
    assert time.monotonic() - ordered < STALE_SECONDS + 3

    async def bound_anew() -> None:
        now = await asyncio.to_thread(_exclusive_queues, machine)
        assert len(now) == len(REPLICAS)
        assert not set(now) & set(before)

    await eventually(bound_anew, 60)
    other = await world.goods(3)
    await world.recall(other.lot_id)
    await world.until(other.codes[0], "recalled")


def _exclusive_queues(machine: Machine) -> list[str]:
    """The server-named queues of the replicas."""
    listed = machine.rabbitmq.ctl("list_queues", "name")
    return sorted(line for line in listed.split() if line.startswith("amq.gen-"))
