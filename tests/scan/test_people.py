"""Different people are counted for each product and facility and day, and nobody is kept."""

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scan.domain.people import MOST_EXACT, People
from services.scan.domain.tally import day_of
from services.scan.recorder import prepare
from services.scan.store import counts, people
from services.scan.store.pace import Pace
from shared.ids import now
from shared.mongo import Database, Tx, transact
from shared.settings import Settings
from tests.scan.test_unreadable import counted, known, scan_from
from tests.scan.world import Goods


@pytest.fixture(scope="module")
async def db(settings: Settings) -> AsyncIterator[Database]:
    made = Database(settings.mongo_url, settings.database("scan"), "scan")
    await prepare(made)
    yield made
    await made.close()


def user(number: int) -> bytes:
    return hashlib.blake2b(str(number).encode(), digest_size=8).digest()


def key_of(goods: Goods) -> str:
    return people.Thing(day_of(now()), "product", goods.facility, goods.product).key


async def numbers(db: Database, day: str = "", **of: str) -> dict[str, int]:
    rows = db.collection(people.NUMBERS).find({**of, **({"day": day} if day else {})})
    return {row["_id"]: row["n"] async for row in rows}


async def of_product(db: Database, goods: Goods) -> int:
    return sum((await numbers(db, kind="product", product_id=goods.product)).values())


async def of_facility(db: Database, goods: Goods) -> int:
    return sum((await numbers(db, kind="facility", facility_id=goods.facility)).values())


async def test_whoever_scans_two_products_is_counted_with_both_and_once_with_each(
    db: Database,
) -> None:
    ours, theirs = await known(db), await known(db)
    await counted(db, scan_from(ours, 1), scan_from(ours, 1), scan_from(theirs, 1))
    await counted(db, scan_from(ours, 1), scan_from(ours, 2), scan_from(theirs, 1))
    assert await of_product(db, ours) == await of_facility(db, ours) == 2
    assert await of_product(db, theirs) == await of_facility(db, theirs) == 1


async def test_whoever_scans_two_products_of_a_facility_is_one_person_there(db: Database) -> None:
    day, facility = day_of(now()), "facility of two"
    met = {
        (day, (facility, "first of two", "")): {user(1), user(2)},
        (day, (facility, "second of two", "")): {user(2), user(3)},
    }
    for _ in range(2):  # As when a spool file is counted again after its transaction failed.
        await transact(db, lambda tx: people.add(tx, met, now(), Pace(None)))
    assert list((await numbers(db, facility_id=facility, kind="facility")).values()) == [3]
    assert sorted((await numbers(db, facility_id=facility, kind="product")).values()) == [2, 2]


async def test_a_spool_file_that_comes_twice_or_late_counts_nobody_twice(db: Database) -> None:
    goods = await known(db)
    both = [scan_from(goods, 1), scan_from(goods, 2)]
    await counted(db, *both)
    await counted(db, *both)
    assert await of_product(db, goods) == 2
    yesterday = int((now() - timedelta(days=1)).timestamp() * 1000)
    await counted(db, scan_from(goods, 1, yesterday))
    assert await of_product(db, goods) == 3


async def test_numbers_stay_when_the_people_have_been_forgotten_and_never_fall(
    db: Database,
) -> None:
    goods = await known(db)
    await counted(db, *(scan_from(goods, n) for n in range(5)))
    found = await db.collection(people.MET).delete_many({"_id": key_of(goods)})
    assert found.deleted_count == 1
    await counted(db, scan_from(goods, 77))
    assert await of_product(db, goods) == 5


async def test_who_was_met_is_deleted_with_the_hashes_and_no_number_tells_of_anybody(
    db: Database,
) -> None:
    goods = await known(db)
    await counted(db, *(scan_from(goods, n) for n in range(MOST_EXACT + 50)))
    indexes = await db.collection(people.MET).index_information()
    seconds = {one.get("expireAfterSeconds") for one in indexes.values()} - {None}
    assert seconds == {timedelta(days=counts.USER_DAYS).total_seconds()}
    row = await db.collection(people.MET).find_one({"_id": key_of(goods)})
    assert row is not None
    assert (row["few"], len(row["runs"])) == (b"", 2048)
    async for row in db.collection(people.NUMBERS).find({}):
        assert row.keys() == {"_id", "day", "kind", "facility_id", "product_id", "n"}


async def test_people_that_cannot_be_read_begin_anew_and_the_number_does_not_fall(
    db: Database,
) -> None:
    goods = await known(db)
    await counted(db, *(scan_from(goods, n) for n in range(5)))
    spoilt: dict[str, Any] = {"$set": {"few": "x", "at": "soon"}}
    await db.collection(people.MET).update_one({"_id": key_of(goods)}, spoilt)
    await counted(db, scan_from(goods, 6))
    assert await of_product(db, goods) == 5


async def test_however_many_of_one_transaction_all_come_or_none(db: Database) -> None:
    goods = await known(db)

    async def work(tx: Tx) -> None:
        met = {(day_of(now()), (goods.facility, goods.product, "")): {user(1)}}
        await people.add(tx, met, now(), Pace(None))
        raise RuntimeError("the recorder dies")

    with pytest.raises(RuntimeError):
        await transact(db, work)
    assert await of_product(db, goods) == 0


# How many they are.

USERS = st.lists(st.integers(0, 400).map(user), max_size=400)


@given(USERS, USERS)
def test_to_meet_again_or_in_another_order_changes_nothing(
    some: list[bytes], others: list[bytes]
) -> None:
    together = People().met(some).met(others)
    assert together == People().met(others).met(some) == together.met(some) == together.met(others)
    different = len({*some, *others})
    if different <= MOST_EXACT:
        assert together.number == different
    assert People().met(some).number <= max(together.number, MOST_EXACT)


@pytest.mark.parametrize("many", [201, 400, 1_000, 3_000, 10_000, 50_000])
def test_many_are_estimated_within_a_tenth_in_two_kilobytes(many: int) -> None:
    """Four standard errors; the people are always the same ones, so this never fails by chance."""
    found = People().met(user(n) for n in range(many))
    assert len(found.runs) == 2048
    assert abs(found.number - many) < many * 0.1


def test_nobody_at_all_and_everybody_there_could_be_have_a_number() -> None:
    assert People().number == 0
    assert People(runs=bytes(2048)).number == MOST_EXACT + 1
    assert People(runs=bytes([54]) * 2048).number > 10**15
