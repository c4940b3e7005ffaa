"""A document that cannot be read costs the judgement that hangs on it: every scan is counted."""

import base64
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from services.scan.counting.judging import unjudged
from services.scan.counting.recording import Recorder
from services.scan.domain.aggregates import FACILITIES, LOTS, PARTS, SEGMENTS
from services.scan.domain.records import PLACES, pack
from services.scan.domain.tally import day_of
from services.scan.recorder import prepare
from services.scan.store import counts, models, people, suspicions, unreadable, uses
from services.scan.store.unjudged import WAITING
from shared.ids import now
from shared.mongo import Database, Tx, transact
from shared.settings import Settings
from tests.scan.test_recorder import count_of, request_id
from tests.scan.world import Goods

READERS = 30
_numbers = itertools.count(1)
Breaking = Callable[[Database, Goods], Awaitable[object]]


@pytest.fixture(scope="module")
async def db(settings: Settings) -> AsyncIterator[Database]:
    made = Database(settings.mongo_url, settings.database("scan"), "scan")
    await prepare(made)
    yield made
    await made.close()


async def known(db: Database) -> Goods:
    """Goods that the read models know, and nothing else in the database does."""
    goods = Goods()

    async def work(tx: Tx) -> None:
        for event in goods.events():
            await models.keep_newest(tx, PARTS[event.type], [event])

    await transact(db, work)
    return goods


def scan_from(goods: Goods, source: int, milliseconds: int | None = None) -> bytes:
    at = int(now().timestamp() * 1000) if milliseconds is None else milliseconds
    user, place = source.to_bytes(8, "little"), PLACES["genuine"]
    request = request_id(f"unreadable {next(_numbers)}")
    return pack(at, request, goods.batch, 1, user, 0, place, source.to_bytes(3, "little"))


def source_of(goods: Goods, number: int) -> int:
    """Each batch is read by people of its own."""
    return goods.batch * 100 + number


def read_by_many(goods: Goods) -> bytes:
    return b"".join(scan_from(goods, source_of(goods, n)) for n in range(1, READERS + 1))


def spool_file(*scans: bytes) -> dict[str, Any]:
    return {
        "id": f"unreadable/{next(_numbers)}",
        "time": now().isoformat(),
        "replica": "test",
        "sequence": 1,
        "data_base64": base64.b64encode(b"".join(scans)).decode(),
    }


async def counted(db: Database, *scans: bytes, after: timedelta = timedelta()) -> None:
    """One spool file with all of these, in the recorder's one act, so long after now."""
    recorder = Recorder(lambda: now() + after)
    await transact(db, lambda tx: recorder.count(tx, [spool_file(*scans)]))


async def is_suspected(db: Database, goods: Goods) -> bool:
    wanted = {"batch": goods.batch, "serial": 1, "state": {"$in": ["suspected", "held_back"]}}
    return await db.collection(suspicions.SUSPICIONS).count_documents(wanted) == 1


def _spoilt(collection: str, part: dict[str, Any], key: Callable[[Goods], Any]) -> Breaking:
    async def spoil(db: Database, goods: Goods) -> object:
        found = db.collection(collection)
        return await found.update_one({"_id": key(goods)}, {"$set": part}, upsert=True)

    return spoil


def _suspected(part: dict[str, Any]) -> Breaking:
    """A suspicion that is whole but for this."""

    async def spoil(db: Database, goods: Goods) -> object:
        whole = {"batch": goods.batch, "serial": 1, "facility_id": "f", "product_id": "p"}
        whole |= {"lot_id": "l", "state": "cleared", "day": "2026-01-01", "points": 5}
        whole |= {"findings": [], "first_at": now(), "changed_at": now(), "revision": 1}
        whole |= {"version": 1, "cleared": 1, "cleared_to": "2026-01-01"}
        key = f"{goods.batch}/1"
        return await db.collection(suspicions.SUSPICIONS).insert_one({"_id": key, **whole, **part})

    return spoil


async def _use(db: Database, goods: Goods) -> object:
    row = {"batch": goods.batch, "first": 0, "last": 9, "change": uses.SOLD, "at": "soon"}
    return await db.collection(uses.USES).insert_one({"_id": f"{goods.batch}/1", **row})


async def _sources(db: Database, goods: Goods) -> object:
    day = day_of(now())
    rows = [
        {"_id": f"{day}/{source_of(goods, n)}", "stamps": 7, "at": now()}
        for n in range(1, READERS + 1)
    ]
    return await db.collection(suspicions.SOURCES).insert_many(rows)


