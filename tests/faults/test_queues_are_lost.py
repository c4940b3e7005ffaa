"""Queues that somebody deletes cost nothing: what was in them, or missed them, comes again."""

from services.reporting.store import ledger
from shared.messaging import outbox
from shared.messaging.bus import Hosts
from shared.messaging.topology import Names
from shared.mongo import Database
from tests.faults.databases import databases
from tests.faults.world import World
from tests.polling import eventually

DELETED = ("reporting.ledger", "stamps.facts")


async def test_the_ledger_is_whole_and_stamps_know_the_facts_though_their_queues_were_deleted(
    world: World,
) -> None:
    facility_id = await world.facility()
    for name in ("stamps", "reporting"):
        world.running.freeze(name)
    try:
        inside = await world.product(facility_id)
        await _delete_queues(world)
        meanwhile = await world.product(facility_id)
    finally:
        for name in ("stamps", "reporting"):
            world.running.thaw(name)
    goods = await world.goods(5)
    for product_id in (inside, meanwhile):
        await world.batch(facility_id, product_id, 3)
    await _delete_queues(world)
    case = await world.recall(goods.lot_id)
    await world.until(goods.codes[0], "recalled")

    async def whole() -> None:
        assert await world.ledger_count("recall.ordered.v1", case) == 1
        said = await world.running.run_module("services.reporting.verify")
        assert "The ledger is sound." in said
        assert "not yet arrived" not in said
        async with databases(world.running.settings) as every:
            kept = await _numbers_kept(every["reporting"])
            for name, db in every.items():
                told, found = await outbox.number_committed(db), sorted(kept.get(name, []))
                assert found == list(range(1, told + 1)), f"{name}: {len(found)} of {told}"

    await eventually(whole, 90)


async def _numbers_kept(reporting: Database) -> dict[str, list[int]]:
    """By source, what the ledger holds and what its links name as left out."""
    found: dict[str, list[int]] = {}
    left_out = [await ledger.passed(reporting)]
    async for row in reporting.collection(ledger.LEDGER).find():
        if row["number"] is not None:
            found.setdefault(row["source"], []).append(row["number"])
        left_out.append(row.get("passed", ""))
    for told in ",".join(one for one in left_out if one).split(","):
        source, _, number = told.partition(":")
        if number:
            found.setdefault(source, []).append(int(number))
    return found


async def _delete_queues(world: World) -> None:
    settings = world.running.settings
    connection = await Hosts(settings.amqp_hosts).connect("test")
    channel = await connection.channel()
    for name in DELETED:
        await channel.queue_delete(Names(settings.bus_prefix).queue(name))
    await connection.close()
