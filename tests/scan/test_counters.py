"""A counter that is no number begins anew, and every scan of its spool file is counted, once."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final

import pytest
from bson import Decimal128, Int64

from services.scan.counting.recording import Recorder
from services.scan.domain.figures import Period
from services.scan.domain.tally import day_of
from services.scan.recorder import prepare
from services.scan.store import counters, counts, figures, people, unreadable
from services.scan.store.gate import GATE, pass_gate
from services.scan.store.often import Place, after
from shared.days import local_day
from shared.ids import now
from shared.mongo import Database, Document, Tx, transact
from shared.settings import Settings
from tests.scan.test_people import of_product
from tests.scan.test_recorder import count_of
from tests.scan.test_unreadable import counted, known, scan_from, source_of, spool_file
from tests.scan.world import Goods

NO_NUMBERS: Final = {
    "a text": "x",
    "nothing": None,
    "a list": [1],
    "a document": {"a": 1},
    "yes": True,
    "a day": datetime(2026, 1, 1),
    "not a number": float("nan"),
    "without end": float("inf"),
    "below nothing": -1,
    "a decimal": Decimal128(Decimal(3)),
    "more than can be added to": Int64(2**63 - 1),
}


@pytest.fixture(scope="module")
async def db(settings: Settings) -> AsyncIterator[Database]:
    made = Database(settings.mongo_url, settings.database("scan"), "scan")
    await prepare(made)
    yield made
    await made.close()


def of_stamp(goods: Goods) -> int:
    return counts.stamp_key((goods.batch, 1))


async def stamp(db: Database, goods: Goods) -> Document:
    found = await counts.stamp_scans(db, (goods.batch, 1))
    assert found is not None
    return found


async def spoil(db: Database, goods: Goods, **fields: Any) -> None:
    found = db.collection(counts.STAMPS)
    await found.update_one({"_id": of_stamp(goods)}, {"$set": fields})


async def hours_of(db: Database, goods: Goods, field: str = "scans") -> int:
    rows = db.collection(counts.HOURS).find({"product_id": goods.product})
    return sum([row[field] async for row in rows])


@pytest.mark.parametrize("what", NO_NUMBERS)
async def test_a_stamps_counter_that_is_no_number_begins_anew_and_holds_nobody_up(
    db: Database, what: str
) -> None:
    spoilt, sound = await known(db), await known(db)
    await counted(db, scan_from(spoilt, 1))
    await spoil(db, spoilt, count=NO_NUMBERS[what])
    told = unreadable.unreadable.labels(counts.STAMPS)
    before = told._value.get()
    await counted(db, scan_from(spoilt, 2), scan_from(spoilt, 3), scan_from(sound, 1))
    assert await count_of(db, sound.batch, 1) == 1
    assert await count_of(db, spoilt.batch, 1) == 2
    assert told._value.get() == before + 1
    aside = (await stamp(db, spoilt))[counters.ASIDE]
    assert aside.startswith("{'count': ")
    await counted(db, scan_from(spoilt, 4))
    assert await count_of(db, spoilt.batch, 1) == 3
    assert told._value.get() == before + 1


@pytest.mark.parametrize("field", ["scans", "users"])
async def test_an_hours_counter_that_is_no_number_begins_anew_and_holds_nobody_up(
    db: Database, field: str
) -> None:
    spoilt, sound = await known(db), await known(db)
    await counted(db, scan_from(spoilt, source_of(spoilt, 1)))
    rows = db.collection(counts.HOURS)
    await rows.update_one({"product_id": spoilt.product}, {"$set": {field: "x"}})
    await counted(db, scan_from(spoilt, source_of(spoilt, 2)), scan_from(sound, 1))
    assert await hours_of(db, sound) == 1
    # What can be read of it stays.
    other = "users" if field == "scans" else "scans"
    assert (await hours_of(db, spoilt, field), await hours_of(db, spoilt, other)) == (1, 2)


async def test_a_number_of_people_that_is_none_begins_anew_with_those_who_are_known(
    db: Database,
) -> None:
    goods = await known(db)
    await counted(db, scan_from(goods, 1), scan_from(goods, 2))
    rows = db.collection(people.NUMBERS)
    await rows.update_many({"facility_id": goods.facility}, {"$set": {"n": "x"}})
    await counted(db, scan_from(goods, 3))
    assert await of_product(db, goods) == 3


async def sums(db: Database, goods: Goods) -> tuple[int, int, list[int], list[int], int, int]:
    """Scans and users in all and by product, people in all and by product."""
    today = local_day(now())
    period = Period(today - timedelta(days=1), today + timedelta(days=1))
    own: Document = {}
    hours = figures.wanted(period, own, goods.product)
    total = await figures.totals(db, hours)
    lines = [one async for one in figures.lines(db, hours, "product")]
    found = people.wanted("product", period, own, goods.product)
    by = await people.by(db, found, "product", [goods.product])
    return (
        total.scans,
        total.users,
        [one.scans for one in lines],
        [one.users for one in lines],
        await people.total(db, found),
        by[goods.product],
    )


@pytest.mark.parametrize("what", NO_NUMBERS)
async def test_a_counter_of_before_that_is_no_number_spoils_no_sum_of_others(
    db: Database, what: str
) -> None:
    goods = await known(db)
    await counted(db, scan_from(goods, source_of(goods, 1)), scan_from(goods, source_of(goods, 2)))
    wrong = NO_NUMBERS[what]
    for name, spoilt in (
        (counts.HOURS, {"scans": wrong, "users": wrong}),
        (people.NUMBERS, {"n": wrong}),
    ):
        row = await db.collection(name).find_one({"product_id": goods.product})
        assert row is not None
        past = {**row, "_id": f"spoilt {goods.product}", **spoilt}
        await db.collection(name).insert_one(past)
    assert await sums(db, goods) == (2, 2, [2], [2], 2, 2)


@pytest.mark.parametrize("verdict", ["gone", None, 7, {"a": 1}, ["genuine"]])
async def test_an_hour_without_a_verdict_is_counted_without_one(db: Database, verdict: Any) -> None:
    goods = await known(db)
    await counted(db, scan_from(goods, source_of(goods, 1)), scan_from(goods, source_of(goods, 2)))
    await counted(db, scan_from(goods, source_of(goods, 3)))
    hours = db.collection(counts.HOURS)
    wrong = {"$unset": {"verdict": ""}} if verdict == "gone" else {"$set": {"verdict": verdict}}
    await hours.update_one({"product_id": goods.product}, wrong)
    today = local_day(now())
    period = Period(today - timedelta(days=1), today + timedelta(days=1))
    found = figures.wanted(period, {}, goods.product)
    assert (await figures.totals(db, found)).verdicts == {"": 3}
    assert [one.verdicts async for one in figures.lines(db, found, "product")] == [{"": 3}]


async def test_times_of_a_stamp_that_are_none_begin_anew_and_its_number_stays(
    db: Database,
) -> None:
    goods = await known(db)
    await counted(db, *(scan_from(goods, n) for n in range(9)))
    await spoil(db, goods, first="long ago", last=[now()])
    await counted(db, scan_from(goods, 10))
    found = await stamp(db, goods)
    assert found["count"] == 10
    assert now() - timedelta(minutes=5) < found["first"] <= found["last"] <= now()
    often = {row.stamp: told for row, told in await after(db, Place())}
    assert often[of_stamp(goods)] == (10, found["first"])


async def test_the_same_spool_file_twice_after_a_counter_began_anew_counts_once(
    db: Database,
) -> None:
    goods = await known(db)
    await counted(db, scan_from(goods, 1))
    await spoil(db, goods, count="x")
    scans = [scan_from(goods, 2), scan_from(goods, 3)]
    await counted(db, *scans)
    found = await stamp(db, goods)
    await counted(db, *scans)
    assert await stamp(db, goods) == found
    assert await hours_of(db, goods) == 3


async def test_a_recorder_that_dies_while_a_counter_begins_anew_leaves_all_as_it_was(
    db: Database,
) -> None:
    goods = await known(db)
    await counted(db, scan_from(goods, 1))
    await spoil(db, goods, count="x")
    before = await stamp(db, goods)
    scan = scan_from(goods, 2)
    file = spool_file(scan)

    async def work(tx: Tx) -> None:
        await Recorder().count(tx, [file])
        raise RuntimeError("the recorder dies")

    with pytest.raises(RuntimeError):
        await transact(db, work)
    assert await stamp(db, goods) == before
    assert await hours_of(db, goods) == 1
    # Then it comes again, and once more from another replica.
    for one in (file, spool_file(scan)):
        await transact(db, partial(Recorder().count, envelopes=[one]))
    assert await count_of(db, goods.batch, 1) == 1
    assert await hours_of(db, goods) == 2


async def test_a_sound_counter_has_nothing_kept_beside_it(db: Database) -> None:
    goods = await known(db)
    for number in range(2):
        await counted(db, scan_from(goods, number))
    sound = {"_id", "count", "first", "last", "revision", "on_lot"}
    assert (await stamp(db, goods)).keys() == sound


@pytest.mark.parametrize("broken", ["x", None, float("nan"), "gone"])
async def test_a_gate_that_cannot_be_read_goes_on_after_the_newest_turn(
    db: Database, broken: Any
) -> None:
    goods = await known(db)
    await counted(db, *(scan_from(goods, n) for n in range(9)))
    newest = (await stamp(db, goods))["revision"]
    gates = db.collection(GATE)
    if broken == "gone":
        await gates.delete_one({"_id": "gate"})
    else:
        await gates.update_one({"_id": "gate"}, {"$set": {"passed": broken}})
    assert await transact(db, pass_gate) == newest + 1
    assert await transact(db, pass_gate) == newest + 2
    await counted(db, scan_from(goods, 10))
    assert (await stamp(db, goods))["revision"] == newest + 3
    assert await counts.users_of_stamp(db, (goods.batch, 1), day_of(now())) == 10
