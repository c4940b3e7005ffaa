"""A stamp whose goods cannot be read is not judged without its owner: it waits until they can."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any, Final

import pytest

from services.scan.counting.recording import Recorder
from services.scan.domain.aggregates import FACILITIES, SEGMENTS
from services.scan.domain.tally import day_of
from services.scan.recorder import prepare
from services.scan.store import suspicions, unjudged
from services.scan.store.counts import STAMP_DAY_DAYS, STAMP_DAYS, StampDay, day_key
from shared.ids import now
from shared.mongo import Database, Document, Tx, transact
from shared.settings import Settings
from tests.scan.test_recorder import count_of
from tests.scan.test_unreadable import (
    READERS,
    counted,
    is_suspected,
    known,
    read_by_many,
    scan_from,
    spool_file,
)
from tests.scan.world import Goods

LATER: Final = unjudged.AGAIN + timedelta(seconds=1)


@pytest.fixture(scope="module")
async def prepared(settings: Settings) -> AsyncIterator[Database]:
    made = Database(settings.mongo_url, settings.database("scan"), "scan")
    await prepare(made)
    yield made
    await made.close()


@pytest.fixture
async def db(prepared: Database) -> Database:
    await prepared.collection(unjudged.WAITING).delete_many({})
    return prepared


def key_of(goods: Goods) -> str:
    return day_key(StampDay((goods.batch, 1), day_of(now())))


async def published(db: Database, collection: str, key: str, told: Any = None) -> Any:
    """What stands in a read model; with `told`, this is put in its place."""
    row = await db.collection(collection).find_one({"_id": key})
    if told is not None:
        await db.collection(collection).update_one({"_id": key}, {"$set": {"published": told}})
    return row["published"] if row else None


async def unread(db: Database) -> tuple[Goods, Document]:
    """Goods whose segment cannot be read while many scan one of their stamps."""
    goods = await known(db)
    whole = await published(db, SEGMENTS, f"{goods.batch}/0", {"version": 1})
    await counted(db, read_by_many(goods))
    return goods, whole


async def waiting(db: Database) -> set[str]:
    return {row["_id"] async for row in db.collection(unjudged.WAITING).find({})}


async def suspicion(db: Database, goods: Goods) -> Document | None:
    return await db.collection(suspicions.SUSPICIONS).find_one({"batch": goods.batch})


async def test_it_is_not_judged_without_its_owner_but_with_it_once_it_can_be_read(
    db: Database,
) -> None:
    goods, whole = await unread(db)
    assert await suspicion(db, goods) is None
    assert await waiting(db) == {key_of(goods)}
    await published(db, SEGMENTS, f"{goods.batch}/0", whole)
    other = await known(db)
    # Whoever scans anything, a minute later.
    await counted(db, scan_from(other, 1), after=LATER)
    found = await suspicion(db, goods)
    assert found is not None
    assert (found["facility_id"], found["product_id"], found["lot_id"]) == (
        goods.facility,
        goods.product,
        goods.lot,
    )
    assert found["day"] == day_of(now())
    assert await count_of(db, goods.batch, 1) == READERS
    assert await waiting(db) == set()


@pytest.mark.parametrize(("days", "state"), [(2, "suspected"), (3, "held_back"), (9, "held_back")])
async def test_once_its_sources_are_forgotten_staff_look_first_and_nobody_is_warned(
    db: Database, days: int, state: str
) -> None:
    """Or each of them could be counted against as many stamps of that day once more."""
    goods, whole = await unread(db)
    await published(db, SEGMENTS, f"{goods.batch}/0", whole)
    await counted(db, scan_from(await known(db), 1), after=timedelta(days=days))
    found = await suspicion(db, goods)
    assert found is not None
    assert (found["state"], found["day"]) == (state, day_of(now()))
    assert await waiting(db) == set()


async def test_scans_that_come_days_late_condemn_no_stamp_either(db: Database) -> None:
    goods = await known(db)
    await counted(db, read_by_many(goods), after=timedelta(days=suspicions.SOURCE_DAYS))
    found = await suspicion(db, goods)
    assert found is not None
    assert found["state"] == "held_back"
    again = await known(db)
    await counted(db, read_by_many(again))
    assert await is_suspected(db, again)


async def test_while_it_cannot_be_read_it_waits_on_and_nobody_is_held_up(db: Database) -> None:
    goods, _ = await unread(db)
    for minutes in (2, 4):
        other = await known(db)
        await counted(db, read_by_many(other), after=timedelta(minutes=minutes))
        assert await is_suspected(db, other)
        assert await waiting(db) == {key_of(goods)}
    assert await suspicion(db, goods) is None


async def test_it_is_not_looked_at_again_before_a_minute_has_passed(db: Database) -> None:
    goods, whole = await unread(db)
    await published(db, SEGMENTS, f"{goods.batch}/0", whole)
    await counted(db, scan_from(await known(db), 1))
    assert await waiting(db) == {key_of(goods)}
    # But by whoever scans it.
    await counted(db, scan_from(goods, 7))
    assert await is_suspected(db, goods)


async def test_it_waits_for_a_facility_too(db: Database) -> None:
    goods = await known(db)
    whole = await published(db, FACILITIES, goods.facility, 7)
    await counted(db, read_by_many(goods))
    assert await waiting(db) == {key_of(goods)}
    await published(db, FACILITIES, goods.facility, whole)
    await counted(db, scan_from(await known(db), 1), after=LATER)
    assert await is_suspected(db, goods)


async def test_judged_again_by_two_recorders_it_is_suspected_once(db: Database) -> None:
    goods, whole = await unread(db)
    await published(db, SEGMENTS, f"{goods.batch}/0", whole)
    scan = scan_from(await known(db), 1)
    file = spool_file(scan)

    async def dies(tx: Tx) -> None:
        await Recorder(lambda: now() + LATER).count(tx, [file])
        raise RuntimeError("the recorder dies")

    with pytest.raises(RuntimeError):
        await transact(db, dies)
    assert await waiting(db) == {key_of(goods)}
    for one in (file, spool_file(scan)):
        recorder = Recorder(lambda: now() + LATER)
        await transact(db, partial(recorder.count, envelopes=[one]))
    found = await suspicion(db, goods)
    assert found is not None
    assert found["version"] == 1
    assert await waiting(db) == set()


async def test_what_few_have_read_does_not_wait(db: Database) -> None:
    goods = await known(db)
    await published(db, SEGMENTS, f"{goods.batch}/0", {"version": 1})
    await counted(db, scan_from(goods, 1))
    assert await waiting(db) == set()


async def test_whose_readers_are_forgotten_waits_no_longer(db: Database) -> None:
    goods, _ = await unread(db)
    await db.collection(STAMP_DAYS).delete_one({"_id": key_of(goods)})
    await counted(db, scan_from(await known(db), 1), after=LATER)
    assert await waiting(db) == set()
    indexes = await db.collection(unjudged.WAITING).index_information()
    seconds = {one.get("expireAfterSeconds") for one in indexes.values()} - {None}
    assert seconds == {timedelta(days=STAMP_DAY_DAYS).total_seconds()}


async def test_so_many_are_looked_at_in_one_turn_and_what_is_no_stamp_is_thrown_away(
    db: Database,
) -> None:
    past = now() - timedelta(hours=1)
    rows: list[Document] = [
        {"_id": day_key(StampDay((2_000_000 + n, 1), day_of(now()))), "again_at": past, "at": past}
        for n in range(unjudged.AT_ONCE + 5)
    ]
    rows.append({"_id": "no stamp", "again_at": past - timedelta(hours=1), "at": past})
    await db.collection(unjudged.WAITING).insert_many(rows)
    due = await transact(db, lambda tx: unjudged.due(tx, now()))
    assert len(due) == unjudged.AT_ONCE - 1
    await counted(db, scan_from(await known(db), 1))
    assert len(await waiting(db)) <= 6
