"""A telephone out of reach sends its form again: every stage is recorded once."""

import re
from typing import Any

import httpx2
import pytest

from services.registry.domain.diary import Step
from shared.ids import new_id
from tests.answers import token_in
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.test_lots import farm as farm  # noqa: PLC0414 - the fixture of that module

FIELDS: dict[str, dict[str, str]] = {
    "planting": {"material": "Na dai ghép"},
    "stocking": {"material": "Tôm giống", "quantity": "1000", "unit": "con"},
    "input": {"kind": "fertiliser", "name": "Phân chuồng"},
    "harvesting": {"quantity": "1200", "unit": "kg"},
    "catching": {"vehicle": "QN-90123-TS"},
    "slaughtering": {"quantity": "20", "unit": "con"},
    "collecting": {"source": "Ông Bình, thôn 2"},
    "pre_processing": {"method": "Rửa, phân loại"},
    "processing": {"method": "Sấy"},
    "packing": {"method": "Hộp 2 kg"},
    "storing": {"method": "Kho mát 4 °C"},
    "transporting": {"vehicle": "14C-123.45", "destination": "Chợ Hạ Long"},
}


def hidden_in(page: str, name: str) -> str:
    start = page.index(f'name="{name}" value="') + len(f'name="{name}" value="')
    return page[start : page.index('"', start)]


async def twice(
    browser: httpx2.AsyncClient, address: str, form: dict[str, str]
) -> list[httpx2.Response]:
    answers = [await browser.post(address, data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303], answers[-1].text
    return answers


@pytest.mark.parametrize("step", list(Step))
async def test_a_step_of_the_diary_sent_twice_is_entered_once(
    registry: Registry, farm: dict[str, str], step: Step
) -> None:
    body = builders.lot(farm["product"], code=new_id()[-12:])
    lot = await registry.entered("lots", body, registry.operator(farm["id"]))
    browser = registry.browser(registry.operator(farm["id"]))
    here = f"/console/registry/lots/{lot['id']}/entries/new"
    page = (await browser.get(f"{here}?step={step.value}")).text
    form = {
        "csrf": token_in(page),
        "id": hidden_in(page, "id"),
        "step": step.value,
        "at": "2026-08-20T08:00",
        "place": "Đồi Nắng",
        **FIELDS[step.value],
    }
    await twice(browser, here, form)
    draft = (await registry.record("lots", lot["id"]))["draft"]
    assert [entry["step"] for entry in draft["entries"]] == [step.value]
    other = await browser.post(here, data={**form, "place": "Nơi khác"})
    assert other.status_code == 409, "another content under the same id is not swallowed"
    assert "Nơi khác" in other.text


async def test_a_changed_entry_sent_twice_is_no_conflict(
    registry: Registry, farm: dict[str, str]
) -> None:
    operator = registry.operator(farm["id"])
    entry = builders.entry("harvesting", "2026-08-20", id="h-1")
    body = builders.lot(farm["product"], code=new_id()[-12:], entries=[entry])
    lot = await registry.entered("lots", body, operator)
    browser = registry.browser(operator)
    here = f"/console/registry/lots/{lot['id']}/entries"
    page = (await browser.get(f"{here}/h-1/edit")).text
    form = {
        "csrf": token_in(page),
        "id": "h-1",
        "version": hidden_in(page, "version"),
        "step": "harvesting",
        "at": "2026-08-21T08:00",
        "place": "Đồi Nắng",
    }
    await twice(browser, f"{here}/new", form)
    gone = {"csrf": token_in(page), "version": "2"}
    await twice(browser, f"{here}/h-1/remove", gone)


async def test_a_collection_sent_twice_makes_one_lot_and_takes_once(
    registry: Registry, farm: dict[str, str]
) -> None:
    collector = await registry.a_facility(kinds=["collector"])
    product = await registry.a_product(collector["id"])
    lot = await registry.a_lot(farm["id"], farm["product"])
    browser = registry.browser(registry.operator(collector["id"]))
    here = "/console/registry/transformations/new"
    page = (await browser.get(f"{here}?kind=collect")).text
    form: dict[str, Any] = {
        "csrf": token_in(page),
        "key": hidden_in(page, "key"),
        "kind": "collect",
        "at": "2026-08-21T09:00",
        "place": "Điểm cân thôn 2",
        "unit": "kg",
        "given.0.lot": f"{farm['code']}/{lot['code']}",
        "given.0.quantity": "100",
        "given.1.supplier": "Bà Tám, thôn 3",
        "given.1.quantity": "50",
        "product_id": product["id"],
        "made.0.code": new_id()[-12:],
        "made.0.quantity": "149",
    }
    first, second = await twice(browser, here, form)
    assert first.headers["location"] == second.headers["location"]
    held = await registry.db.collection("holdings").find_one({"lot_id": lot["id"]})
    assert held is not None
    assert held["used"].to_decimal() == 100
    made = registry.db.collection("lots").count_documents({"owner.facility_id": collector["id"]})
    assert await made == 1


async def test_a_shipment_and_a_result_sent_twice_are_one_each(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    browser = registry.browser(registry.operator(farm["id"]))
    page = (await browser.get(f"/console/registry/shipments/new?lot={lot['id']}")).text
    form = {
        "csrf": token_in(page),
        "key": hidden_in(page, "key"),
        "end": "sale",
        "place": "Sạp số 5",
        "unit": "kg",
        "lines.0.lot": lot["id"],
        "lines.0.quantity": "10",
    }
    await twice(browser, "/console/registry/shipments/new", form)
    moves = registry.db.collection("shipments").count_documents({"lines.lot_id": lot["id"]})
    assert await moves == 1
    here = f"/console/registry/lots/{lot['id']}/tests/new"
    page = (await browser.get(here)).text
    result = {"csrf": token_in(page), "key": hidden_in(page, "key"), **builders.laboratory()}
    await twice(browser, here, result)
    results = await registry.get(f"/lots/{lot['id']}/tests", registry.checker())
    assert len(results.json()) == 1


async def test_more_rows_are_given_and_nothing_typed_is_lost_or_done(
    registry: Registry, farm: dict[str, str]
) -> None:
    """The button for more rows sends the form: what was typed is there again, errors are not."""
    browser = registry.browser(registry.operator(farm["id"]))
    for here, typed, last in (
        ("/console/registry/transformations/new?kind=collect", "given.0.supplier", "given.15.lot"),
        ("/console/registry/shipments/new", "carrier", "lines.12.lot"),
        ("/console/registry/growing-areas/new", "members.0.name", "members.13.name"),
    ):
        page = (await browser.get(here)).text
        more = re.search(r'name="more" value="(\d+)"', page)
        assert more is not None
        assert last not in page
        form = {"csrf": token_in(page), "more": more[1], typed: "Bà Tám, thôn 3"}
        if "collect" in here:
            form["kind"] = "collect"
        again = await browser.post(here.partition("?")[0], data=form)
        assert again.status_code == 200, again.text
        assert "Bà Tám, thôn 3" in again.text
        assert f'name="{last}"' in again.text
        assert "field-error" not in again.text
