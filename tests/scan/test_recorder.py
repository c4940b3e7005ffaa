"""Every answered scan is counted once: per stamp, per hour, per user and day."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from services.scan.counting.spool import MOST_RECORDS, QUEUE, Sender, Spool
from services.scan.domain.aggregates import SEGMENTS
from services.scan.domain.records import PLACES, SIZE, pack
from services.scan.domain.segments import key_of
from services.scan.domain.tally import day_of
from services.scan.store import counts
from services.scan.store.requests import MOST_KEPT, REQUESTS, CountedRequests
from shared.ids import now
from shared.messaging.bus import Hosts, Publisher
from shared.messaging.topology import Names
from shared.mongo import Database, Tx, transact
from shared.tasks import end
from tests.polling import eventually
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, Scans, World, segment

Heard = list[dict[str, Any]]


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


def told_of(heard: Heard, segment: str) -> list[dict[str, Any]]:
    return [event for event in heard if event["subject"] == segment]


def request_id(text: str) -> bytes:
    return hashlib.blake2s(text.encode(), digest_size=16).digest()


def scan_of(batch: int, serial: int, request: str, user: str = "u") -> bytes:
    at = int(now().timestamp() * 1000)
    user_hash = hashlib.blake2s(user.encode(), digest_size=8).digest()
    return pack(at, request_id(request), batch, serial, user_hash, 0, PLACES["genuine"])


async def send(publisher: Publisher, folder: Any, *scans: bytes) -> tuple[str, bytes]:
    """One sealed segment, as a replica sends it."""
    spool = Spool(folder, "sender")
    spool.open()
    for one in scans:
        spool.append(one)
    spool.finish()
    (path,) = spool.waiting()
    name, body = spool.message(path)
    path.unlink()
    await publisher.send(QUEUE, body, name)
    return name, body


async def count_of(db: Database, batch: int, serial: int) -> int:
    found = await counts.stamp_scans(db, (batch, serial))
    return int(found["count"]) if found else 0


async def test_every_answered_scan_is_counted_once_and_told_once(
    world: World, scans: Scans, heard: Heard, db: Database
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    await becomes(scans, goods.batch, 7, "genuine")
    path = f"/v1/verdicts/{scans.code(goods.batch, 8)}"
    await asyncio.gather(
        *(scans.http.get(path, headers={"X-Real-IP": f"203.0.113.{n % 5}"}) for n in range(40))
    )
    await scans.http.head(path)

    async def counted() -> bool:
        return await count_of(db, goods.batch, 8) == 40

    await eventually(counted)
    assert await counts.users_of_stamp(db, (goods.batch, 8), day_of(now())) == 5
    found = await counts.stamp_scans(db, (goods.batch, 8))
    assert found is not None
    assert found["first"] <= found["last"] <= now()

    async def told() -> bool:
        events = [e for e in heard if e["type"] == "scan.scans_recorded.v1"]
        lots = [c for e in events for c in e["data"]["counts"] if c["lot_id"] == goods.lot]
        assert {c["facility_id"] for c in lots} <= {goods.facility}
        return sum(int(c["scans"]) for c in lots if c["verdict"] == "genuine") >= 41

    await eventually(told)


async def test_codes_that_are_none_are_counted_by_what_was_said(scans: Scans, db: Database) -> None:
    async def counted(verdict: str) -> int:
        rows = db.collection(counts.HOURS).find({"verdict": verdict, "facility_id": ""})
        return sum([row["scans"] async for row in rows])

    before = await counted("unknown"), await counted("malformed")
    code = scans.code(1, 1)
    await scans.http.get(f"/{code[:-1] + ('0' if code[-1] != '0' else '1')}")
    await scans.http.get("/NOT-A-CODE-AT-ALL")

    async def both() -> bool:
        return (await counted("unknown"), await counted("malformed")) == (
            before[0] + 1,
            before[1] + 1,
        )

    await eventually(both)


async def test_a_segment_that_comes_twice_is_counted_once(
    scans: Scans, publisher: Publisher, db: Database, heard: Heard, tmp_path: Any
) -> None:
    name, body = await send(publisher, tmp_path, scan_of(900, 1, "a1"), scan_of(900, 1, "a2"))
    await publisher.send(QUEUE, body, name)
    await send(publisher, tmp_path, scan_of(900, 2, "a3"))

    async def later() -> bool:
        return await count_of(db, 900, 2) == 1

    await eventually(later)
    assert await count_of(db, 900, 1) == 2
    assert len({event["id"] for event in told_of(heard, name)}) <= 1


async def test_a_request_answered_by_two_replicas_is_one_scan(
    scans: Scans, publisher: Publisher, db: Database, tmp_path: Any
) -> None:
    await send(publisher, tmp_path, scan_of(901, 1, "same"), scan_of(901, 1, "same"))
    await send(publisher, tmp_path, scan_of(901, 1, "same"), scan_of(901, 2, "other"))

    async def counted() -> bool:
        return await count_of(db, 901, 2) == 1

    await eventually(counted)
    assert await count_of(db, 901, 1) == 1


async def test_what_was_read_of_a_batch_is_not_believed_of_another_of_the_same_name(
    db: Database,
) -> None:
    """As after a backup was restored: the batch of that name was counted anew, with less in it."""
    counted, at = CountedRequests(), now()
    both = {request_id("one"), request_id("two")}
    span = (at - timedelta(minutes=1), at + timedelta(minutes=1))

    async def of_batch(ids: set[bytes], when: datetime) -> None:
        async def work(tx: Tx) -> None:
            await tx.collection(REQUESTS).delete_many({"_id": "restored/a/1"})
            await counted.add(tx, "restored/a/1", sorted(ids), at, at, when)

        await transact(db, work)

    async def known() -> set[bytes]:
        return await transact(db, lambda tx: counted.among(tx, both, [span]))

    await of_batch(both, at)
    assert await known() == both
    assert await known() == both
    await of_batch({request_id("one")}, at + timedelta(seconds=1))
    assert await known() == {request_id("one")}


async def test_more_batches_than_are_remembered_are_all_compared(db: Database) -> None:
    """As after an outage; and what lies between the spans asked about is not looked at."""
    counted, at = CountedRequests(), now() - timedelta(days=1)
    many = [request_id(f"batch {n}") for n in range(MOST_KEPT + 20)]
    hour = timedelta(hours=1)

    async def work(tx: Tx) -> None:
        for number, one in enumerate(many):
            then = at if number % 2 else at + 3 * hour
            await counted.add(tx, f"many/{number}", [one], then, then, at)
        await counted.add(tx, "between", [request_id("between")], at + hour, at + hour, at)

    await transact(db, work)
    asked = {*many, request_id("between")}
    minute = timedelta(minutes=1)
    spans = [(then - minute, then + minute) for then in (at, at + 3 * hour)]
    for _ in range(2):
        seen = await transact(db, lambda tx: counted.among(tx, asked, spans))
        assert seen == set(many)
        assert len(counted._kept) <= MOST_KEPT


async def test_a_user_is_new_once_a_day(
    scans: Scans, publisher: Publisher, heard: Heard, tmp_path: Any
) -> None:
    scanned = [scan_of(902, n, f"b{n}", f"person {n % 3}") for n in range(9)]
    first, _ = await send(publisher, tmp_path, *scanned)
    second, _ = await send(publisher, tmp_path, scan_of(902, 1, "b10", "person 1"))
    await eventually(lambda: told_of(heard, first) and told_of(heard, second))
    (one,), (two,) = told_of(heard, first), told_of(heard, second)
    assert sum(c["first_of_user"] for c in one["data"]["counts"]) == 3
    assert sum(c["scans"] for c in one["data"]["counts"]) == 9
    assert sum(c["first_of_user"] for c in two["data"]["counts"]) == 0


async def test_a_stamp_is_told_as_scanned_on_its_lot_once_and_not_before_it_stands_on_one(
    world: World, publisher: Publisher, db: Database, heard: Heard, tmp_path: Any
) -> None:
    goods = Goods()

    async def projected(version: int) -> bool:
        found = await db.collection(SEGMENTS).find_one({"_id": key_of(goods.batch, 0)})
        return found is not None and found["published"]["version"] == version

    await world.tell(*goods.events())
    await eventually(lambda: projected(1))

    def first_of_stamps(name: str) -> int:
        counted = [c for c in told_of(heard, name)[0]["data"]["counts"] if c["lot_id"] == goods.lot]
        return sum(c["first_of_stamp"] for c in counted)

    async def told(*serials: int) -> str:
        read = [scan_of(goods.batch, n, f"lot {uuid4()}", f"{uuid4()}") for n in serials]
        name, body = await send(publisher, tmp_path, *read)
        await publisher.send(QUEUE, body, name)
        await eventually(lambda: told_of(heard, name))
        return name

    assert first_of_stamps(await told(20, 20, 21, 700)) == 2
    assert first_of_stamps(await told(21, 20, 22)) == 1
    # Activated later, for this lot too: scanned before, but not as a stamp of a lot.
    rows = [(0, 499, goods.lot, "active"), (500, 999, goods.lot, "active")]
    await world.tell(segment(goods.batch, goods.facility, goods.product, rows, 2))
    await eventually(lambda: projected(2))
    assert first_of_stamps(await told(700, 701, 20)) == 2


async def test_damaged_records_do_not_keep_the_sound_ones_from_being_counted(
    scans: Scans, publisher: Publisher, db: Database, tmp_path: Any
) -> None:
    await send(publisher, tmp_path, scan_of(903, 1, "c1"), b"x" * SIZE, scan_of(903, 2, "c2"))

    async def counted() -> bool:
        return await count_of(db, 903, 1) == 1 and await count_of(db, 903, 2) == 1

    await eventually(counted)


async def test_a_busy_replica_sends_full_files_and_the_rest_after_a_second(
    scans: Scans, publisher: Publisher, heard: Heard, tmp_path: Any
) -> None:
    """A message each few milliseconds would cost more than all the scans that it tells of."""
    spool = Spool(tmp_path, "busy")
    spool.open()
    sender = asyncio.create_task(Sender(spool, publisher).run())

    def sent_at_least(number: int) -> bool:
        return spool.sent >= number

    for filled in (1, 2):
        for number in range(MOST_RECORDS):
            spool.append(scan_of(904, number % 7, f"d{filled}.{number}"))
        spool.append(scan_of(904, 8, f"e{filled}"))
        await eventually(partial(sent_at_least, filled))
        assert spool.sent == filled
    await eventually(lambda: spool.sent == 3)
    await end(sender)
    spool.finish()
    segments = [f"busy/{spool.incarnation}/{number}" for number in (1, 2, 3)]
    await eventually(lambda: all(told_of(heard, name) for name in segments), 60)
    told = [told_of(heard, name)[0]["data"]["counts"] for name in segments]
    assert [sum(c["scans"] for c in counts) for counts in told] == [MOST_RECORDS, MOST_RECORDS, 2]


async def test_no_address_is_kept_anywhere(scans: Scans, db: Database) -> None:
    await scans.http.get(f"/{scans.code(1, 1)}", headers={"X-Real-IP": "203.0.113.77"})
    for collection in await db.handle.list_collection_names():
        async for document in db.collection(collection).find({}):
            assert "203.0.113" not in repr(document)
