"""Goods that came without a shipment here: recorded in one step, counted, perhaps disowned."""

import asyncio
from typing import Any

import pytest

from shared.contracts.registry import ShipmentPublished
from shared.ids import new_id
from tests.answers import ok, refused, token_in
from tests.registry import builders
from tests.registry.conftest import Registry


@pytest.fixture(scope="module")
async def maker(registry: Registry) -> dict[str, Any]:
    """A maker of fertiliser, 500 kg of a lot."""
    facility = await registry.a_facility(kinds=["processing"])
    goods = await registry.a_product(facility["id"], name="Phân hữu cơ vi sinh")
    made = [builders.entry("processing", "2026-05-01", method="Ủ")]
    lot = await registry.a_lot(
        facility["id"], goods["id"], quantity="500", produced_on="2026-05-01", entries=made
    )
    return {
        "id": facility["id"],
        "lot": lot["id"],
        "name": f"{facility['code']}/{lot['code']}",
        "operator": registry.operator(facility["id"]),
    }


@pytest.fixture
async def farm(registry: Registry) -> dict[str, Any]:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    operator = registry.operator(facility["id"])
    return {"id": facility["id"], "product": product["id"], "operator": operator}


def spread(maker: dict[str, Any], quantity: str) -> dict[str, Any]:
    return builders.entry(
        "input",
        "2026-07-02",
        kind="fertiliser",
        name="Phân hữu cơ vi sinh",
        supply_lot=maker["name"],
        quantity=quantity,
        unit="kg",
    )


def receipt(maker: dict[str, Any], quantity: str = "50") -> dict[str, Any]:
    return {
        "lot": maker["name"],
        "quantity": quantity,
        "unit": "kg",
        "at": "2026-07-01T08:00:00+07:00",
        "place": "Kho vật tư",
        "documents": "HĐ 0012",
    }


async def holding(registry: Registry, lot_id: str, facility_id: str) -> tuple[float, float]:
    row = await registry.db.collection("holdings").find_one({"_id": f"{lot_id}/{facility_id}"})
    if row is None:
        return 0.0, 0.0
    return float(row["has"].to_decimal()), float(row["used"].to_decimal())


async def a_draft(registry: Registry, farm: dict[str, Any], *entries: Any) -> dict[str, Any]:
    body = builders.lot(farm["product"], code=new_id()[-12:], entries=[*builders.diary(), *entries])
    return await registry.entered("lots", body, farm["operator"])


async def findings(registry: Registry, lot_id: str) -> list[str]:
    body = ok(await registry.get(f"/lots/{lot_id}/findings", registry.checker()))
    return [one["message"] for one in body["now"] if one["check"] == "uncounted"]


async def test_a_supply_never_received_is_a_finding_until_one_step_records_its_receipt(
    registry: Registry, maker: dict[str, Any], farm: dict[str, Any]
) -> None:
    lot = await a_draft(registry, farm, spread(maker, "30"))
    [found] = await findings(registry, lot["id"])
    assert maker["name"] in found
    browser = registry.browser(farm["operator"])
    here = f"/console/registry/lots/{lot['id']}"
    page = (await browser.get(here)).text
    assert "chưa ghi nhận đã nhận" in page
    seen = registry.browser(registry.checker())
    await registry.submitted("lots", lot["id"], farm["operator"])
    assert maker["name"] in (await seen.get(here)).text
    page = (await browser.get(here)).text
    before = await holding(registry, maker["lot"], maker["id"])
    form = {**hidden_of(page), "csrf": token_in(page), "quantity": "30"}
    address = f"/console/registry/receipts/new?facility_id={farm['id']}"
    for _ in range(2):
        sent = await browser.post(address, data=form)
        assert sent.status_code == 303, sent.text
        assert sent.headers["location"] == here
    assert await holding(registry, maker["lot"], farm["id"]) == (30.0, 30.0)
    after = await holding(registry, maker["lot"], maker["id"])
    assert after[1] - before[1] == 30.0, "what arrived left its maker"
    assert await findings(registry, lot["id"]) == []
    record = ok(await registry.decide("lots", lot["id"], "accept", registry.checker()))
    [used] = [e for e in record["published"]["entries"] if e["step"] == "input" and e["supply_lot"]]
    assert used["taken"] == "30"
    gone = f"/lots/{lot['id']}/entries/{used['id']}/remove"
    ok(await registry.post(gone, {"version": record["version"]}, farm["operator"]))
    assert await holding(registry, maker["lot"], farm["id"]) == (30.0, 0.0)


def hidden_of(page: str) -> dict[str, str]:
    """The hidden fields of the receipt on a lot's page."""
    after = page.split("/console/registry/receipts/new?facility_id=", 1)[1]
    form = after.split("</form>", maxsplit=1)[0]
    rows = [row.split('"') for row in form.split('<input type="hidden" ')[1:]]
    return {row[1]: row[3] for row in rows}


