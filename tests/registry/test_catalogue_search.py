"""The public catalogue: found with and without diacritics, by codes, narrowed by facets."""

import json
import re
from typing import Any

import pytest

from shared import stampcode
from shared.ids import new_id
from tests.registry import builders
from tests.registry.conftest import Registry


@pytest.fixture(scope="module")
async def shop(registry: Registry) -> dict[str, Any]:
    """A facility with products of two groups."""
    mark = new_id()[-8:]
    facility = await registry.a_facility(name=f"Hợp tác xã Nhãn Lồng {mark}")
    made = {
        "longan": await registry.a_product(
            facility["id"],
            name=f"Nhãn muộn ra đợt hai {mark}",
            gtin=builders.gtin(777),
            ocop_stars=5,
            key_product=False,
            brand="Bến Rừng",
        ),
        "apple": await registry.a_product(facility["id"], name=f"Na bở {mark}", ocop_stars=3),
    }
    lot = await registry.a_lot(facility["id"], made["apple"]["id"], code=f"NB-{mark}")
    return {"mark": mark, "facility": facility["id"], "lot": lot["code"], **made}


async def found(registry: Registry, **asked: str) -> str:
    answer = await registry.browser().get("/products", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize(
    "asked", ["nhan ra", "nhãn ra", "NHÃN  RA", "ra nhan dot", "ben rung nhan"]
)
async def test_words_are_found_with_and_without_diacritics_in_any_order(
    registry: Registry, shop: dict[str, Any], asked: str
) -> None:
    page = await found(registry, q=f"{asked} {shop['mark']}")
    assert f"/products/{shop['longan']['id']}" in page
    assert f"/products/{shop['apple']['id']}" not in page


async def test_a_product_is_found_by_its_codes_and_its_category(
    registry: Registry, shop: dict[str, Any]
) -> None:
    gtin = builders.gtin(777)
    for asked in (gtin, f"0{gtin}", shop["longan"]["code"]):
        assert f"/products/{shop['longan']['id']}" in await found(registry, q=asked)
    assert shop["apple"]["id"] in await found(registry, q=f"trai cay {shop['mark']}")
    assert shop["apple"]["id"] in await found(registry, q=f"fruit {shop['mark']}")
    page = await found(registry, q=shop["lot"].lower())
    assert f"Lô {shop['lot']}" in page
    assert f"/products/{shop['apple']['id']}" in page


async def test_a_facility_that_is_called_so_is_offered_too(
    registry: Registry, shop: dict[str, Any]
) -> None:
    assert f"/facilities/{shop['facility']}" in await found(
        registry, q=f"hop tac xa {shop['mark']}"
    )


async def test_a_stamp_s_code_typed_into_the_search_leads_to_the_stamp(registry: Registry) -> None:
    code = "7K2QD9M4XT0123456789"
    assert stampcode.normalise(code) == code
    answer = await registry.browser().get("/products", params={"q": stampcode.group(code).lower()})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/{code}"
    words = await registry.browser().get("/products", params={"q": "nem chua ngon nem chay"})
    assert words.status_code == 200


async def test_facets_tell_how_many_are_left_and_narrow_the_list(
    registry: Registry, shop: dict[str, Any]
) -> None:
    page = await found(registry, q=shop["mark"])
    assert re.search(r"5 sao <small>1</small>", page)
    assert re.search(r"3 sao <small>1</small>", page)
    assert re.search(r"Có OCOP <small>2</small>", page)
    five = await found(registry, q=shop["mark"], ocop="5")
    assert shop["longan"]["id"] in five
    assert shop["apple"]["id"] not in five
    # Of the facet itself one still sees what else there is.
    assert re.search(r"3 sao <small>1</small>", five)
    key = await found(registry, q=shop["mark"], key="1")
    assert shop["apple"]["id"] in key
    assert shop["longan"]["id"] not in key
    here = await found(registry, q=shop["mark"], commune=builders.COMMUNE)
    assert shop["apple"]["id"] in here
    nothing = await found(registry, q=shop["mark"], commune=builders.OTHER_COMMUNE)
    assert "Không tìm thấy sản phẩm nào" in nothing
    assert "Bỏ mọi điều kiện lọc" in nothing


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "$where"},
        {"q": ".*("},
        {"q": "\u0301\u0301\u0301"},
        {"group": "x", "ocop": "9", "sort": "y"},
        {"category": "$ne", "commune": "x" * 64},
    ],
)
async def test_the_search_answers_whatever_is_typed(
    registry: Registry, asked: dict[str, str]
) -> None:
    assert (await registry.browser().get("/products", params=asked)).status_code == 200


async def test_a_page_tells_machines_what_it_is_about(
    registry: Registry, shop: dict[str, Any]
) -> None:
    page = (await registry.browser().get(f"/products/{shop['longan']['id']}")).text
    linked = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert linked
    told = json.loads(linked[1])
    assert told["@type"] == ["Product", "gs1:Product"]
    assert told["gtin"] == told["gs1:gtin"] == f"0{builders.gtin(777)}"
    assert told["manufacturer"]["url"].endswith(f"/facilities/{shop['facility']}")
    page = (await registry.browser().get(f"/facilities/{shop['facility']}")).text
    assert '"gs1:Organization"' in page


async def test_what_is_written_into_a_name_cannot_leave_the_data_for_machines(
    registry: Registry, shop: dict[str, Any]
) -> None:
    nasty = "Na </script><script>alert(1)</script>"
    product = await registry.a_product(shop["facility"], name=nasty)
    page = (await registry.browser().get(f"/products/{product['id']}")).text
    assert "<script>alert" not in page


async def test_pictures_come_in_the_sizes_that_a_screen_needs(registry: Registry) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    picture = (await registry.upload(builders.picture(), facility["id"], operator)).json()
    product = await registry.a_product(facility["id"], images=[picture["id"]])
    page = (await registry.browser().get(f"/products/{product['id']}")).text
    for size, width in (("tiny", 320), ("small", 640), ("large", 1280)):
        address = f"/media/{picture['id']}-{size}.webp"
        assert f"{address} {width}w" in page
        assert (await registry.browser().get(address)).status_code == 200


async def test_a_picture_kept_before_there_was_a_smaller_size_is_still_served(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    picture = (await registry.upload(builders.picture(), facility["id"], operator)).json()
    await registry.db.collection("media").update_one(
        {"_id": picture["id"]},
        [{"$set": {"files": {"$unsetField": {"field": "tiny.webp", "input": "$files"}}}}],
    )
    row = await registry.db.collection("media").find_one({"_id": picture["id"]})
    assert row is not None
    assert "tiny.webp" not in row["files"]
    answer = await registry.browser(operator).get(f"/media/{picture['id']}-tiny.webp")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
