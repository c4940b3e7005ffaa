"""Lots: what they refer to, what they were made from, and diaries that can be true."""

import asyncio
from typing import Any

import pytest

from shared.contracts.registry import LotPublished
from shared.ids import new_id
from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import Registry


@pytest.fixture(scope="module")
async def farm(registry: Registry) -> dict[str, str]:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    return {"id": facility["id"], "code": facility["code"], "product": product["id"]}


async def entered(registry: Registry, farm: dict[str, str], **changes: Any) -> dict[str, Any]:
    changes.setdefault("code", new_id()[-12:])
    body = builders.lot(farm["product"], **changes)
    return await registry.entered("lots", body, registry.operator(farm["id"]))


async def submit(registry: Registry, farm: dict[str, str], lot_id: str) -> Any:
    record = await registry.record("lots", lot_id)
    body = {"version": record["version"]}
    return await registry.post(f"/lots/{lot_id}/submit", body, registry.operator(farm["id"]))


async def test_harvesting_too_early_refuses_the_submission(
    registry: Registry, farm: dict[str, str]
) -> None:
    diary = [builders.pesticide("2026-08-10", 14), builders.entry("harvesting", "2026-08-20")]
    lot = await entered(registry, farm, entries=diary)
    problem = refused(await submit(registry, farm, lot["id"]), 422, "withdrawal_interval_not_over")
    assert "10/08/2026" in problem["detail"]
    assert "24/08/2026" in problem["detail"]
    assert (await registry.record("lots", lot["id"]))["state"] == "draft"
    assert await registry.events(lot["id"], LotPublished) == []


async def test_steps_out_of_order_refuse_the_submission(
    registry: Registry, farm: dict[str, str]
) -> None:
    diary = [builders.entry("packing", "2026-08-01"), builders.entry("harvesting", "2026-08-20")]
    lot = await entered(registry, farm, entries=diary)
    refused(await submit(registry, farm, lot["id"]), 422, "dates_out_of_order")


async def test_a_lot_without_a_diary_is_not_submitted(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await entered(registry, farm)
    refused(await submit(registry, farm, lot["id"]), 422, "diary_empty")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"produced_on": "2099-01-01"}, "date_in_future"),
        ({"expires_on": "2026-08-19"}, "dates_out_of_order"),
        ({"expires_on": "9999-12-31"}, "expiry_too_far"),
        ({"entries": [builders.entry("harvesting", "2099-01-01")]}, "date_in_future"),
        ({"code": "mã có dấu"}, "lot_code_invalid"),
        ({"product_id": "unknown"}, "product_not_published"),
        ({"growing_area_id": "unknown"}, "growing_area_unusable"),
        ({"inputs": ["unknown"]}, "input_lot_unknown"),
        ({"inputs": ["CS22-99999999/X"]}, "input_lot_unknown"),
    ],
)
async def test_what_cannot_be_right_is_not_even_kept_as_a_draft(
    registry: Registry, farm: dict[str, str], changes: dict[str, Any], code: str
) -> None:
    body = builders.lot(farm["product"], **{"code": new_id()[-12:], **changes})
    answer = await registry.post("/lots", body, registry.operator(farm["id"]))
    assert answer.json()["code"] == code
    assert answer.status_code in (409, 422)


async def test_a_lot_is_of_a_product_and_an_area_of_its_own_facility(
    registry: Registry, farm: dict[str, str]
) -> None:
    other = await registry.a_facility()
    product = await registry.a_product(other["id"])
    area = await registry.published("growing-areas", builders.growing_area(facility_id=other["id"]))
    operator = registry.operator(farm["id"])
    body = builders.lot(product["id"], code="FOREIGN-1")
    refused(await registry.post("/lots", body, operator), 409, "product_not_published")
    body = builders.lot(farm["product"], code="FOREIGN-2", growing_area_id=area["id"])
    refused(await registry.post("/lots", body, operator), 409, "growing_area_unusable")


