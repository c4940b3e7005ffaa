"""The catalogue as JSON: for everybody, what was approved and nothing else, never out of date."""

from typing import Any

import httpx2
import pytest

from shared.ids import new_id
from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import API, Registry
from tests.registry.test_consumers import notice

PRODUCTS, FACILITIES = f"{API}/published/products", f"{API}/published/facilities"
AREAS, LOTS = f"{API}/published/growing-areas", f"{API}/published/lots"


@pytest.fixture(scope="module")
async def shop(registry: Registry) -> dict[str, Any]:
    """A facility with two published products and a draft; its name is all theirs to be found by."""
    mark = new_id()[-8:]
    facility = await registry.a_facility(name=f"Hợp tác xã Nhãn Lồng {mark}")
    own = facility["id"]
    longan = await registry.a_product(own, name=f"Nhãn muộn {mark}", ocop_stars=5)
    apple = await registry.a_product(own, name=f"Na bở {mark}", ocop_stars=3, key_product=False)
    draft = builders.product(facility_id=own, name=f"BÍ MẬT {mark}")
    await registry.entered("products", draft, registry.clerk())
    return {"mark": mark, "facility": own, "longan": longan["id"], "apple": apple["id"]}


async def asked(registry: Registry, path: str, **query: Any) -> httpx2.Response:
    """Without any account."""
    headers = query.pop("headers", {})
    return await registry.client.get(path, params=query, headers=headers)


async def listed(registry: Registry, path: str = PRODUCTS, **query: Any) -> list[str]:
    return [one["id"] for one in ok(await asked(registry, path, **query))["items"]]


async def test_it_holds_what_is_published_and_no_draft(
    registry: Registry, shop: dict[str, Any]
) -> None:
    answer = await asked(registry, PRODUCTS, q=shop["mark"])
    found = ok(answer)
    assert [one["id"] for one in found["items"]] == [shop["apple"], shop["longan"]]
    assert (found["total"], found["page"], found["size"]) == (2, 1, 20)
    assert "BÍ MẬT" not in answer.text
    one = found["items"][1]
    assert one["name"] == f"Nhãn muộn {shop['mark']}"
    assert (one["ocop_stars"], one["recalled"]) == (5, False)
    assert one["url"] == f"{registry.settings.public_origin}/products/{shop['longan']}"


async def test_an_edit_shows_only_once_it_is_approved(
    registry: Registry, shop: dict[str, Any]
) -> None:
    name = f"Vải sớm {shop['mark']}"
    product = await registry.a_product(shop["facility"], name=name, ocop_stars=None)
    body = builders.product(name=f"CHƯA DUYỆT {shop['mark']}", version=product["version"])
    operator = registry.operator(shop["facility"])
    ok(await registry.put(f"/products/{product['id']}", body, operator))
    answer = await asked(registry, PRODUCTS, q=f"vai som {shop['mark']}")
    assert [one["name"] for one in ok(answer)["items"]] == [name]
    assert await listed(registry, q=f"chua duyet {shop['mark']}") == []
    withdrawn = {"reason": "Ngừng sản xuất"}
    ok(await registry.post(f"/products/{product['id']}/withdraw", withdrawn, operator))
    assert await listed(registry, q=f"vai som {shop['mark']}") == []


@pytest.mark.parametrize(
    "query",
    [
        {"ocop": "5"},
        {"ocop": "any", "sort": "stars"},
        {"key": "1"},
        {"group": "fruit", "sort": "new"},
        {"category": "lychee"},
        {"commune": builders.COMMUNE},
        {"commune": builders.OTHER_COMMUNE},
    ],
)
async def test_it_is_narrowed_as_the_page_is(
    registry: Registry, shop: dict[str, Any], query: dict[str, str]
) -> None:
    page = (await asked(registry, "/products", q=shop["mark"], **query)).text
    shown = [one for one in (shop["apple"], shop["longan"]) if f"/products/{one}" in page]
    found = await listed(registry, q=shop["mark"], **query)
    assert sorted(found) == sorted(shown)
    places = [page.index(f"/products/{one}") for one in found]
    assert places == sorted(places)


async def test_facilities_are_told_without_what_their_page_alone_tells(
    registry: Registry, shop: dict[str, Any]
) -> None:
    answer = await asked(registry, FACILITIES, q=shop["mark"], commune=builders.COMMUNE)
    (one,) = ok(answer)["items"]
    assert (one["id"], one["commune"]) == (shop["facility"], builders.COMMUNE)
    assert not {"phone", "tax_number", "email", "representative"} & set(one)
    assert await listed(registry, FACILITIES, q=shop["mark"], sector="health") == []
    assert await listed(registry, FACILITIES, q=shop["mark"], kind="packing") == [one["id"]]


async def test_a_product_that_a_notice_names_says_so_at_once(
    registry: Registry, shop: dict[str, Any]
) -> None:
    product = await registry.a_product(shop["facility"], name=f"Ổi {shop['mark']}", ocop_stars=None)
    before = await asked(registry, PRODUCTS, q=f"oi {shop['mark']}")
    assert [one["recalled"] for one in ok(before)["items"]] == [False]
    told = notice(new_id(), products=(product["id"],))
    await registry.tell(told)
    await registry.taken_in(told)
    same = {"If-None-Match": before.headers["etag"]}
    after = await asked(registry, PRODUCTS, q=f"oi {shop['mark']}", headers=same)
    assert [one["recalled"] for one in ok(after)["items"]] == [True]


async def test_an_unchanged_page_is_not_sent_again(
    registry: Registry, shop: dict[str, Any]
) -> None:
    query = {"q": shop["mark"], "ocop": "5"}
    for path in (PRODUCTS, FACILITIES):
        kept = query if path == PRODUCTS else {"q": shop["mark"]}
        first = await asked(registry, path, **kept)
        assert first.headers["cache-control"] == "public, no-cache"
        assert first.headers["access-control-allow-origin"] == "*"
        same = {"If-None-Match": f'"other", {first.headers["etag"]}'}
        again = await asked(registry, path, headers=same, **kept)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]


async def test_pages_of_any_size_follow_one_another(
    registry: Registry, shop: dict[str, Any]
) -> None:
    query = {"q": shop["mark"], "ocop": "any", "size": 1}
    found = [await listed(registry, page=number, **query) for number in (1, 2, 3)]
    assert found == [[shop["apple"]], [shop["longan"]], []]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (PRODUCTS, {"size": 101}),
        (PRODUCTS, {"page": 0}),
        (PRODUCTS, {"ocop": "7"}),
        (PRODUCTS, {"commune": "Hạ Long"}),
        (PRODUCTS, {"sort": "price"}),
        (FACILITIES, {"kind": "airport"}),
        (AREAS, {"kind": "airport"}),
        (LOTS, {"after": "$ne"}),
        (LOTS, {"size": 0}),
    ],
)
async def test_what_cannot_be_asked_is_told_with_its_field(
    registry: Registry, path: str, query: dict[str, Any]
) -> None:
    problem = refused(await asked(registry, path, **query), 422, "invalid_input")
    assert [one["field"] for one in problem["errors"]] == list(query)


def test_the_document_says_that_it_needs_no_account(registry: Registry) -> None:
    paths = registry.app.openapi()["paths"]
    for path in (PRODUCTS, FACILITIES, AREAS, LOTS):
        told = paths[path]["get"]
        assert not told.get("security")
        assert set(told["responses"]) >= {"200", "304", "4XX"}
        assert "$ref" in told["responses"]["200"]["content"]["application/json"]["schema"]