async def test_a_published_lots_use_and_that_of_an_area_are_counted_with_the_receipt(
    registry: Registry, maker: dict[str, Any], farm: dict[str, Any]
) -> None:
    season = {"name": "Vụ 2026", "starts_on": "2026-01-01", "ends_on": "2026-12-31"}
    area = await registry.published(
        "growing-areas", builders.growing_area(facility_id=farm["id"], seasons=[season])
    )
    entry = {**spread(maker, "7"), "id": new_id()}
    ok(await registry.post(f"/growing-areas/{area['id']}/entries", entry, farm["operator"]), 201)
    entries = [*builders.diary(), spread(maker, "20")]
    lot = await registry.a_lot(
        farm["id"], farm["product"], growing_area_id=area["id"], entries=entries
    )
    waiting = await registry.entered(
        "lots",
        builders.lot(
            farm["product"],
            code=new_id()[-12:],
            growing_area_id=area["id"],
            entries=builders.diary(),
        ),
        farm["operator"],
    )
    await registry.submitted("lots", waiting["id"], farm["operator"])
    assert len(await findings(registry, waiting["id"])) == 1
    made = ok(await registry.post("/receipts", receipt(maker, "25"), farm["operator"]), 201)
    assert made["declared"] is True
    assert made["status"] == "received"
    # 20 of the lot were counted, the area's 7 no longer fit; with more they do.
    assert await holding(registry, maker["lot"], farm["id"]) == (25.0, 20.0)
    ok(await registry.post("/receipts", receipt(maker, "10"), farm["operator"]), 201)
    assert await holding(registry, maker["lot"], farm["id"]) == (35.0, 27.0)
    record = await registry.record("lots", lot["id"])
    assert {e["taken"] for e in record["published"]["entries"] if e["supply_lot"]} == {"20"}
    assert await findings(registry, waiting["id"]) == []
    ok(await registry.decide("lots", waiting["id"], "accept", registry.checker()))
    [told] = await registry.events(made["id"], ShipmentPublished)
    assert (told.status, told.to_facility_id) == ("received", farm["id"])


async def test_nobody_receives_more_than_there_is_even_a_hundred_at_once(
    registry: Registry, farm: dict[str, Any]
) -> None:
    maker = await registry.a_facility(kinds=["processing"])
    goods = await registry.a_product(maker["id"])
    lot = await registry.a_lot(maker["id"], goods["id"], quantity="95", entries=builders.diary())
    body = receipt({"name": lot["id"]}, "10")
    answers = await asyncio.gather(
        *(registry.post("/receipts", body, farm["operator"]) for _ in range(100))
    )
    assert sorted({a.status_code for a in answers}) == [201, 409]
    assert sum(a.status_code == 201 for a in answers) == 9
    assert await holding(registry, lot["id"], maker["id"]) == (95.0, 90.0)
    assert await holding(registry, lot["id"], farm["id"]) == (90.0, 0.0)


async def test_the_sender_may_disown_it_and_officials_are_told_at_the_lots_that_used_it(
    registry: Registry, maker: dict[str, Any], farm: dict[str, Any]
) -> None:
    lot = await a_draft(registry, farm, spread(maker, "5"))
    made = ok(await registry.post("/receipts", receipt(maker, "5"), farm["operator"]), 201)
    assert await findings(registry, lot["id"]) == []
    before = await holding(registry, maker["lot"], maker["id"])
    path = f"/shipments/{made['id']}/disown"
    why = {"reason": "Chưa từng bán cho cơ sở này."}
    refused(await registry.post(path, why, farm["operator"]), 404, "not_found")
    for _ in range(2):
        ok(await registry.post(path, why, maker["operator"]))
    after = await holding(registry, maker["lot"], maker["id"])
    assert before[1] - after[1] == 5.0, "given back once"
    [found] = await findings(registry, lot["id"])
    assert "không công nhận" in found
    browser = registry.browser(maker["operator"])
    assert "Chưa từng bán" in (await browser.get(f"/console/registry/shipments/{made['id']}")).text


async def test_ones_own_lot_an_unknown_sender_and_a_shipment_of_the_senders_are_refused(
    registry: Registry, maker: dict[str, Any], farm: dict[str, Any]
) -> None:
    own = await registry.a_lot(farm["id"], farm["product"])
    body = receipt({"name": own["id"]})
    refused(await registry.post("/receipts", body, farm["operator"]), 422, "own_lot")
    unknown = {**receipt(maker), "sender": "CS22-99999999"}
    refused(await registry.post("/receipts", unknown, farm["operator"]), 422, "receiver_unknown")
    lines = [{"lot": own["id"], "quantity": "1", "unit": "kg"}]
    sale = {"end": "sale", "place": "Chợ", "lines": lines}
    sold = ok(await registry.post("/shipments", sale, farm["operator"]), 201)
    answer = await registry.post(
        f"/shipments/{sold['id']}/disown", {"reason": "Không"}, farm["operator"]
    )
    refused(answer, 409, "not_declared")
    ok(
        await registry.post(
            f"/lots/{maker['lot']}/tests", builders.laboratory("failed"), maker["operator"]
        ),
        201,
    )
    late = await registry.post("/receipts", receipt(maker, "1"), farm["operator"])
    assert late.status_code == 201, "whoever received what failed since must be found"
    stranger = registry.operator((await registry.a_facility())["id"])
    theirs = {**receipt(maker), "facility_id": farm["id"]}
    refused(await registry.post("/receipts", theirs, stranger), 404, "not_found")
