"""Quality as people and programs see it: score, what is missing, where it is filled in."""

import re
from datetime import timedelta

import pytest

from shared.days import local_day
from shared.ids import new_id, now
from tests.answers import ok
from tests.polling import eventually
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.test_catalogue_api import approved


async def test_what_is_missing_is_named_with_a_link_that_leads_there(registry: Registry) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    body = builders.product(brand="", storage="", facility_id=facility["id"])
    product = await registry.entered("products", body, operator)
    found = ok(await registry.get(f"/products/{product['id']}/quality", operator))
    assert found["percent"] < 100
    by_field = {one["field"]: one for one in found["missing"]}
    assert {"brand", "storage", "images"} <= set(by_field)
    browser = registry.browser(operator)
    page = (await browser.get(f"/console/registry/products/{product['id']}")).text
    for field in ("brand", "storage", "images"):
        href = by_field[field]["href"]
        assert f'href="{href}"' in page
        address, _, anchor = href.partition("#")
        assert f'id="{anchor}"' in (await browser.get(address)).text, field


@pytest.mark.parametrize("word", ["facilities", "growing-areas", "lots"])
async def test_every_link_to_what_is_missing_leads_to_an_input(
    registry: Registry, word: str
) -> None:
    facility = await registry.a_facility(phone="", representative="", certificates=[])
    maker = registry.clerk()
    if word == "facilities":
        record_id = facility["id"]
    elif word == "growing-areas":
        body = builders.growing_area(facility_id=facility["id"], households=None)
        del body["area_hectares"]
        record_id = (await registry.entered(word, body, maker))["id"]
    else:
        product = await registry.a_product(facility["id"], shelf_life_days=None)
        body = builders.lot(product["id"], facility_id=facility["id"], entries=[])
        record_id = (await registry.entered(word, body, maker))["id"]
    found = ok(await registry.get(f"/{word}/{record_id}/quality", maker))
    assert found["missing"], found
    browser = registry.browser(maker)
    for one in found["missing"]:
        address, _, anchor = one["href"].partition("#")
        answer = await browser.get(address)
        assert answer.status_code == 200, one
        assert not anchor or f'id="{anchor}"' in answer.text, one


async def test_a_new_rule_reaches_records_that_nobody_saves(registry: Registry) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    product = await registry.entered(
        "products", builders.product(facility_id=facility["id"]), operator
    )
    rows = registry.db.collection("products")

    async def kept() -> int:
        row = await rows.find_one({"_id": product["id"]})
        assert row is not None
        return int(row["derived"]["quality"])

    before = await kept()
    key = f"rule-{new_id()[-6:]}"
    values = {"title": "Năng lực", "record": "product", "field": "capacity", "weight": "50"}
    await approved(registry, "required", key, values)

    async def lower() -> bool:
        return await kept() < before

    await eventually(lower, 30)

    async def finished() -> bool:
        found = ok(await registry.get("/quality/products", registry.approver()))
        return found["computed"] is not None and found["computed"]["finished_at"] is not None

    await eventually(finished, 30)
    page = (await registry.browser(registry.approver()).get("/console/registry/quality")).text
    assert "được tính lại lúc" in page
    await approved(registry, "required", key, values, retired=True)

    async def back() -> bool:
        return await kept() == before

    await eventually(back, 30)


async def test_scores_by_commune_hold_only_what_lies_in_scope(registry: Registry) -> None:
    await registry.a_facility()
    own = ok(await registry.get("/quality/facilities", registry.checker()))
    assert {one["commune"] for one in own["communes"]} == {builders.COMMUNE}
    other = ok(await registry.get("/quality/facilities", registry.checker(builders.OTHER_COMMUNE)))
    assert builders.COMMUNE not in {one["commune"] for one in other["communes"]}


async def test_the_list_is_narrowed_to_incomplete_records_of_every_kind(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    area = await registry.entered(
        "growing-areas", builders.growing_area(facility_id=facility["id"]), registry.clerk()
    )
    browser = registry.browser(registry.clerk())
    page = (await browser.get("/console/registry/growing-areas?quality=incomplete")).text
    assert area["id"] in page
    assert re.search(r"Đủ \d+/100", page)


async def test_a_certificate_that_runs_out_lowers_the_score_of_its_day(registry: Registry) -> None:
    yesterday = local_day(now()) - timedelta(days=1)
    paper = {**builders.facility()["certificates"][0], "expires_on": yesterday.isoformat()}
    facility = await registry.a_facility(certificates=[paper])
    found = ok(await registry.get(f"/facilities/{facility['id']}/quality", registry.checker()))
    assert "certificates" in {one["field"] for one in found["missing"]}
