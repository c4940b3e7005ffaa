"""A corrected name of a catalogue reaches what was published before, once, in the background."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from services.registry import store
from services.registry.actions.renaming import step
from services.registry.domain.catalogues import Catalogue, Row, install, seed
from services.registry.domain.lot import Lot
from services.registry.domain.product import Product
from services.registry.domain.records import Aggregate, Author, Owner, State, entered
from services.registry.domain.renaming import corrected, first, present
from services.registry.domain.scoring import LEASE
from services.registry.store import records
from shared.ids import new_id
from shared.mongo import Database, transact
from shared.settings import Settings
from tests.registry.passes import through, told

NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)
BY = Author("a", "Người nhập", "commune", "u")
OWNER = Owner("f", "HTX", "CS22-1", "06862", "agriculture")


@pytest.fixture(autouse=True)
def catalogues() -> Iterator[None]:
    install([])
    yield
    install([])


@pytest_asyncio.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    """A database that no process of registry looks after."""
    found = Database(settings.mongo_url, f"{settings.db_prefix}_{new_id()[-8:]}", "registry")
    await store.prepare(found)
    yield found
    await found.close()


def renamed(which: Catalogue, key: str, title: str) -> Row:
    return Row(which, key, {**seed(which)[key].values, "title": title})


async def kept(db: Database, aggregate: Aggregate, content: Any) -> str:
    """A record of this content, published."""
    record_id = new_id()
    record = entered(
        aggregate, content, record_id=record_id, code=record_id[-8:], owner=OWNER, by=BY, now=NOW
    )
    shown = replace(record, draft=None, published=content, state=State.PUBLISHED)
    await transact(db, lambda tx: records.insert(tx, shown, by=BY))
    return record_id


async def pass_over(db: Database, by: str = "a", now: datetime = NOW, size: int = 2) -> int:
    return await through(lambda: step(db, by=by, now=now, size=size))


def a_product(category: str) -> Product:
    return Product("f", "Na dai", category)


def a_lot(unit: str) -> Lot:
    return Lot("f", "p", new_id()[-6:], 5, unit, date(2026, 8, 20))  # type: ignore[arg-type]


def test_only_names_that_were_told_and_are_others_now_count() -> None:
    before = first([])
    install([renamed(Catalogue.UNITS, "kg", "ki-lô-gam"),
             Row(Catalogue.UNITS, "sot", {"title": "sọt"})])  # fmt: skip
    assert corrected(before, present()) == {
        Catalogue.CATEGORIES: set(),
        Catalogue.UNITS: {"kg"},
        Catalogue.STEPS: set(),
    }


async def test_a_corrected_name_is_told_with_a_new_version_of_what_carries_it(
    db: Database,
) -> None:
    products = [await kept(db, Aggregate.PRODUCT, a_product("custard-apple")) for _ in range(5)]
    other = await kept(db, Aggregate.PRODUCT, a_product("durian"))
    lot = await kept(db, Aggregate.LOT, a_lot("kg"))
    assert await pass_over(db) == -1  # Nothing was corrected yet.
    install([renamed(Catalogue.CATEGORIES, "custard-apple", "Na (mãng cầu)"),
             renamed(Catalogue.UNITS, "kg", "ki-lô-gam")])  # fmt: skip
    assert await pass_over(db) == 6
    for one in products:
        assert [(e.version, e.category) for e in await told(db, one)] == [(2, "Na (mãng cầu)")]
    assert [(e.version, e.unit_name) for e in await told(db, lot)] == [(2, "ki-lô-gam")]
    assert await told(db, other) == []
    assert await pass_over(db) == -1


async def test_another_process_goes_on_where_one_died(db: Database) -> None:
    products = [await kept(db, Aggregate.PRODUCT, a_product("custard-apple")) for _ in range(4)]
    install([renamed(Catalogue.CATEGORIES, "custard-apple", "Na khác")])
    while not await told(db, products[0]):
        await step(db, by="dies", now=NOW, size=2)
    assert await step(db, by="b", now=NOW, size=2) is None
    assert await pass_over(db, by="b", now=NOW + LEASE + timedelta(seconds=1)) >= 2
    for one in products:
        assert [e.category for e in await told(db, one)] == ["Na khác"]