UNJUDGED: dict[str, Breaking] = {
    "the lot": _spoilt(LOTS, {"published": {"version": 1}}, lambda one: one.lot),
    "the lot, of a type that is none": _spoilt(LOTS, {"published": 7}, lambda one: one.lot),
    "the facility": _spoilt(FACILITIES, {"published": {"commune": 7}}, lambda one: one.facility),
    "the facility, of a type that is none": _spoilt(
        FACILITIES, {"published": 7}, lambda one: one.facility
    ),
    "the lot, without its facility": _spoilt(
        LOTS, {"published.facility_id": None}, lambda one: one.lot
    ),
    "the lot, of a day that is none": _spoilt(
        LOTS, {"published.expires_on": "soon"}, lambda one: one.lot
    ),
    "what it is of": _spoilt(SEGMENTS, {"published": {"version": 1}}, lambda one: f"{one.batch}/0"),
    "when it was sold": _use,
    "where it was sent to": _spoilt(uses.SENT, {"to": 7}, lambda one: f"to {one.lot}"),
    **{
        f"its suspicion, {field}": _suspected({field: value})
        for field, value in {"day": 7, "cleared": "1", "version": None, "first_at": "soon"}.items()
    },
    "its suspicion": _spoilt(suspicions.SUSPICIONS, {"findings": 7}, lambda one: f"{one.batch}/1"),
    "what those who read it were counted against": _sources,
}


@pytest.mark.parametrize("what", UNJUDGED)
async def test_what_cannot_be_read_costs_its_own_judgement_and_no_count(
    db: Database, what: str
) -> None:
    spoilt, sound = await known(db), await known(db)
    await UNJUDGED[what](db, spoilt)
    await db.collection(uses.SENT).update_one(
        {"_id": f"to {spoilt.lot}"}, {"$set": {"lots": [spoilt.lot]}}
    )
    await db.collection(WAITING).delete_many({})  # Those of the other cases.
    before = unjudged._value.get()
    await counted(db, read_by_many(spoilt), read_by_many(sound))
    assert await count_of(db, spoilt.batch, 1) == READERS
    assert await count_of(db, sound.batch, 1) == READERS
    assert await is_suspected(db, sound)
    assert not await is_suspected(db, spoilt)
    assert not await db.collection(suspicions.SUSPICIONS).count_documents({"facility_id": ""})
    if what != "what those who read it were counted against":
        assert unjudged._value.get() == before + 1


@pytest.mark.parametrize(
    "spoilt",
    [
        {"runs": bytes(1024)},
        {"runs": bytes(4096)},
        {"runs": b"\x60" * 2048},
        {"runs": 7},
        {"few": 10**9},
        {"few": b"\0" * 7},
    ],
    ids=str,
)
async def test_people_of_a_day_that_cannot_be_read_begin_anew_and_the_count_goes_on(
    db: Database, spoilt: dict[str, Any]
) -> None:
    goods = await known(db)
    key = f"{day_of(now())}|product|{goods.facility}|{goods.product}"
    whole = {"few": b"", "runs": b"", "at": now()}
    await db.collection(people.MET).insert_one({"_id": key, **whole, **spoilt})
    await counted(db, scan_from(goods, 1))
    assert await count_of(db, goods.batch, 1) == 1
    number = await db.collection(people.NUMBERS).find_one({"_id": key})
    assert number is not None
    assert number["n"] == 1


async def test_scans_of_a_segment_that_cannot_be_read_are_counted_as_of_goods_not_known(
    db: Database,
) -> None:
    spoilt, sound = await known(db), await known(db)
    key = f"{spoilt.batch}/0"
    await _spoilt(SEGMENTS, {"published": {"version": 1}}, lambda _: key)(db, spoilt)
    told = unreadable.unreadable.labels(SEGMENTS)
    before = told._value.get()
    await counted(db, scan_from(spoilt, 1), scan_from(sound, 2))
    assert told._value.get() > before
    assert await count_of(db, spoilt.batch, 1) == await count_of(db, sound.batch, 1) == 1
    rows = db.collection(counts.HOURS).find({"product_id": sound.product})
    assert sum([row["scans"] async for row in rows]) == 1


async def test_a_day_of_a_stamp_that_cannot_be_read_begins_anew_and_the_count_goes_on(
    db: Database,
) -> None:
    goods = await known(db)
    await counted(db, scan_from(goods, 1))
    key = f"{day_of(now())}/{counts.stamp_key((goods.batch, 1))}"
    await db.collection(counts.STAMP_DAYS).update_one({"_id": key}, {"$set": {"users": 7}})
    await counted(db, scan_from(goods, 2), scan_from(goods, 3))
    assert await count_of(db, goods.batch, 1) == 3
    assert await counts.users_of_stamp(db, (goods.batch, 1), day_of(now())) == 2


async def test_a_record_of_a_time_that_no_calendar_has_is_a_damaged_one(db: Database) -> None:
    goods = await known(db)
    await counted(db, scan_from(goods, 1), scan_from(goods, 2, 2**63), scan_from(goods, 3, 2**48))
    assert await count_of(db, goods.batch, 1) == 1