async def test_a_draft_of_a_product_has_no_lots(registry: Registry, farm: dict[str, str]) -> None:
    operator = registry.operator(farm["id"])
    draft = await registry.entered("products", builders.product(), operator)
    answer = await registry.post("/lots", builders.lot(draft["id"], code="D-1"), operator)
    refused(answer, 409, "product_not_published")


async def test_a_lot_code_is_used_once_in_a_facility(
    registry: Registry, farm: dict[str, str]
) -> None:
    await entered(registry, farm, code="ONCE-1")
    body = builders.lot(farm["product"], code="once-1")
    operator = registry.operator(farm["id"])
    refused(await registry.post("/lots", body, operator), 409, "lot_code_taken")
    other = await registry.a_facility()
    product = await registry.a_product(other["id"])
    ok(
        await registry.post(
            "/lots", builders.lot(product["id"], code="ONCE-1"), registry.operator(other["id"])
        ),
        201,
    )


async def test_a_published_lot_keeps_its_code_while_its_draft_has_another(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"], code="KEEP-1")
    operator = registry.operator(farm["id"])
    body = builders.lot(farm["product"], code="KEEP-2", version=lot["version"])
    ok(await registry.put(f"/lots/{lot['id']}", body, operator))
    for code in ("KEEP-1", "KEEP-2"):
        body = builders.lot(farm["product"], code=code)
        refused(await registry.post("/lots", body, operator), 409, "lot_code_taken")


async def test_the_expiry_date_follows_from_the_shelf_life(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await entered(registry, farm)
    assert (await registry.record("lots", lot["id"]))["draft"]["expires_on"] == "2026-08-26"


async def test_a_lot_is_made_from_published_lots_of_any_facility(
    registry: Registry, farm: dict[str, str]
) -> None:
    other = await registry.a_facility()
    product = await registry.a_product(other["id"])
    source = await registry.a_lot(other["id"], product["id"], code="SOURCE-1")
    derived = await registry.a_lot(
        farm["id"], farm["product"], inputs=[f"{other['code']}/source-1"]
    )
    event = (await registry.events(derived["id"], LotPublished))[-1]
    assert event.inputs == (source["id"],)
    draft = await registry.entered(
        "lots", builders.lot(product["id"], code="SOURCE-2"), registry.operator(other["id"])
    )
    body = builders.lot(farm["product"], code=new_id()[-12:], inputs=[draft["id"]])
    answer = await registry.post("/lots", body, registry.operator(farm["id"]))
    refused(answer, 422, "input_lot_unknown")


async def republish(
    registry: Registry, farm: dict[str, str], lot: dict[str, Any], inputs: list[str]
) -> Any:
    """A new version of a published lot with other inputs, up to the moment it is accepted."""
    operator = registry.operator(farm["id"])
    current = await registry.record("lots", lot["id"])
    body = builders.lot(
        farm["product"], code=lot["code"], inputs=inputs, version=current["version"]
    )
    answer = await registry.put(f"/lots/{lot['id']}", body, operator)
    if answer.status_code == 200:
        await registry.submitted("lots", lot["id"], operator)
    return answer


async def test_no_lot_is_made_from_itself_by_any_number_of_steps(
    registry: Registry, farm: dict[str, str]
) -> None:
    chain = [await registry.a_lot(farm["id"], farm["product"])]
    for _ in range(3):
        more = await registry.a_lot(farm["id"], farm["product"], inputs=[chain[-1]["id"]])
        chain.append(more)
    for inputs in ([chain[-1]["id"]], [chain[0]["id"]]):
        refused(await republish(registry, farm, chain[0], inputs), 422, "input_cycle")


async def test_two_lots_cannot_be_made_from_one_another_even_at_once(
    registry: Registry, farm: dict[str, str]
) -> None:
    first = await registry.a_lot(farm["id"], farm["product"])
    second = await registry.a_lot(farm["id"], farm["product"])
    ok(await republish(registry, farm, first, [second["id"]]))
    ok(await republish(registry, farm, second, [first["id"]]))
    answers = await asyncio.gather(
        *(
            registry.decide("lots", lot["id"], "accept", registry.checker())
            for lot in (first, second)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 422]
    assert {a.json()["code"] for a in answers if a.status_code == 422} == {"input_cycle"}


async def test_an_entry_sent_twice_is_entered_once(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await entered(registry, farm)
    operator = registry.operator(farm["id"])
    path = f"/lots/{lot['id']}/entries"
    for more in ({"id": "from-the-phone-1"}, {}):
        body = {**builders.entry("harvesting", "2026-08-20"), **more}
        headers = {"Idempotency-Key": "phone-key-1"} if not more else {}
        first = ok(await registry.post(path, body, operator, headers=headers), 201)
        again = ok(await registry.post(path, body, operator, headers=headers), 201)
        assert again["version"] == first["version"]
    assert len((await registry.record("lots", lot["id"]))["draft"]["entries"]) == 2
    changed = {**builders.entry("harvesting", "2026-08-19"), "id": "from-the-phone-1"}
    refused(await registry.post(path, changed, operator), 409, "entry_exists")
    record = await registry.record("lots", lot["id"])
    replaced = ok(
        await registry.post(path, {**changed, "version": record["version"]}, operator), 201
    )
    assert len(replaced["draft"]["entries"]) == 2


async def test_many_entries_at_once_are_all_kept(registry: Registry, farm: dict[str, str]) -> None:
    lot = await entered(registry, farm)
    operator = registry.operator(farm["id"])
    answers = await asyncio.gather(
        *(
            registry.post(
                f"/lots/{lot['id']}/entries", builders.entry("storing", f"2026-08-{d}"), operator
            )
            for d in range(20, 30)
        )
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len((await registry.record("lots", lot["id"]))["draft"]["entries"]) == 10


async def test_an_entry_can_be_taken_out_of_the_draft(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await entered(registry, farm, entries=builders.diary())
    operator = registry.operator(farm["id"])
    record = await registry.record("lots", lot["id"])
    wrong = record["draft"]["entries"][1]["id"]
    path = f"/lots/{lot['id']}/entries/{wrong}/remove"
    refused(await registry.post(path, {"version": 99}, operator), 409, "edit_conflict")
    left = ok(await registry.post(path, {"version": record["version"]}, operator))
    assert wrong not in [one["id"] for one in left["draft"]["entries"]]
    missing = await registry.post(path, {"version": left["version"]}, operator)
    refused(missing, 404, "not_found")


async def test_editing_a_lot_without_entries_keeps_its_diary(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await entered(registry, farm, entries=builders.diary())
    body = builders.lot(farm["product"], code=new_id()[-12:], quantity="999", version=1)
    edited = ok(await registry.put(f"/lots/{lot['id']}", body, registry.operator(farm["id"])))
    assert edited["draft"]["quantity"] == "999"
    assert len(edited["draft"]["entries"]) == len(builders.diary())


async def test_a_product_withdrawn_meanwhile_refuses_the_acceptance(
    registry: Registry, farm: dict[str, str]
) -> None:
    product = await registry.a_product(farm["id"])
    operator = registry.operator(farm["id"])
    body = builders.lot(product["id"], code=new_id()[-12:], entries=builders.diary())
    lot = await registry.entered("lots", body, operator)
    await registry.submitted("lots", lot["id"], operator)
    reason = {"reason": "Không an toàn"}
    ok(await registry.post(f"/products/{product['id']}/withdraw", reason, registry.approver()))
    answer = await registry.decide("lots", lot["id"], "accept", registry.checker())
    refused(answer, 409, "product_not_published")
    assert await registry.events(lot["id"], LotPublished) == []


async def test_the_last_entry_is_offered_again_without_its_withdrawal_interval(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await entered(registry, farm, entries=[builders.pesticide("2026-07-01", 17)])
    browser = registry.browser(registry.operator(farm["id"]))
    here = f"/console/registry/lots/{lot['id']}/entries/new"
    assert "step=input&amp;repeat=1" in (await browser.get(here)).text
    page = (await browser.get(f"{here}?step=input&repeat=1")).text
    assert "Abamectin 1.8EC" in page
    assert 'value="17"' not in page
