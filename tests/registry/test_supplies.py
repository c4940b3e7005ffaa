"""Supplies are traced like products: the diary names their lot, what is used is counted off."""

from typing import Any

import pytest

from shared.contracts.registry import LotPublished
from shared.ids import new_id, now
from tests.answers import ok, refused, token_in
from tests.registry import builders
from tests.registry.conftest import Registry


@pytest.fixture(scope="module")
async def world(registry: Registry) -> dict[str, Any]:
    """A farm, and a maker of fertiliser from whom it received 100 kg of a lot."""
    farm = await registry.a_facility()
    maker = await registry.a_facility(kinds=["processing"])
    goods = await registry.a_product(maker["id"], name="Phân hữu cơ vi sinh")
    made = [builders.entry("processing", "2026-05-01", method="Ủ")]
    supply = await registry.a_lot(
        maker["id"], goods["id"], quantity="500", produced_on="2026-05-01", entries=made
    )
    token = registry.operator(maker["id"])
    lines = [{"lot": supply["id"], "quantity": "100", "unit": "kg"}]
    body = {"end": "transfer", "place": "Kho", "receiver": farm["code"], "lines": lines}
    shipment = ok(await registry.post("/shipments", body, token), 201)
    received = {"id": new_id(), "at": now().isoformat()}
    ok(
        await registry.post(
            f"/shipments/{shipment['id']}/receive", received, registry.operator(farm["id"])
        )
    )
    product = await registry.a_product(farm["id"])
    name = f"{maker['code']}/{supply['code']}"
    return {"farm": farm, "maker": maker, "supply": supply, "product": product["id"], "name": name}


def spread(world: dict[str, Any], quantity: str, **more: Any) -> dict[str, Any]:
    """Fertiliser of the received lot, named as people write it."""
    return builders.entry(
        "input",
        "2026-07-02",
        kind="fertiliser",
        name="Phân hữu cơ vi sinh",
        supply_lot=world["name"],
        lot_number="VS-0526",
        quantity=quantity,
        unit="kg",
        **more,
    )


async def a_draft(registry: Registry, world: dict[str, Any], *entries: Any) -> dict[str, Any]:
    body = builders.lot(world["product"], code=new_id()[-12:], entries=[*entries])
    return await registry.entered("lots", body, registry.operator(world["farm"]["id"]))


async def left(registry: Registry, world: dict[str, Any]) -> str:
    """What the farm still has of the lot, as the form of a process offers it."""
    rows = registry.db.collection("holdings")
    row = await rows.find_one({"_id": f"{world['supply']['id']}/{world['farm']['id']}"})
    assert row is not None
    return f"{row['has'].to_decimal() - row['used'].to_decimal():f}"


async def test_what_is_used_is_counted_off_once_and_given_back_when_taken_out(
    registry: Registry, world: dict[str, Any]
) -> None:
    operator = registry.operator(world["farm"]["id"])
    lot = await a_draft(registry, world)
    before = await left(registry, world)
    entry = {**spread(world, "30"), "id": "spread-0001"}
    for _ in range(2):
        ok(await registry.post(f"/lots/{lot['id']}/entries", entry, operator), 201)
    assert float(await left(registry, world)) == float(before) - 30
    more = {**entry, "quantity": "40", "version": 2}
    ok(await registry.post(f"/lots/{lot['id']}/entries", more, operator), 201)
    assert float(await left(registry, world)) == float(before) - 40
    gone = f"/lots/{lot['id']}/entries/spread-0001/remove"
    ok(await registry.post(gone, {"version": 3}, operator))
    assert await left(registry, world) == before


async def test_more_than_is_held_is_refused_and_nothing_is_kept(
    registry: Registry, world: dict[str, Any]
) -> None:
    operator = registry.operator(world["farm"]["id"])
    lot = await a_draft(registry, world)
    before = await left(registry, world)
    answer = await registry.post(f"/lots/{lot['id']}/entries", spread(world, "101"), operator)
    assert refused(answer, 409, "not_enough_left")["errors"][0]["field"] == "quantity"
    assert await left(registry, world) == before
    unknown = spread(world, "1") | {"supply_lot": f"{world['maker']['code']}/NOT-THERE"}
    refused(
        await registry.post(f"/lots/{lot['id']}/entries", unknown, operator),
        422,
        "input_lot_unknown",
    )


