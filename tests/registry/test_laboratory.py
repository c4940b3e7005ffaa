"""Laboratory results: approved ones reach consumers, failed ones stand in the lot's way."""

from typing import Any

import pytest

from shared.contracts.registry import LotPublished, LotTested
from shared.ids import new_id
from tests.answers import ok, refused, token_in
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.test_lots import farm as farm  # noqa: PLC0414 - the fixture of that module

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


async def waiting(registry: Registry, farm: dict[str, str]) -> dict[str, Any]:
    """A lot that was handed in."""
    operator = registry.operator(farm["id"])
    body = builders.lot(farm["product"], code=new_id()[-12:], entries=builders.diary())
    lot = await registry.entered("lots", body, operator)
    return await registry.submitted("lots", lot["id"], operator)


async def test_a_failed_result_blocks_publication_until_an_official_says_why(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await waiting(registry, farm)
    operator = registry.operator(farm["id"])
    failed = builders.laboratory("failed", value="0,2")
    result = ok(await registry.post(f"/lots/{lot['id']}/tests", failed, operator), 201)
    refused(
        await registry.decide("lots", lot["id"], "accept", registry.checker()), 409, "failed_test"
    )
    address = f"/tests/{result['id']}/decisions"
    silent = {"decision": "allowed"}
    refused(await registry.post(address, silent, registry.checker()), 422, "reason_missing")
    wrong = {"decision": "approved", "reason": "Đọc nhầm"}
    refused(await registry.post(address, wrong, registry.checker()), 422, "no_such_decision")
    ok(
        await registry.post(
            address, {"decision": "confirmed", "reason": "Vượt giới hạn"}, registry.checker()
        )
    )
    refused(
        await registry.decide("lots", lot["id"], "accept", registry.checker()), 409, "failed_test"
    )
    let = {"decision": "allowed", "reason": "Mẫu kiểm lại đạt, phiếu số 12"}
    ok(await registry.post(address, let, registry.checker()))
    ok(await registry.decide("lots", lot["id"], "accept", registry.checker()))
    told = await registry.events(result["id"], LotTested)
    assert [event.decision for event in told] == ["waiting", "confirmed", "allowed"]
    assert told[0].verdict == "failed"


async def test_an_approved_result_is_told_to_consumers_and_another_is_not(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    operator = registry.operator(farm["id"])
    address = f"/lots/{lot['id']}/tests"
    result = ok(await registry.post(address, builders.laboratory(), operator), 201)
    ok(await registry.post(address, builders.laboratory(parameter="Chì"), operator), 201)
    decision = {"decision": "approved"}
    ok(await registry.post(f"/tests/{result['id']}/decisions", decision, registry.checker()))
    passports = await registry.events(lot["id"], LotPublished)
    assert [stage.step for stage in passports[0].stages].count("testing") == 0
    told = [stage for stage in passports[-1].stages if stage.step == "testing"]
    assert [stage.details["name"] for stage in told] == ["Dư lượng Abamectin"]
    assert passports[-1].version > passports[0].version
    again = await registry.post(f"/tests/{result['id']}/decisions", decision, registry.checker())
    refused(again, 409, "test_decided")


async def test_nobody_decides_a_result_they_entered(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    checker = registry.checker()
    body = builders.laboratory()
    result = ok(await registry.post(f"/lots/{lot['id']}/tests", body, checker), 201)
    address = f"/tests/{result['id']}/decisions"
    refused(await registry.post(address, {"decision": "approved"}, checker), 403, "own_entry")
    operator = registry.operator(farm["id"])
    refused(await registry.post(address, {"decision": "approved"}, operator), 403, "forbidden")
    stranger = registry.checker(builders.OTHER_COMMUNE)
    refused(await registry.post(address, {"decision": "approved"}, stranger), 404, "not_found")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sampled_on": "2099-01-01"}, "date_in_future"),
        ({"reported_on": "2026-08-01"}, "dates_out_of_order"),
        ({"verdict": "maybe"}, "invalid_input"),
        ({"laboratory": ""}, "invalid_input"),
    ],
)
async def test_a_result_that_cannot_be_right_is_refused(
    registry: Registry, farm: dict[str, str], changes: dict[str, Any], code: str
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    body = builders.laboratory(**changes)
    answer = await registry.post(f"/lots/{lot['id']}/tests", body, registry.operator(farm["id"]))
    refused(answer, 422, code)


async def test_a_result_is_handed_in_with_its_report_by_page_and_decided_there(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    browser = registry.browser(registry.operator(farm["id"]))
    here = f"/console/registry/lots/{lot['id']}"
    page = (await browser.get(f"{here}/tests/new")).text
    form = {"csrf": token_in(page), "key": new_id(), **builders.laboratory()}
    fake = {"report": ("phieu.pdf", b"MZ not a report", "application/pdf")}
    back = await browser.post(f"{here}/tests/new", data=form, files=fake)
    assert back.status_code == 422
    assert "M-2026-081" in back.text
    real = {"report": ("phieu.pdf", PDF, "application/pdf")}
    sent = await browser.post(f"{here}/tests/new", data=form, files=real)
    assert sent.status_code == 303, sent.text
    [result] = (await registry.get(f"/lots/{lot['id']}/tests", registry.checker())).json()
    address = f"{here}/tests/{result['id']}"
    report = await browser.get(f"{address}/report")
    assert report.content == PDF
    assert report.headers["content-disposition"].startswith("attachment")
    checker = registry.browser(registry.checker())
    page = (await checker.get(address)).text
    decided = await checker.post(
        f"{address}/decide", data={"csrf": token_in(page), "decision": "approved"}
    )
    assert decided.status_code == 303, decided.text
    stranger = registry.browser(registry.operator(new_id()))
    for path in (address, f"{address}/report", f"{here}/tests/new"):
        assert (await stranger.get(path)).status_code == 404


async def test_a_failure_found_after_publication_holds_the_lot_back_at_once(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    operator = registry.operator(farm["id"])
    failed = builders.laboratory("failed", value="0,2")
    result = ok(await registry.post(f"/lots/{lot['id']}/tests", failed, operator), 201)
    told = (await registry.events(lot["id"], LotPublished))[-1]
    assert told.status == "examining"
    assert "testing" not in [stage.step for stage in told.stages], "nobody has approved it yet"
    lines = [{"lot": lot["id"], "quantity": "5", "unit": "kg"}]
    sale = {"end": "sale", "place": "Sạp số 5", "lines": lines}
    refused(await registry.post("/shipments", sale, operator), 409, "lot_held_back")
    address = f"/tests/{result['id']}/decisions"
    confirmed = {"decision": "confirmed", "reason": "Mẫu đối chứng cũng vượt giới hạn"}
    ok(await registry.post(address, confirmed, registry.checker()))
    told = (await registry.events(lot["id"], LotPublished))[-1]
    assert told.status == "unfit"
    [stage] = [one for one in told.stages if one.step == "testing"]
    assert (stage.details["verdict"], stage.details["limit"]) == ("failed", "0,01")
    let = {"decision": "allowed", "reason": "Phòng kiểm nghiệm báo nhầm mẫu"}
    ok(await registry.post(address, let, registry.checker()))
    assert (await registry.events(lot["id"], LotPublished))[-1].status == "active"
    ok(await registry.post("/shipments", sale, operator), 201)


async def test_a_failure_waits_for_the_officials_of_its_commune_in_their_work_list(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    operator = registry.operator(farm["id"])
    failed = builders.laboratory("failed", parameter=f"Chì {new_id()[-6:]}")
    result = ok(await registry.post(f"/lots/{lot['id']}/tests", failed, operator), 201)
    waiting = "/console/registry/tests?waiting=1"
    checker, stranger = registry.checker(), registry.checker(builders.OTHER_COMMUNE)
    page = (await registry.browser(checker).get("/console/registry")).text
    assert waiting.split("?", maxsplit=1)[0] in page
    assert failed["parameter"] in (await registry.browser(checker).get(waiting)).text
    assert failed["parameter"] not in (await registry.browser(stranger).get(waiting)).text
    rows = ok(await registry.get("/tests?waiting=true", checker))
    assert result["id"] in [row["id"] for row in rows["items"]]
    rows = ok(await registry.get("/tests?waiting=true", stranger))
    assert result["id"] not in [row["id"] for row in rows["items"]]
    let = {"decision": "allowed", "reason": "Kiểm lại đạt"}
    ok(await registry.post(f"/tests/{result['id']}/decisions", let, checker))
    assert failed["parameter"] not in (await registry.browser(checker).get(waiting)).text


async def test_a_report_is_handed_in_by_the_api_too(
    registry: Registry, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    operator = registry.operator(farm["id"])
    address = f"/lots/{lot['id']}/tests"
    result = ok(await registry.post(address, builders.laboratory(), operator), 201)
    report = f"/api/registry/v1/tests/{result['id']}/report"
    headers = {"Authorization": f"Bearer {operator}"}
    assert (await registry.client.get(report, headers=headers)).status_code == 404
    fake = {"file": ("phieu.pdf", b"MZ not a report", "application/pdf")}
    refused(await registry.client.post(report, files=fake, headers=headers), 422, "not_a_report")
    real = {"file": ("phieu.pdf", PDF, "application/pdf")}
    for _ in range(2):
        ok(await registry.client.post(report, files=real, headers=headers))
    found = await registry.client.get(report, headers=headers)
    assert (found.content, found.headers["content-type"]) == (PDF, "application/pdf")
    other = {"file": ("phieu.pdf", PDF + b"% another\n", "application/pdf")}
    again = await registry.client.post(report, files=other, headers=headers)
    refused(again, 409, "report_kept")
    stranger = {"Authorization": f"Bearer {registry.operator(new_id())}"}
    assert (await registry.client.get(report, headers=stranger)).status_code == 404
