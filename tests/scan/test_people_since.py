"""From which day on people are counted is found once and kept, whatever a wrong clock says."""

import itertools
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any, Final

import pytest

from services.scan.recorder import prepare
from services.scan.store import counts, people
from shared.days import local_day, local_midnight
from shared.ids import now
from shared.mongo import Database
from shared.settings import Settings
from tests.scan.test_unreadable import counted, known, scan_from

_numbers = itertools.count(1)
TODAY: Final = local_day(now())


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    """A database of the test's own, in which nobody has scanned anything."""
    name = f"{settings.database('scan')}_since_{next(_numbers)}"
    made = Database(settings.mongo_url, name, "scan")
    yield made
    await made.client.drop_database(name)
    await made.close()


async def scanned(db: Database, *days: int) -> None:
    """Scans of so many days ago were counted, as the release before did."""
    rows: list[dict[str, Any]] = [
        {"_id": f"{day}", "hour": local_midnight(ago(day)), "scans": 1, "users": 1} for day in days
    ]
    await db.collection(counts.HOURS).insert_many(rows)


async def with_people(db: Database, *days: int) -> None:
    """And people with them."""
    rows: list[dict[str, Any]] = [
        {"_id": f"{day}", "kind": "facility", "day": ago(day).isoformat(), "n": 1} for day in days
    ]
    await db.collection(people.NUMBERS).insert_many(rows)


async def test_where_nothing_was_scanned_before_everybody_was_counted(db: Database) -> None:
    await prepare(db)
    assert await people.counted_since(db) is None
    goods = await known(db)
    for days in (400, 0):
        at = int((now() - timedelta(days=days)).timestamp() * 1000)
        await counted(db, scan_from(goods, 1, at))
    await prepare(db)
    assert await people.counted_since(db) is None


async def test_after_an_update_all_are_counted_from_the_next_day_on(db: Database) -> None:
    await scanned(db, 90, 3, 1, 0)
    # Before the new recorder has begun, and after.
    assert await people.counted_since(db) == TODAY + timedelta(days=1)
    await prepare(db)
    assert await people.counted_since(db) == TODAY + timedelta(days=1)


async def test_the_day_that_counting_began_on_is_not_a_whole_one(db: Database) -> None:
    await scanned(db, 90, 7, 6, 5, 0)
    await with_people(db, 6, 5, 0)
    await prepare(db)
    assert await people.counted_since(db) == ago(5)


async def test_a_clock_that_is_wrong_by_a_year_moves_nothing(db: Database) -> None:
    await scanned(db, 100, 2, 1)
    await prepare(db)
    first = await people.counted_since(db)
    goods = await known(db)
    for days in (400, -400):
        at = int((now() - timedelta(days=days)).timestamp() * 1000)
        await counted(db, scan_from(goods, 2, at))
        await prepare(db)
        assert await people.counted_since(db) == first


async def test_a_clock_that_was_wrong_before_the_day_was_noted_moves_nothing(db: Database) -> None:
    """Scans dated years ago or ahead, some counted with their people and some without."""
    await scanned(db, 100, 2, 1, 400, -400)
    await with_people(db, 1, 400)
    await prepare(db)
    assert await people.counted_since(db) == TODAY


async def test_a_day_that_cannot_be_read_is_found_anew(db: Database) -> None:
    await scanned(db, 3, 2, 1)
    await with_people(db, 2, 1)
    await prepare(db)
    await db.collection(people.SINCE).update_one({}, {"$set": {"day": 7}})
    assert await people.counted_since(db) == ago(1)


async def test_once_noted_the_day_stays_whatever_is_counted_without_people(db: Database) -> None:
    """As by a recorder of the release before that had not ended yet."""
    await scanned(db, 5, 4, 3, 0)
    await with_people(db, 4, 3, 0)
    await prepare(db)
    assert await people.counted_since(db) == ago(3)
    await scanned(db, 1)
    await prepare(db)
    assert await people.counted_since(db) == ago(3)
