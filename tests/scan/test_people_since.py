"""From which day on people are counted is found once and kept, whatever a wrong clock says."""

import itertools
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from services.scan.recorder import prepare
from services.scan.store import counts, people
from shared.days import local_midnight, today
from shared.ids import now
from shared.mongo import Database
from shared.settings import Settings
from tests.scan.test_unreadable import counted, known, scan_from

_numbers = itertools.count(1)


def ago(days: int) -> date:
    return today() - timedelta(days=days)


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
    assert await people.counted_since(db) == today() + timedelta(days=1)
    await prepare(db)
    assert await people.counted_since(db) == today() + timedelta(days=1)


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
    for _ in range(3):
        await prepare(db)
        assert await people.counted_since(db) == today()


async def test_a_day_that_cannot_be_read_is_found_anew(db: Database) -> None:
    await scanned(db, 3, 2, 1)
    await with_people(db, 2, 1)
    await prepare(db)
    await db.collection(people.SINCE).update_one({}, {"$set": {"day": 7}})
    assert await people.counted_since(db) == ago(1)


async def test_days_that_are_without_people_later_on_move_the_day(db: Database) -> None:
    """As after a recorder of the release before that had not ended yet, or was gone back to."""
    await scanned(db, 9, 8, 7, 0)
    await with_people(db, 8, 7, 0)
    await prepare(db)
    assert await people.counted_since(db) == ago(7)
    await scanned(db, 5, 4)
    await prepare(db)
    assert await people.counted_since(db) == today() + timedelta(days=1)
    # Nothing moves it back, nor do days before it move anything.
    await with_people(db, 5, 4)
    await scanned(db, 20)
    await prepare(db)
    assert await people.counted_since(db) == today() + timedelta(days=1)


async def test_where_all_days_had_people_a_later_one_without_is_found(db: Database) -> None:
    await prepare(db)
    assert await people.counted_since(db) is None
    await scanned(db, 4, 3, 2, 1)
    await with_people(db, 4, 2, 1)
    await prepare(db)
    assert await people.counted_since(db) == ago(1)


async def test_a_recorder_whose_clock_was_years_ahead_leaves_no_day_that_stays(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scanned(db, 5, 4, 3)
    monkeypatch.setattr(people, "now", lambda: now() + timedelta(days=3_000))
    await prepare(db)
    monkeypatch.undo()
    await scanned(db, 2, 1)
    await with_people(db, 2, 1)
    for _ in range(2):
        assert await people.counted_since(db) == ago(1)
        await prepare(db)


async def test_a_day_that_a_clock_ahead_has_left_before_is_found_anew(db: Database) -> None:
    await scanned(db, 5, 2, 1)
    await with_people(db, 2, 1)
    await prepare(db)
    await db.collection(people.SINCE).update_one({}, {"$set": {"day": "2099-01-02"}})
    for _ in range(2):
        assert await people.counted_since(db) == ago(1)
        await prepare(db)


@pytest.mark.parametrize("behind", [1_000, 2, 1])
async def test_a_recorder_whose_clock_was_behind_leaves_no_day_that_stays(
    db: Database, monkeypatch: pytest.MonkeyPatch, behind: int
) -> None:
    """It began yesterday, after some scans of that day."""
    days = (5, 4, 3, 2) if behind > 1 else (5, 4, 3)
    await scanned(db, *days, 1)
    monkeypatch.setattr(people, "now", lambda: now() - timedelta(days=1 + behind))
    await prepare(db)
    monkeypatch.undo()
    await scanned(db, 0)
    await with_people(db, 1, 0)
    for _ in range(2):
        assert await people.counted_since(db) == today()
        await prepare(db)


async def test_scans_that_come_late_for_the_day_before_do_not_make_an_earlier_day_whole(
    db: Database,
) -> None:
    """The day of the update has scans from before it; then those of the day before arrive."""
    await scanned(db, 3, 2, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people, "now", lambda: now() - timedelta(days=1))
        await prepare(db)
    await scanned(db, 0)
    await with_people(db, 2, 1, 0)
    for _ in range(2):
        assert await people.counted_since(db) == today()
        await prepare(db)


async def test_days_of_people_that_are_no_days_hold_no_recorder_up(db: Database) -> None:
    await scanned(db, 3, 2, 1)
    await with_people(db, 2, 1)
    spoilt: list[dict[str, Any]] = [
        {"_id": f"spoilt {n}", "kind": "facility", "day": day}
        for n, day in enumerate(({"a": 1}, 7))
    ]
    await db.collection(people.NUMBERS).insert_many(spoilt)
    await prepare(db)
    assert await people.counted_since(db) == ago(1)
