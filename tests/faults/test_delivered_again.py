"""Every event delivered a second time, and in reverse, changes nothing anywhere."""

from typing import Any

import msgspec

from services.reporting.store.ledger import HEAD, LEDGER
from shared.messaging import outbox
from shared.messaging.bus import Hosts, Publisher
from shared.messaging.topology import Names
from shared.mongo import Database
from tests.faults.databases import PUBLISHERS, quiet
from tests.faults.world import World
from tests.polling import eventually
from tests.unasked import unasked

# What is kept for the machinery itself or changes with the clock (what is spoken takes its time,
# and its gate counts that); the ledger must stay as it is.
LEFT_OUT = (unasked() | {"scope_guard", "sessions", "speech_gate"}) - {LEDGER, HEAD}


async def test_all_events_again_in_reverse_leave_every_projection_as_it_was(world: World) -> None:
    goods = await world.goods(20)
    await world.recall(goods.lot_id)
    await world.until(goods.codes[0], "recalled")
    settings = world.running.settings
    databases = {
        name: Database(settings.mongo_url, settings.database(name), name) for name in PUBLISHERS
    }
    try:
        await eventually(lambda: _looked_at(databases["recall"]))
        await quiet(databases)
        before = {name: await _contents(db) for name, db in databases.items()}
        bus = Publisher(Hosts(settings.amqp_hosts), Names(settings.bus_prefix), "again")
        sent = 0
        for db in databases.values():
            head = await outbox.number_committed(db)
            for event in reversed(await outbox.read(db, 0, head, head)):
                await bus.publish(event["type"], msgspec.json.encode(event), event["id"])
                sent += 1
        await bus.drop()
        assert sent > 30
        await quiet(databases)
        after = {name: await _contents(db) for name, db in databases.items()}
        for name in PUBLISHERS:
            for collection in before[name].keys() | after[name].keys():
                assert after[name].get(collection) == before[name].get(collection), (
                    f"{name}.{collection} changed"
                )
    finally:
        for db in databases.values():
            await db.close()
    assert await world.verdict(goods.codes[0]) == "recalled"


async def _looked_at(db: Database) -> bool:
    """Whether the receipts of every act were looked at, which is noted at it some seconds later."""
    return not await db.collection("entries").count_documents({"unwatched": {"$exists": True}})


async def _contents(db: Database) -> dict[str, list[dict[str, Any]]]:
    """Every document of the projections, in order."""
    found = {}
    for name in sorted(await db.handle.list_collection_names()):
        if name not in LEFT_OUT and not name.startswith("system."):
            found[name] = [d async for d in db.collection(name).find({}).sort("_id", 1)]
    return found
