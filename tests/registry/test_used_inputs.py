"""Inputs named on a lot's own form: counted off, conserved, never below zero."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from shared.contracts.registry import LotPublished
from shared.ids import new_id
from tests.answers import ok, refused, token_in
from tests.registry import builders
from tests.registry.conftest import Registry


@pytest.fixture(scope="module")
async def farm(registry: Registry) -> dict[str, str]:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    return {"id": facility["id"], "code": facility["code"], "product": product["id"]}


@pytest.fixture
async def source(registry: Registry, farm: dict[str, str]) -> dict[str, Any]:
    """1200 kg of it."""
    return await registry.a_lot(farm["id"], farm["product"])


def body(farm: dict[str, str], used: list[dict[str, str]], **more: Any) -> dict[str, Any]:
    known = {"code": new_id()[-12:], "quantity": "95", "entries": builders.diary(), **more}
    return builders.lot(farm["product"], used=used, **known)


def so_much(lot: str, quantity: str, unit: str = "kg") -> dict[str, str]:
    return {"lot": lot, "quantity": quantity, "unit": unit}


async def left(registry: Registry, lot_id: str, facility_id: str) -> Decimal:
    row = await registry.db.collection("holdings").find_one({"_id": f"{lot_id}/{facility_id}"})
    assert row is not None
    return Decimal(row["has"].to_decimal() - row["used"].to_decimal())


async def test_what_a_lot_names_with_a_quantity_is_counted_off_and_told_as_its_input(
    registry: Registry, farm: dict[str, str], source: dict[str, Any]
) -> None:
    operator = registry.operator(farm["id"])
    named = f"{farm['code']}/{source['code']}"
    lot = await registry.entered("lots", body(farm, [so_much(named, "1", "tạ")]), operator)
    assert await left(registry, source["id"], farm["id"]) == 1100
    record = await registry.record("lots", lot["id"])
    assert record["draft"]["inputs"] == [source["id"]]
    assert record["draft"]["used"][0]["lot_id"] == source["id"]
    await registry.carried_through("lots", lot["id"], operator)
    [told] = await registry.events(lot["id"], LotPublished)
    assert told.inputs == (source["id"],)
    document = ok(await registry.get(f"/lots/{lot['id']}/events", operator))
    [made] = [
        one for one in document["epcisBody"]["eventList"] if one["type"] == "TransformationEvent"
    ]
    assert made["inputQuantityList"][0]["quantity"] == 1.0
    assert made["inputQuantityList"][0]["uom"] == "DTN"


async def test_an_edit_counts_the_difference_and_taking_it_out_gives_it_back(
    registry: Registry, farm: dict[str, str], source: dict[str, Any]
) -> None:
    operator = registry.operator(farm["id"])
    wanted = body(farm, [so_much(source["id"], "100")])
    lot = await registry.entered("lots", wanted, operator)
    for quantity, rest in (("98", 1102), ("98", 1102), ("100", 1100)):
        version = (await registry.record("lots", lot["id"]))["version"]
        again = {**wanted, "used": [so_much(source["id"], quantity)], "version": version}
        ok(await registry.put(f"/lots/{lot['id']}", again, operator))
        assert await left(registry, source["id"], farm["id"]) == rest
    version = (await registry.record("lots", lot["id"]))["version"]
    # A program that does not know the field leaves what is counted alone.
    silent = {**wanted, "inputs": [source["id"]], "version": version}
    del silent["used"]
    ok(await registry.put(f"/lots/{lot['id']}", silent, operator))
    assert await left(registry, source["id"], farm["id"]) == 1100
    version = (await registry.record("lots", lot["id"]))["version"]
    none = {**wanted, "used": [], "inputs": [], "version": version}
    record = ok(await registry.put(f"/lots/{lot['id']}", none, operator))
    assert record["draft"]["inputs"] == []
    assert await left(registry, source["id"], farm["id"]) == 1200


async def test_a_hundred_at_once_never_use_more_than_there_is(
    registry: Registry, farm: dict[str, str], source: dict[str, Any]
) -> None:
    operator = registry.operator(farm["id"])
    answers = await asyncio.gather(
        *(
            registry.post("/lots", body(farm, [so_much(source["id"], "100")]), operator)
            for _ in range(100)
        )
    )
    statuses = sorted({answer.status_code for answer in answers})
    assert statuses == [201, 409], [a.text for a in answers if a.status_code not in (201, 409)][:1]
    assert sum(answer.status_code == 201 for answer in answers) == 12
    assert await left(registry, source["id"], farm["id"]) == 0


async def test_what_does_not_agree_needs_an_explanation_that_the_checker_reads(
    registry: Registry, farm: dict[str, str], source: dict[str, Any]
) -> None:
    operator = registry.operator(farm["id"])
    wanted = body(farm, [so_much(source["id"], "100")], quantity="300")
    problem = refused(await registry.post("/lots", wanted, operator), 422, "quantity_not_conserved")
    assert problem["errors"][0]["field"] == "explanation"
    assert await left(registry, source["id"], farm["id"]) == 1200, "nothing is kept of a refusal"
    wanted["explanation"] = "Trộn thêm hàng thu mua lẻ tại vườn."
    lot = await registry.entered("lots", wanted, operator)
    await registry.submitted("lots", lot["id"], operator)
    seen = registry.browser(registry.checker())
    page = (await seen.get(f"/console/registry/lots/{lot['id']}")).text
    assert "Trộn thêm hàng thu mua lẻ" in page


async def test_a_lot_never_received_twice_named_or_recalled_is_refused_at_its_row(
    registry: Registry, farm: dict[str, str], source: dict[str, Any]
) -> None:
    other = await registry.a_facility()
    product = await registry.a_product(other["id"])
    theirs = {"id": other["id"], "code": other["code"], "product": product["id"]}
    operator = registry.operator(other["id"])
    answer = await registry.post("/lots", body(theirs, [so_much(source["id"], "10")]), operator)
    problem = refused(answer, 409, "lot_not_held")
    assert problem["errors"][0]["field"] == "used.0.lot"
    twice = [so_much(source["id"], "10"), so_much(source["id"], "20")]
    mine = registry.operator(farm["id"])
    refused(await registry.post("/lots", body(farm, twice), mine), 422, "named_twice")
    failed = builders.laboratory("failed")
    ok(await registry.post(f"/lots/{source['id']}/tests", failed, registry.checker()), 201)
    again = await registry.post("/lots", body(farm, [so_much(source["id"], "10")]), mine)
    refused(again, 409, "lot_held_back")
    assert await left(registry, source["id"], farm["id"]) == 1200


async def test_inputs_without_a_quantity_are_named_and_the_checker_is_told(
    registry: Registry, farm: dict[str, str], source: dict[str, Any]
) -> None:
    operator = registry.operator(farm["id"])
    wanted = builders.lot(
        farm["product"], code=new_id()[-12:], inputs=[source["id"]], entries=builders.diary()
    )
    lot = await registry.entered("lots", wanted, operator)
    await registry.submitted("lots", lot["id"], operator)
    found = ok(await registry.get(f"/lots/{lot['id']}/findings", registry.checker()))
    [one] = [row for row in found["now"] if row["check"] == "uncounted"]
    assert source["code"] in one["message"]


async def test_the_form_offers_what_is_held_and_keeps_its_rows(
    registry: Registry, farm: dict[str, str], source: dict[str, Any]
) -> None:
    browser = registry.browser(registry.operator(farm["id"]))
    page = (await browser.get("/console/registry/lots/new")).text
    assert source["code"] in page
    form = {
        "csrf": token_in(page),
        "key": new_id(),
        "product_id": farm["product"],
        "code": new_id()[-12:],
        "quantity": "100",
        "unit": "kg",
        "produced_on": "2026-08-21",
        "used.0.lot": source["id"],
        "used.0.quantity": "5000",
        "used.1.lot": "",
    }
    back = await browser.post("/console/registry/lots/new", data=form)
    assert back.status_code == 409, back.text
    assert 'value="5000"' in back.text
    form |= {"used.0.quantity": "102", "key": new_id()}
    for _ in range(2):
        sent = await browser.post("/console/registry/lots/new", data=form)
        assert sent.status_code == 303, sent.text
    assert await left(registry, source["id"], farm["id"]) == 1098
    here = sent.headers["location"]
    edit = (await browser.get(f"{here}/edit")).text
    assert 'name="used.0.quantity"' in edit
    assert 'value="102"' in edit
    assert source["code"] in (await browser.get(here)).text
