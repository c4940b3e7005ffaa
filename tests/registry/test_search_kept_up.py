"""What is searched in memory is as the database is: whoever wrote, and at whatever moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.registry.domain.records import Aggregate
from services.registry.store import records
from services.registry.store.codec import COLLECTIONS, owner_document
from services.registry.store.search import catalogue as catalogue_module
from services.registry.store.search import word_rows
from services.registry.store.search.catalogue import Catalogue, StillLoading
from services.registry.store.search.seen import BY_NAME, Seen
from shared.ids import new_id
from shared.mongo import Database, transact
from shared.settings import Settings
from shared.tasks import end
from tests.answers import ok, refused
from tests.polling import eventually
from tests.registry import builders
from tests.registry.conftest import Registry

PRODUCT, FACILITY = Aggregate.PRODUCT, Aggregate.FACILITY


@asynccontextmanager
async def kept(db: Database) -> AsyncIterator[Catalogue]:
    catalogue = Catalogue(db)
    running = asyncio.create_task(catalogue.run())
    try:
        yield catalogue
    finally:
        await end(running)


async def shown(catalogue: Catalogue, q: str, kind: Aggregate = PRODUCT) -> list[str]:
    return (await Seen.now(catalogue)).public(kind, q).ids(BY_NAME, size=1_000)


async def test_what_was_just_written_is_found_by_every_process(registry: Registry) -> None:
    mark = new_id()[-8:]
    async with kept(registry.db) as other:
        facility = await registry.a_facility(name=f"Tổ hợp tác {mark}")
        # No waiting: who is told that it is published finds it with the next search.
        assert await shown(other, mark, FACILITY) == [facility["id"]]
        for number in range(5):
            product = await registry.a_product(facility["id"], name=f"Quả {number} {mark}x")
            for catalogue in (other, registry.app.state.catalogue):
                assert product["id"] in await shown(catalogue, f"{mark}x")


async def test_a_facility_that_stops_takes_its_products_along(registry: Registry) -> None:
    mark = new_id()[-8:]
    facility = await registry.a_facility(name=f"Trại {mark}")
    product = await registry.a_product(facility["id"], name="Mướp hương")
    catalogue = registry.app.state.catalogue
    assert await shown(catalogue, mark) == [product["id"]]

    async def stopped(active: bool, name: str) -> None:
        known = await records.get(registry.db, PRODUCT, product["id"])
        owner = {**owner_document(known.owner), "active": active, "words": [name]}

        async def work(tx: Any) -> None:
            await tx.collection(COLLECTIONS[PRODUCT]).update_many(
                {"owner.facility_id": facility["id"]}, {"$set": {"owner": owner}}
            )

        await transact(registry.db, work)

    await stopped(active=False, name=mark)
    assert await shown(catalogue, mark) == []
    await stopped(active=True, name=f"{mark}moi")
    assert await shown(catalogue, f"{mark}moi") == [product["id"]]
    assert await shown(catalogue, f"{mark} muop") == [product["id"]]


async def test_what_is_deleted_is_found_no_more(registry: Registry) -> None:
    mark = new_id()[-8:]
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"], name=f"Ngô nếp {mark}")
    catalogue = registry.app.state.catalogue
    rows = registry.db.collection(COLLECTIONS[PRODUCT])
    document = await rows.find_one({"_id": product["id"]})
    assert document is not None
    await rows.delete_one({"_id": product["id"]})
    assert await shown(catalogue, mark) == []
    await rows.insert_one(document)
    assert await shown(catalogue, mark) == [product["id"]]


async def test_a_process_that_starts_knows_all_and_misses_nothing_written_meanwhile(
    registry: Registry,
) -> None:
    mark = new_id()[-8:]
    facility = await registry.a_facility()
    first = await registry.a_product(facility["id"], name=f"Đậu {mark}")
    async with kept(registry.db) as other:
        second = await registry.a_product(facility["id"], name=f"Lạc {mark}")
        assert await shown(other, mark) == [first["id"], second["id"]]


async def test_a_search_that_is_given_up_loses_no_change(registry: Registry) -> None:
    mark = new_id()[-8:]
    facility = await registry.a_facility()
    catalogue = registry.app.state.catalogue
    made = []
    for number in range(10):
        made.append(await registry.a_product(facility["id"], name=f"Mía {mark} {number}"))
        asking = [asyncio.create_task(catalogue.tables()) for _ in range(3)]
        for turns in range(number):
            await asyncio.sleep(0)
            asking[turns % 3].cancel()
        await asyncio.gather(*asking, return_exceptions=True)
    assert await shown(catalogue, mark) == [one["id"] for one in made]


async def test_what_has_changed_is_merged_while_searches_go_on(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_rows, "CROWDED", 40)
    monkeypatch.setattr(word_rows, "CROWDED_SHARE", 10**9)
    mark = new_id()[-8:]
    facility = await registry.a_facility()
    async with kept(registry.db) as other:
        words = (await other.tables())[PRODUCT].words
        made = []
        for number in range(12):
            made.append(await registry.a_product(facility["id"], name=f"Cam {mark} {number:02d}"))
            assert await shown(other, f"cam {mark}") == [one["id"] for one in made]
        await eventually(lambda: not words.crowded)
        assert await shown(other, f"cam {mark}") == [one["id"] for one in made]


async def test_when_the_changes_can_no_longer_be_followed_all_is_read_again(
    registry: Registry, settings: Settings
) -> None:
    mark = new_id()[-8:]
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"], name=f"Khoai {mark}")
    document = await registry.db.collection(COLLECTIONS[PRODUCT]).find_one({"_id": product["id"]})
    assert document is not None
    db = Database(settings.mongo_url, settings.database(f"other{mark}"), "registry")
    try:
        rows = db.collection(COLLECTIONS[PRODUCT])
        await rows.insert_one(document)
        async with kept(db) as other:
            assert await shown(other, mark) == [product["id"]]
            # After this the stream tells of single records no more.
            await db.handle.drop_collection(COLLECTIONS[PRODUCT])
            assert await shown(other, mark) == []
            await rows.insert_one(document)
            assert await shown(other, mark) == [product["id"]]
    finally:
        await db.client.drop_database(db.name)
        await db.close()


async def test_before_all_is_read_a_search_says_so(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_module, "LOADING_SECONDS", 0.05)
    kept_up = registry.app.state.catalogue
    registry.app.state.catalogue = Catalogue(registry.db)
    try:
        answer = await registry.browser().get("/products", params={"q": "na"})
        home = await registry.browser().get("/")
        work = await registry.browser(registry.checker()).get("/console/registry")
        asked = await registry.get("/products?q=na", registry.approver())
    finally:
        registry.app.state.catalogue = kept_up
    assert answer.status_code == 503
    assert "Danh mục đang được nạp" in answer.text
    # It opens again by itself, without a script too.
    assert answer.headers["refresh"] == answer.headers["retry-after"] == "3"
    assert "Trang tự mở lại sau 3 giây" in answer.text
    # What can do without is shown: the home page without figures, and what waits for somebody.
    assert home.status_code == 200
    assert "Sản phẩm đang đăng" not in home.text
    assert work.status_code == 200
    told = refused(asked, 503, StillLoading.code)
    assert "Hãy thử lại" in told["detail"]


async def test_a_process_is_ready_only_once_it_can_search(registry: Registry) -> None:
    there = (await registry.client.get("/readyz")).json()["dependencies"]
    assert there["searches"] is True
    kept_up = registry.app.state.service.needs["searches"]
    fresh = Catalogue(registry.db)
    registry.app.state.service.needs["searches"] = lambda: fresh.loaded
    try:
        answer = await registry.client.get("/readyz")
        assert (answer.status_code, answer.json()["dependencies"]["searches"]) == (503, False)
    finally:
        registry.app.state.service.needs["searches"] = kept_up


async def test_records_without_what_searches_go_by_get_it_at_the_start(registry: Registry) -> None:
    mark = new_id()[-8:]
    facility = await registry.a_facility(name=f"Lò bánh {mark}")
    product = await registry.a_product(facility["id"], name="Sắn dây")
    rows = registry.db.collection(COLLECTIONS[PRODUCT])
    before = await rows.find_one({"_id": product["id"]})
    await rows.update_one({"_id": product["id"]}, {"$unset": {"derived": "", "owner.words": ""}})
    async with kept(registry.db) as other:
        assert await shown(other, f"{mark} san") == [product["id"]]
    assert await rows.find_one({"_id": product["id"]}) == before


async def test_an_official_finds_only_what_lies_in_the_own_area(registry: Registry) -> None:
    mark = new_id()[-8:]
    facility = await registry.a_facility(name=f"Bến {mark}")
    await registry.a_product(facility["id"], name="Rong biển")
    foreign = registry.operator((await registry.a_facility())["id"])
    health = registry.token("department", "approve", sector="health")
    seen = (registry.clerk(), registry.approver(), registry.operator(facility["id"]))
    unseen = (registry.clerk(builders.OTHER_COMMUNE), foreign, health)
    for tokens, count in ((seen, 1), (unseen, 0)):
        for token in tokens:
            for kind in ("facilities", "products"):
                answer = ok(await registry.get(f"/{kind}?q={mark}", token))
                assert answer["total"] == count == len(answer["items"])
                page = await registry.browser(token).get(
                    f"/console/registry/{kind}", params={"q": mark}
                )
                assert (f"Bến {mark}" in page.text) is bool(count)
