"""What cannot be read of one stamp keeps replicas and staff from hearing of no other."""

import itertools
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any, Final

import pytest
from bson import Decimal128

from services.scan.domain.often import LEAST
from services.scan.knowing.often import OftenScanned
from services.scan.knowing.suspects import Suspects
from services.scan.recorder import prepare
from services.scan.store import counts, suspicions
from shared.mongo import Database
from shared.settings import Settings
from tests.scan.test_unreadable import counted, known, read_by_many, scan_from
from tests.scan.world import Goods

_numbers = itertools.count(1)


@pytest.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    """A database of the test's own, in which nothing else was suspected or counted."""
    name = f"{settings.database('scan')}_followed_{next(_numbers)}"
    made = Database(settings.mongo_url, name, "scan")
    await prepare(made)
    yield made
    await made.client.drop_database(name)
    await made.close()


async def suspected(db: Database) -> Goods:
    goods = await known(db)
    await counted(db, read_by_many(goods))
    return goods


NO_SUSPICIONS: Final[tuple[dict[str, Any], ...]] = (
    {"revision": "x"},
    {"revision": float("nan")},
    {"revision": Decimal128(Decimal(10**9))},
    {"batch": "x"},
    {"serial": None},
    {"state": 7},
    {"state": ["suspected"]},
    {"findings": 7},
    {"changed_at": "soon"},
)


@pytest.mark.parametrize("spoilt", NO_SUSPICIONS, ids=str)
async def test_a_suspicion_that_cannot_be_read_hides_no_other_from_replicas_and_staff(
    db: Database, spoilt: dict[str, Any]
) -> None:
    first = await suspected(db)
    rows = db.collection(suspicions.SUSPICIONS)
    await rows.update_one({"batch": first.batch}, {"$set": spoilt})
    starting, following = Suspects(), Suspects()
    await starting.load(db)
    await following.follow(db)
    second = await suspected(db)
    for replica in (starting, following):
        await replica.follow(db)
        assert (second.batch, 1) in replica.stamps
    late = Suspects()
    await late.load(db)
    assert (second.batch, 1) in late.stamps
    listed = await suspicions.page_of(db, {}, 1)
    assert (second.batch, 1) in {(one.batch, one.serial) for one in listed}


async def test_a_suspicion_is_followed_by_its_id_whatever_else_of_it_is_spoilt(
    db: Database,
) -> None:
    goods = await suspected(db)
    rows = db.collection(suspicions.SUSPICIONS)
    await rows.update_one({"batch": goods.batch}, {"$set": {"batch": "x", "serial": "y"}})
    await rows.insert_one({"_id": "no stamp", "state": "suspected", "revision": 1})
    for replica in (Suspects(), Suspects()):
        await replica.load(db)
        assert replica.stamps == {(goods.batch, 1)}
    following = Suspects()
    await following.follow(db)
    assert following.stamps == {(goods.batch, 1)}


NO_NUMBERS: Final[tuple[dict[str, Any], ...]] = (
    {"count": Decimal128(Decimal(9))},
    {"count": float("inf")},
    {"count": [9]},
    {"first": "soon"},
    {"revision": "x"},
    {"revision": Decimal128(Decimal(10**9))},
)


@pytest.mark.parametrize("spoilt", NO_NUMBERS, ids=str)
async def test_a_number_of_scans_that_cannot_be_read_hides_no_other_and_comes_when_counted_anew(
    db: Database, spoilt: dict[str, Any]
) -> None:
    first, second = await known(db), await known(db)
    of_first, of_second = (counts.stamp_key((one.batch, 1)) for one in (first, second))
    await counted(db, *(scan_from(first, n) for n in range(LEAST)))
    await db.collection(counts.STAMPS).update_one({"_id": of_first}, {"$set": spoilt})
    replica = OftenScanned()
    await replica.follow(db)
    await counted(db, *(scan_from(second, n) for n in range(LEAST + 1)))
    await replica.follow(db)
    assert replica.of(of_second).times == LEAST + 1
    await counted(db, *(scan_from(first, n) for n in range(10, 10 + LEAST)))
    await replica.follow(db)
    assert replica.of(of_first).times in (LEAST, 2 * LEAST)
