"""After an upgrade, products published before tell what stamps show since, once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio

from services.registry import store
from services.registry.actions.retelling import step
from services.registry.domain.product import Product
from services.registry.domain.records import Aggregate, Author, Owner, State, Status, entered
from services.registry.domain.scoring import LEASE
from services.registry.passports import product_passport
from services.registry.store import records
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.settings import Settings
from tests.registry.passes import through, told

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
BY = Author("a", "Người nhập", "commune", "u")
OWNER = Owner("f", "HTX", "CS22-1", "06862", "agriculture")
TOLD = Product("f", "Na dai", "custard-apple", origin="Đông Triều", capacity="40 tấn", price=65_000)
PLAIN = Product("f", "Na bở", "custard-apple")


@pytest_asyncio.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    """A database that no process of registry looks after."""
    found = Database(settings.mongo_url, f"{settings.db_prefix}_{new_id()[-8:]}", "registry")
    await store.prepare(found)
    yield found
    await found.close()


async def kept(db: Database, content: Product, **more: Any) -> str:
    """A product as the version before kept and told it: published, the passport without more."""
    record_id = new_id()
    record = entered(
        Aggregate.PRODUCT,
        content,
        record_id=record_id,
        code=record_id[-8:],
        owner=OWNER,
        by=BY,
        now=NOW - timedelta(days=9),
    )
    shown = replace(record, draft=None, published=content, state=State.PUBLISHED, **more)

    async def work(tx: Tx) -> None:
        await records.insert(tx, shown, by=BY)
        await outbox.append(tx, product_passport(shown))

    await transact(db, work)
    gone = {f"body.data.{name}": "" for name in ("origin", "capacity", "price")}
    await db.collection("outbox").update_one({"body.subject": record_id}, {"$unset": gone})
    return record_id


async def pass_over(db: Database, by: str = "a", now: datetime = NOW, size: int = 2) -> int:
    return await through(lambda: step(db, by=by, now=now, size=size))


async def test_products_published_before_are_told_anew_once_with_a_higher_version(
    db: Database,
) -> None:
    products = [await kept(db, TOLD) for _ in range(5)]
    plain = await kept(db, PLAIN)
    assert await pass_over(db) == 5
    for one in products:
        before, after = await told(db, one)
        assert (before.version, before.origin, before.price) == (1, "", None)
        assert after.version == 2
        assert (after.origin, after.capacity, after.price) == ("Đông Triều", "40 tấn", 65_000)
    assert len(await told(db, plain)) == 1, "nothing more is to be told of it"
    assert await pass_over(db) == -1
    assert await pass_over(db, by="b", now=NOW + timedelta(days=1)) == -1
    assert len(await told(db, products[0])) == 2


async def test_only_what_was_approved_is_told_and_a_draft_stays_as_it_is(db: Database) -> None:
    draft = replace(TOLD, origin="Nơi khác", price=1)
    changed = await kept(db, TOLD)
    await db.collection("products").update_one(
        {"_id": changed},
        {"$set": {"draft": (await drafted(db, draft)), "state": State.DRAFT.value}},
    )
    only_drafted = await kept(db, PLAIN)
    await db.collection("products").update_one(
        {"_id": only_drafted},
        {"$set": {"draft": (await drafted(db, draft)), "state": State.DRAFT.value}},
    )
    stopped = await kept(db, TOLD, status=Status.STOPPED)
    assert await pass_over(db) == 1
    assert [one.origin for one in await told(db, changed)] == ["", "Đông Triều"]
    assert len(await told(db, only_drafted)) == len(await told(db, stopped)) == 1
    record = await records.get(db, Aggregate.PRODUCT, changed)
    assert (record.draft, record.state, record.version) == (draft, State.DRAFT, 2)
    newest = (await records.versions(db, Aggregate.PRODUCT, changed))[0]
    assert (newest.version, newest.act, newest.by.account_id) == (2, "retold", "")


async def drafted(db: Database, content: Product) -> Any:
    """The content as a document has it."""
    record_id = await kept(db, content, status=Status.STOPPED)
    row = await db.collection("products").find_one({"_id": record_id})
    assert row is not None
    return row["published"]


async def test_another_process_goes_on_where_one_died_and_two_do_not_tell_at_once(
    db: Database,
) -> None:
    products = [await kept(db, TOLD) for _ in range(5)]
    while len(await told(db, products[0])) == 1:
        await step(db, by="dies", now=NOW, size=2)
    assert await step(db, by="b", now=NOW, size=2) is None, "the other one holds the lease"
    assert await pass_over(db, by="b", now=NOW + LEASE + timedelta(seconds=1)) == 5
    assert [len(await told(db, one)) for one in products] == [2] * 5


async def test_an_installation_that_is_new_has_nothing_to_tell(db: Database) -> None:
    assert await pass_over(db) == 0
    product = await kept(db, TOLD)
    assert await pass_over(db) == -1
    assert len(await told(db, product)) == 1