async def test_the_passport_names_the_lot_of_the_supply_and_the_genealogy_leads_there(
    registry: Registry, world: dict[str, Any]
) -> None:
    operator = registry.operator(world["farm"]["id"])
    entries = [*builders.diary(), spread(world, "5")]
    lot = await registry.a_lot(world["farm"]["id"], world["product"], entries=entries)
    [told] = await registry.events(lot["id"], LotPublished)
    assert told.supplies == (world["supply"]["id"],)
    assert told.inputs == ()
    family = ok(await registry.get(f"/lots/{lot['id']}/genealogy", operator))
    assert [(row["id"], row["step"]) for row in family["items"]] == [(world["supply"]["id"], -1)]
    maker = registry.operator(world["maker"]["id"])
    used = ok(await registry.get(f"/lots/{world['supply']['id']}/genealogy", maker))
    assert lot["id"] in [row["id"] for row in used["items"]]


async def test_a_lot_takes_over_the_supply_that_its_areas_diary_names(
    registry: Registry, world: dict[str, Any]
) -> None:
    season = {"name": "Vụ 2026", "starts_on": "2026-01-01", "ends_on": "2026-12-31"}
    area = await registry.published(
        "growing-areas", builders.growing_area(facility_id=world["farm"]["id"], seasons=[season])
    )
    operator = registry.operator(world["farm"]["id"])
    before = await left(registry, world)
    entry = {**spread(world, "7"), "id": "area-spread"}
    for _ in range(2):
        ok(await registry.post(f"/growing-areas/{area['id']}/entries", entry, operator), 201)
    lots = [
        await registry.a_lot(world["farm"]["id"], world["product"], growing_area_id=area["id"])
        for _ in range(2)
    ]
    assert float(await left(registry, world)) == float(before) - 7, "counted once, for all lots"
    for lot in lots:
        [told] = await registry.events(lot["id"], LotPublished)
        assert told.supplies == (world["supply"]["id"],)


async def test_a_lot_never_received_is_named_and_not_counted(
    registry: Registry, world: dict[str, Any]
) -> None:
    other = await registry.a_facility()
    product = await registry.a_product(other["id"])
    entries = [*builders.diary(), spread(world, "900")]
    lot = await registry.a_lot(other["id"], product["id"], entries=entries)
    [told] = await registry.events(lot["id"], LotPublished)
    assert told.supplies == (world["supply"]["id"],)


async def test_the_form_starts_from_what_was_used_last_but_for_its_figures(
    registry: Registry, world: dict[str, Any]
) -> None:
    operator = registry.operator(world["farm"]["id"])
    await a_draft(registry, world, spread(world, "1"))
    lot = await a_draft(registry, world)
    browser = registry.browser(operator)
    here = f"/console/registry/lots/{lot['id']}/entries"
    page = (await browser.get(f"{here}/new?step=input")).text
    assert 'value="Phân hữu cơ vi sinh"' in page
    assert world["supply"]["code"] in page, "the lot that was received is offered"
    assert 'name="quantity" type="text" value=""' in page or 'value="1"' not in page


async def test_an_interval_from_the_catalogue_needs_a_look_at_the_label_on_a_lots_own_form(
    registry: Registry, world: dict[str, Any]
) -> None:
    lot = await a_draft(registry, world)
    browser = registry.browser(registry.operator(world["farm"]["id"]))
    here = f"/console/registry/lots/{lot['id']}/entries"
    page = (await browser.get(f"{here}/new?step=input&supply=abamectin-1-8ec")).text
    assert "Abamectin 1.8EC" in page
    form = {
        "csrf": token_in(page),
        "id": new_id(),
        "step": "input",
        "at": "2026-06-01T08:00",
        "place": "Đồi Nắng",
        "supply": "abamectin-1-8ec",
        "kind": "pesticide",
        "name": "Abamectin 1.8EC",
        "withdrawal_days": "14",
    }
    back = await browser.post(f"{here}/new", data=form)
    assert back.status_code == 422
    assert "Hãy đọc nhãn" in back.text
    sent = await browser.post(f"{here}/new", data={**form, "label_confirmed": "on"})
    assert sent.status_code == 303, sent.text
