"""How often a stamp was scanned, and since when, on its page and for programs."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scan.domain.often import FEW, LEAST, UNTOLD, Scanned
from services.scan.knowing.often import OftenScanned
from services.scan.store import often
from services.scan.store.counts import STAMPS, stamp_key
from shared.days import local_day
from shared.mongo import Database
from tests.polling import eventually
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, Scans, World

FIRST = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)  # The 21st in Vietnam.


@pytest.fixture(scope="module")
async def goods(world: World, scans: Scans) -> Goods:
    made = Goods()
    await world.tell(*made.events())
    await becomes(scans, made.batch, 7, "genuine")
    return made


@pytest.fixture
async def db(world: World, scans: Scans) -> AsyncIterator[Database]:
    made = Database(world.settings.mongo_url, world.settings.database("scan"), "scan")
    yield made
    await made.close()


@pytest.fixture
async def empty(db: Database) -> Database:
    """No counters but the test's own; nobody scans meanwhile."""
    await db.collection(STAMPS).delete_many({})
    return db


async def scans_told(scans: Scans, goods: Goods, serial: int) -> dict[str, Any] | None:
    answer = await scans.http.get(f"/v1/verdicts/{scans.code(goods.batch, serial)}")
    told: dict[str, Any] | None = answer.json()["scans"]
    return told


async def test_few_scans_are_told_as_few_and_many_by_number_and_first_day(
    scans: Scans, goods: Goods
) -> None:
    code = scans.code(goods.batch, 9)

    async def few() -> bool:
        told = await scans_told(scans, goods, 10)
        return told == {"recorded": None, "fewer_than": LEAST, "first_on": None}

    await eventually(few)
    assert "Đã ghi nhận ít hơn 5 lần quét tem này" in await scans.page(goods.batch, 10)
    for _ in range(LEAST + 1):
        await scans.http.get(f"/{code}")

    async def many() -> bool:
        told = await scans_told(scans, goods, 9)
        assert told is not None
        return told["recorded"] is not None

    await eventually(many)
    told = await scans_told(scans, goods, 9)
    assert told is not None
    assert told["recorded"] >= LEAST
    assert told["first_on"] == local_day(datetime.now(UTC)).isoformat()
    page = await scans.page(goods.batch, 9)
    assert "lần quét tem này, lần đầu ngày" in page
    assert "ít hơn 5" not in page
    assert "scanned fewer than 5 times" in await scans.page(
        goods.batch, 10, **{"Accept-Language": "en"}
    )


async def test_an_answer_that_lies_ready_shows_the_number_of_now(
    scans: Scans, goods: Goods
) -> None:
    """Same address, same language: the answer itself is made once, its number each time."""
    rendered = None
    for number in (7, 8, 8, 1_234):
        scans.replica.often.stamps[stamp_key((goods.batch, 11))] = Scanned(number, FIRST)
        page = await scans.page(goods.batch, 11)
        shown = f"{number:,}".replace(",", ".")
        assert f"Đã ghi nhận {shown} lần quét tem này, lần đầu ngày 21/11/2026" in page
        assert rendered in (None, scans.replica.forms.rendered)
        rendered = scans.replica.forms.rendered


async def test_nothing_is_said_of_a_code_that_is_no_stamps(scans: Scans, goods: Goods) -> None:
    code = scans.code(goods.batch, 9)
    forged = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert (await scans.http.get(f"/v1/verdicts/{forged}")).json()["scans"] is None
    assert "lần quét tem này" not in (await scans.http.get(f"/{forged}")).text


async def stored(db: Database, *rows: tuple[int, int, int | None]) -> None:
    await db.collection(STAMPS).insert_many(
        {"_id": stamp, "count": count, "first": FIRST, "last": FIRST}
        | ({} if revision is None else {"revision": revision})
        for stamp, count, revision in rows
    )


async def all_of(one: OftenScanned, db: Database) -> None:
    while await one.follow(db):
        assert one.others is UNTOLD


async def test_counters_of_before_are_read_and_then_only_what_is_new(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(often, "PAGE", 3)
    await stored(empty, *((n, n, None) for n in range(1, 12)), (20, 6, 4), (21, 6, 4), (22, 6, 4))
    known = OftenScanned()
    await all_of(known, empty)
    assert sorted(known.stamps) == [5, 6, 7, 8, 9, 10, 11, 20, 21, 22]
    assert known.of(4) is FEW
    await empty.collection(STAMPS).update_one({"_id": 4}, {"$set": {"count": 5, "revision": 5}})
    await empty.collection(STAMPS).update_one({"_id": 5}, {"$set": {"count": 9, "revision": 5}})
    await all_of(known, empty)
    assert (known.of(4).times, known.of(5).times) == (5, 9)
    assert await often.after(empty, often.Place(5, 5)) == []


async def test_only_what_is_new_is_looked_at(empty: Database) -> None:
    await stored(empty, *((n, 9, n) for n in range(1, 400)), *((n, 1, n) for n in range(400, 900)))
    plan = await empty.collection(STAMPS).find({"count": {"$gte": LEAST}}).hint(often.INDEX).min(
        [("revision", 398), ("_id", 399)]
    ).explain()  # fmt: skip
    assert plan["executionStats"]["totalKeysExamined"] <= 2


@given(st.lists(st.integers(0, 12), max_size=40), st.integers(1, 6))
def test_who_forgot_a_number_no_longer_says_few(stamps: list[int], most: int) -> None:
    known = OftenScanned(most)
    known.others = FEW
    for stamp in stamps:
        known._put(stamp, Scanned(LEAST, FIRST + timedelta(days=1)))
        assert len(known.stamps) <= most
        assert known.of(stamp).times == LEAST
    for stamp in set(stamps) - set(known.stamps):
        assert known.of(stamp) is UNTOLD
