"""The projection mends what its queue lost, by itself, and a failing event holds its mark back."""

from services.scan.store import models
from shared.contracts.event import envelope
from shared.messaging.bus import Hosts
from shared.messaging.topology import Names
from shared.mongo import Tx, transact
from tests.polling import eventually
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, World, facility, name


async def test_events_that_the_queue_lost_are_read_from_the_feeds(world: World) -> None:
    goods = Goods()
    async with world.projecting():
        pass
    await world.tell(*goods.events())
    connection = await Hosts(world.settings.amqp_hosts).connect("test")
    channel = await connection.channel()
    queue = await channel.declare_queue(
        Names(world.settings.bus_prefix).queue(models.PROJECTION), passive=True
    )

    async def arrived() -> bool:
        state = await channel.declare_queue(queue.name, passive=True)
        return (state.declaration_result.message_count or 0) >= 4

    await eventually(arrived)
    await queue.purge()
    await connection.close()
    async with world.replica() as scans, world.projecting():
        await becomes(scans, goods.batch, 7, "genuine")


async def test_an_event_that_cannot_be_applied_holds_the_mark_back_but_not_the_others(
    world: World,
) -> None:
    broken, goods = facility(name("facility")), Goods()
    body = envelope(broken)
    del body["data"]["name"]

    async def append(tx: Tx) -> None:
        row = {"_id": broken.id, "state": "new", "body": body}
        await tx.collection("outbox").insert_one(row)

    async with world.projecting() as projection, world.replica() as scans:
        before = Goods()
        await world.tell(*before.events())
        await becomes(scans, before.batch, 7, "genuine")
        await transact(world.services["registry"].db, append)
        await world.tell(*goods.events())
        await becomes(scans, goods.batch, 7, "genuine")
        reached = (await models.projected(projection.db))["registry"]
        assert reached < scans.replica.memory.taken["registry"].complete_to
        assert await models.find(projection.db, "facilities", broken.subject) is None
