"""Growing areas and lots as JSON for everybody: approved content, no person, no draft."""

from typing import Any

import pytest

from shared.ids import new_id
from tests.answers import ok
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.test_consumers import notice
from tests.registry.test_published_json import AREAS, LOTS, asked, listed

HOUSEHOLD = "Hoàng Thị Kín Tiếng"


@pytest.fixture(scope="module")
async def orchard(registry: Registry) -> dict[str, Any]:
    """A facility with a published area of named households and a drafted one, and a product."""
    mark = new_id()[-8:]
    own = (await registry.a_facility(name=f"Hợp tác xã Na {mark}"))["id"]
    members = [{"name": HOUSEHOLD, "area_hectares": "1.5"}]
    until = {"country": "CN", "number": "GACC-1", "until": "2030-01-01"}
    told = {"name": f"Đồi Nắng {mark}", "members": members, "markets": [until], "facility_id": own}
    area = await registry.published("growing-areas", builders.growing_area(**told))
    draft = builders.growing_area(facility_id=own, name=f"BÍ MẬT {mark}")
    await registry.entered("growing-areas", draft, registry.clerk())
    product = await registry.a_product(own, name=f"Na dai {mark}")
    return {"mark": mark, "facility": own, "area": area["id"], "product": product["id"]}


async def lots_of(registry: Registry, orchard: dict[str, Any], **query: Any) -> list[Any]:
    answer = await asked(registry, LOTS, facility_id=orchard["facility"], **query)
    found: list[Any] = ok(answer)["items"]
    return found


async def test_an_area_is_told_as_approved_without_its_households_names_or_boundary(
    registry: Registry, orchard: dict[str, Any]
) -> None:
    answer = await asked(registry, AREAS, q=orchard["mark"])
    found = ok(answer)
    assert (found["total"], found["page"], found["size"]) == (1, 1, 20)
    (one,) = found["items"]
    assert one["id"] == orchard["area"]
    assert (one["households"], one["hectares"], one["kind"]) == (1, "38.5", "growing")
    assert one["markets"] == [{"country": "CN", "number": "GACC-1", "until": "2030-01-01"}]
    assert one["url"].endswith(f"/growing-areas/{orchard['area']}")
    for hidden in (HOUSEHOLD, "BÍ MẬT", "members", "boundary", "requirement"):
        assert hidden not in answer.text


async def test_an_area_is_not_found_by_what_is_not_told_of_it(
    registry: Registry, orchard: dict[str, Any]
) -> None:
    for words in (HOUSEHOLD, f"BÍ MẬT {orchard['mark']}"):
        assert await listed(registry, AREAS, q=words) == [], words


async def test_an_areas_edit_shows_only_once_it_is_approved(
    registry: Registry, orchard: dict[str, Any]
) -> None:
    mark = new_id()[-8:]
    told = builders.growing_area(name=f"Vườn {mark}", facility_id=orchard["facility"])
    area = await registry.published("growing-areas", told)
    changed = builders.growing_area(name=f"CHƯA DUYỆT {mark}", version=area["version"])
    operator = registry.operator(orchard["facility"])
    ok(await registry.put(f"/growing-areas/{area['id']}", changed, operator))
    answer = await asked(registry, AREAS, q=mark)
    assert [one["name"] for one in ok(answer)["items"]] == [f"Vườn {mark}"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kind": "growing"}, True),
        ({"kind": "farming"}, False),
        ({"commune": builders.COMMUNE}, True),
        ({"commune": builders.OTHER_COMMUNE}, False),
        ({"facility_id": "nobody"}, False),
        ({"facility_id": "its own"}, True),
    ],
)
async def test_areas_are_narrowed(
    registry: Registry, orchard: dict[str, Any], query: dict[str, str], found: bool
) -> None:
    if query.get("facility_id") == "its own":
        query = {"facility_id": orchard["facility"]}
    shown = await listed(registry, AREAS, q=f"doi nang {orchard['mark']}", **query)
    assert shown == ([orchard["area"]] if found else [])


async def test_a_lot_is_told_once_it_is_approved_and_no_longer_than_its_product(
    registry: Registry, orchard: dict[str, Any]
) -> None:
    product = await registry.a_product(orchard["facility"], name=f"Na {new_id()[-8:]}")
    body = builders.lot(product["id"], facility_id=orchard["facility"], code=new_id()[-12:])
    body["entries"] = builders.diary()
    maker = registry.clerk()
    lot = await registry.entered("lots", body, maker)
    of_it = {"product_id": product["id"]}
    assert await lots_of(registry, orchard, **of_it) == []
    await registry.carried_through("lots", lot["id"], maker)
    (one,) = await lots_of(registry, orchard, **of_it)
    assert (one["code"], one["quantity"], one["unit"]) == (body["code"], "1200", "kg")
    assert (one["recalled"], one["held"]) == (False, False)
    assert not {"entries", "inputs", "used", "supplies", "explanation"} & set(one)
    assert await lots_of(registry, orchard, code=body["code"].lower()) == [one]
    withdrawn = {"reason": "Ngừng sản xuất"}
    operator = registry.operator(orchard["facility"])
    ok(await registry.post(f"/products/{product['id']}/withdraw", withdrawn, operator))
    assert await lots_of(registry, orchard, **of_it) == []


async def test_a_lot_that_a_notice_names_or_a_result_holds_back_says_so(
    registry: Registry, orchard: dict[str, Any]
) -> None:
    product = await registry.a_product(orchard["facility"], name=f"Na {new_id()[-8:]}")
    made = [await registry.a_lot(orchard["facility"], product["id"]) for _ in range(3)]
    recalled, failed, sound = (one["id"] for one in made)
    told = notice(new_id(), lots=(recalled,))
    await registry.tell(told)
    await registry.taken_in(told)
    result = builders.laboratory("failed")
    ok(await registry.post(f"/lots/{failed}/tests", result, registry.checker()), 201)
    found = {one["id"]: one for one in await lots_of(registry, orchard, product_id=product["id"])}
    assert {key: (one["recalled"], one["held"]) for key, one in found.items()} == {
        recalled: (True, False),
        failed: (False, True),
        sound: (False, False),
    }


async def test_lots_are_walked_through_to_their_end_each_once(
    registry: Registry, orchard: dict[str, Any]
) -> None:
    product = await registry.a_product(orchard["facility"], name=f"Na {new_id()[-8:]}")
    made = [(await registry.a_lot(orchard["facility"], product["id"]))["id"] for _ in range(3)]
    walked, after = [], ""
    for _ in range(3):
        query = {"product_id": product["id"], "size": 2, "after": after}
        page = ok(await asked(registry, LOTS, **query))
        walked += [one["id"] for one in page["items"]]
        after = page["next"]
        if not after:
            break
    assert walked == sorted(made)


async def test_an_unchanged_list_is_not_sent_again(
    registry: Registry, orchard: dict[str, Any]
) -> None:
    for path in (AREAS, LOTS):
        query = {"facility_id": orchard["facility"]}
        first = await asked(registry, path, **query)
        again = await asked(
            registry, path, headers={"If-None-Match": first.headers["etag"]}, **query
        )
        assert (again.status_code, again.content) == (304, b"")
