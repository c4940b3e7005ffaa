"""What is kept of single scans goes by itself after 30 days, of visitors after 3; sums stay."""

import base64
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.local.servers import Mongod
from services.scan.counting.recording import Recorder, recorder
from services.scan.counting.spool import Sender, Spool
from services.scan.domain.records import PLACES, pack
from services.scan.domain.tally import day_of
from services.scan.store import counts, suspicions
from services.scan.store.requests import REQUESTS
from shared.ids import now
from shared.messaging.bus import Hosts, Publisher
from shared.messaging.topology import Names
from shared.mongo import Database, transact
from tests.polling import eventually
from tests.scan.test_recorder import request_id
from tests.scan.world import Goods, World, free_port

# How long ago each lot of stamps was scanned and counted, and what is still kept of it.
KEPT = {
    31: set(),
    29: {"stamp"},
    4: {"stamp", "request"},
    2: {"stamp", "request", "user", "source"},
}
READERS = 30


@pytest.fixture(scope="module")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database of this module's own, which looks each second for what is to be deleted."""
    folder = tmp_path_factory.mktemp("mongo")
    server = Mongod(folder, free_port(), parameters=["ttlMonitorSleepSecs=1"])
    server.launch()
    server.await_ready()
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
async def db(world: World) -> AsyncIterator[Database]:
    made = Database(world.settings.mongo_url, world.settings.database("scan"), "scan")
    yield made
    await made.close()


@pytest.fixture(scope="module")
async def publisher(world: World) -> AsyncIterator[Publisher]:
    made = Publisher(Hosts(world.settings.amqp_hosts), Names(world.settings.bus_prefix), "test")
    yield made
    await made.drop()


def scans_of(goods: Goods, at: datetime) -> list[bytes]:
    """One stamp that so many neighbourhoods read that it becomes suspected."""
    milliseconds = int(at.timestamp() * 1000)
    return [
        pack(
            milliseconds + n,
            request_id(f"{goods.batch}-{n}"),
            goods.batch,
            1,
            (goods.batch << 16 | n).to_bytes(8),
            0,
            PLACES["genuine"],
            (n + 1).to_bytes(3, "little"),
        )
        for n in range(READERS)
    ]


async def count_then(world: World, db: Database, goods: Goods, at: datetime, spool: Spool) -> None:
    """A recorder whose clock says `at` counts scans of just then."""
    publisher = Publisher(Hosts(world.settings.amqp_hosts), Names(world.settings.bus_prefix), "t")
    spool.open()
    for one in scans_of(goods, at):
        spool.append(one)
    spool.finish()
    async with world.recording(recorder(lambda: at)):
        await Sender(spool, publisher).send()

        async def counted() -> bool:
            found = await counts.stamp_scans(db, (goods.batch, 1))
            return found is not None and found["count"] == READERS

        await eventually(counted)
    await publisher.drop()


async def kept_of(db: Database, goods: Goods, at: datetime) -> set[str]:
    key = counts.stamp_key((goods.batch, 1))
    user = (goods.batch << 16 | 3).to_bytes(8).hex()
    stamp = f"{goods.batch}/1"
    wanted: dict[str, tuple[str, dict[str, Any]]] = {
        "stamp": (counts.STAMP_DAYS, {"_id": f"{day_of(at)}/{key}"}),
        "user": (counts.USERS, {"_id": f"{day_of(at)}/{user}"}),
        "request": (
            REQUESTS,
            {"ids": b"".join(request_id(f"{goods.batch}-{n}") for n in range(READERS))},
        ),
        "source": (suspicions.SOURCES, {"stamps": stamp}),
    }
    return {
        name
        for name, (collection, one) in wanted.items()
        if await db.collection(collection).count_documents(one)
    }


async def test_single_scans_go_after_thirty_days_and_visitors_after_three_and_sums_stay(
    world: World, db: Database, tmp_path: Path
) -> None:
    made = {days: Goods() for days in KEPT}
    spool = Spool(tmp_path, "r1")
    async with world.projecting():
        await world.tell(*(event for goods in made.values() for event in goods.events()))

        async def known() -> bool:
            wanted = {"_id": {"$in": [f"{goods.batch}/0" for goods in made.values()]}}
            return await db.collection("segments").count_documents(wanted) == len(made)

        await eventually(known)
    ages = {days: now() - timedelta(days=days) for days in KEPT}
    for days, goods in made.items():
        await count_then(world, db, goods, ages[days], spool)

    async def only_what_may_be() -> bool:
        return all(
            [await kept_of(db, goods, ages[days]) == KEPT[days] for days, goods in made.items()]
        )

    await eventually(only_what_may_be, 60)
    for goods in made.values():
        stamp = await counts.stamp_scans(db, (goods.batch, 1))
        assert stamp is not None
        assert stamp["count"] == READERS
        hours = db.collection(counts.HOURS).find({"product_id": goods.product})
        rows = [row async for row in hours]
        assert sum(row["scans"] for row in rows) == READERS
        assert sum(row["users"] for row in rows) == READERS
        assert not any("user" in str(value) for row in rows for value in row.values())
        found = await suspicions.of(db, [(goods.batch, 1)])
        assert found[goods.batch, 1].state == "suspected"
    # And it stays so: the next looks delete nothing more.
    passes = await looks(db)

    async def looked_again() -> bool:
        return await looks(db) >= passes + 2

    await eventually(looked_again, 30)
    assert await only_what_may_be()
    left = [path for path in tmp_path.rglob("*.*") if path.read_bytes().strip(b"\0")]
    assert left == []


async def looks(db: Database) -> int:
    """How often the server has looked for what is to be deleted."""
    told = await db.client.admin.command("serverStatus")
    return int(told["metrics"]["ttl"]["passes"])


async def test_scans_that_come_late_are_deleted_with_the_others_of_their_day(
    world: World, db: Database
) -> None:
    """As from a replica that was switched off for three weeks: thirty days from the scan on."""
    goods, scanned, at = Goods(), now() - timedelta(days=21), now()
    (one,) = scans_of(goods, scanned)[:1]
    envelope = {
        "id": f"late/{goods.batch}",
        "time": at.isoformat(),
        "replica": "late",
        "sequence": 1,
        "data_base64": base64.b64encode(one).decode(),
    }
    await transact(db, lambda tx: Recorder(lambda: at).count(tx, [envelope]))
    key = f"{day_of(scanned)}/{counts.stamp_key((goods.batch, 1))}"
    row = await db.collection(counts.STAMP_DAYS).find_one({"_id": key})
    assert row is not None
    assert row["at"] <= scanned + timedelta(days=1)
