"""One page of what truth checks found: waiting, against a block, in spite of a warning."""

from typing import Any

import pytest

from services.registry.store import lot_checks
from shared.ids import new_id
from tests.answers import ok
from tests.registry import builders
from tests.registry.conftest import Registry

PAGE = "/console/registry/findings"
REASON = "Nhãn của chính chai thuốc ghi ba ngày"


@pytest.fixture(scope="module")
async def farm(registry: Registry) -> dict[str, str]:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    return {"id": facility["id"], "product": product["id"]}


async def early(registry: Registry, farm: dict[str, str]) -> dict[str, Any]:
    """A lot harvested within the interval, sent in with an explanation."""
    operator = registry.operator(farm["id"])
    entries = [builders.pesticide("2026-08-15"), builders.entry("harvesting", "2026-08-20")]
    body = builders.lot(farm["product"], code=new_id()[-12:], entries=entries)
    lot = await registry.entered("lots", body, operator)
    sent = {"version": lot["version"], "explanation": "Chỉ phun ở đầu bờ"}
    return ok(await registry.post(f"/lots/{lot['id']}/submit", sent, operator))


async def test_a_lot_that_waits_is_shown_with_what_is_amiss(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await early(registry, farm)
    page = (await registry.browser(registry.checker()).get(PAGE)).text
    assert lot["code"] in page
    assert "Chưa hết thời gian cách ly" in page
    found = ok(await registry.get(f"/lots/{lot['id']}/findings", registry.checker()))
    assert [(one["check"], one["effect"]) for one in found["now"]] == [("withdrawal", "block")]
    assert found["decided"] == []
    other = registry.browser(registry.checker(builders.OTHER_COMMUNE))
    assert lot["code"] not in (await other.get(PAGE)).text


async def test_a_lot_published_in_spite_of_a_block_is_listed_with_the_reason(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await early(registry, farm)
    ok(await registry.decide("lots", lot["id"], "accept", registry.approver(), override=REASON))
    page = (await registry.browser(registry.checker()).get(f"{PAGE}?shown=overridden")).text
    assert lot["code"] in page
    assert REASON in page
    found = ok(await registry.get(f"/lots/{lot['id']}/findings", registry.checker()))
    assert [one["override"] for one in found["decided"]] == [REASON]
    for stranger in (registry.operator("another"), registry.checker(builders.OTHER_COMMUNE)):
        shown = (await registry.browser(stranger).get(f"{PAGE}?shown=overridden")).text
        assert lot["code"] not in shown
        assert REASON not in shown


async def test_the_block_of_a_lot_is_told_in_english_throughout(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await early(registry, farm)
    answer = await registry.client.post(
        f"/api/registry/v1/lots/{lot['id']}/decisions",
        json={"decision": "accept", "version": lot["version"]},
        headers={"Authorization": f"Bearer {registry.checker()}", "Accept-Language": "en"},
    )
    detail = answer.json()["detail"]
    assert "withdrawal" in detail.lower()
    assert "cách ly" not in detail


async def test_decisions_kept_by_an_older_program_are_listed_after_the_start(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await early(registry, farm)
    ok(await registry.decide("lots", lot["id"], "accept", registry.approver(), override=REASON))
    rows = registry.db.collection("lot_checks")
    await rows.update_many({"lot_id": lot["id"]}, {"$unset": {"owner": 1, "lot_code": 1}})
    page = (await registry.browser(registry.checker()).get(f"{PAGE}?shown=overridden")).text
    assert lot["code"] not in page
    await lot_checks.prepare(registry.db)
    page = (await registry.browser(registry.checker()).get(f"{PAGE}?shown=overridden")).text
    assert lot["code"] in page


async def test_an_empty_list_says_so(registry: Registry) -> None:
    browser = registry.browser(registry.operator("nobody"))
    for shown in ("waiting", "overridden", "flagged", "nonsense"):
        answer = await browser.get(f"{PAGE}?shown={shown}")
        assert answer.status_code == 200
        assert "Không có lô nào" in answer.text
