"""The feed's numbers have no gaps, are unique, and cover all that was committed before."""

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.recall import RecallClosed
from shared.ids import now
from shared.messaging import outbox
from shared.messaging.progress import Taken
from shared.mongo import Database, Tx, transact
from shared.settings import Settings


def closed(subject: str) -> RecallClosed:
    return RecallClosed(subject=subject, version=1, time=now(), finding="f", handling="h")


async def append(db: Database, *subjects: str) -> None:
    async def work(tx: Tx) -> None:
        await outbox.append(tx, *(closed(s) for s in subjects))

    await transact(db, work)


@pytest.fixture
async def db(settings: Settings, request: pytest.FixtureRequest) -> Database:
    database = Database(
        settings.mongo_url, f"{settings.db_prefix}_{request.node.name[:30]}", "recall"
    )
    await outbox.prepare(database)
    return database


async def test_many_writers_and_many_numberers_leave_no_gap_and_no_double(db: Database) -> None:
    done = asyncio.Event()

    async def numberer() -> None:
        while not done.is_set():
            await outbox.number_committed(db)
            await asyncio.sleep(random.random() / 100)

    numberers = [asyncio.create_task(numberer()) for _ in range(4)]
    await asyncio.gather(*(append(db, f"s{i}", f"t{i}") for i in range(100)))
    done.set()
    await asyncio.gather(*numberers)
    head = await outbox.number_committed(db)
    numbers = [r["number"] async for r in db.collection("outbox").find().sort("number", 1)]
    assert head == 200
    assert numbers == list(range(1, 201))


async def test_whoever_asks_after_a_commit_is_told_of_it(db: Database) -> None:
    """Asked from many tasks at once: an answer may be shared, but never an older one."""
    numberer = outbox.Numberer(db)

    async def commit_and_ask(i: int) -> None:
        await append(db, f"s{i}")
        head = await numberer.head()
        events = await outbox.read(db, 0, head, 10_000)
        assert f"s{i}" in {event["subject"] for event in events}

    await asyncio.gather(*(commit_and_ask(i) for i in range(60)))


async def test_a_rolled_back_transaction_leaves_no_event(db: Database) -> None:
    async def work(tx: Tx) -> None:
        await outbox.append(tx, closed("never"))
        raise ValueError("changed my mind")

    with pytest.raises(ValueError, match="changed my mind"):
        await transact(db, work)
    assert await outbox.number_committed(db) == 0


async def test_a_missing_row_makes_the_feed_refuse_to_answer(db: Database) -> None:
    await append(db, "a", "b", "c")
    head = await outbox.number_committed(db)
    await db.collection("outbox").delete_one({"number": 2})
    with pytest.raises(outbox.FeedGap):
        await outbox.read(db, 0, head, 100)
    assert len(await outbox.read(db, 2, head, 100)) == 1


@given(st.lists(st.integers(1, 60)))
def test_taken_numbers_equal_a_plain_set(numbers: list[int]) -> None:
    taken, plain = Taken(), set[int]()
    for number in numbers:
        assert taken.add(number) is (number not in plain)
        plain.add(number)
    assert {n for first, last in taken.ranges for n in range(first, last + 1)} == plain
    assert all(b[0] > a[1] + 1 for a, b in zip(taken.ranges, taken.ranges[1:], strict=False))
    complete = 0
    while complete + 1 in plain:
        complete += 1
    assert taken.complete_to == complete


@given(st.lists(st.integers(1, 60)), st.integers(0, 60))
def test_filling_up_to_a_number_takes_in_all_before_it(numbers: list[int], to: int) -> None:
    taken, plain = Taken(), set(numbers) | set(range(1, to + 1))
    for number in numbers:
        taken.add(number)
    taken.fill_to(to)
    assert {n for first, last in taken.ranges for n in range(first, last + 1)} == plain
    assert all(b[0] > a[1] + 1 for a, b in zip(taken.ranges, taken.ranges[1:], strict=False))


async def test_all_that_one_transaction_tells_is_in_the_feed_and_wakes_the_relay(
    db: Database,
) -> None:
    async def work(tx: Tx) -> None:
        await outbox.append(tx, closed("an act"))
        await outbox.append(tx, closed("its record"))

    await transact(db, work)
    assert db.appended.is_set()
    head = await outbox.number_committed(db)
    assert [e["subject"] for e in await outbox.read(db, 0, head, 10)] == ["an act", "its record"]


async def test_a_transaction_that_tells_nothing_wakes_nobody(db: Database) -> None:
    async def work(tx: Tx) -> None:
        await outbox.append(tx)

    await transact(db, work)
    assert not db.appended.is_set()
