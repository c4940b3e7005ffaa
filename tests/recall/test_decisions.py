"""The decision that an order rests on: with the order or later, its paper, and its deadline."""

import asyncio
import time
from datetime import timedelta
from typing import Any, Final

import httpx2
import pytest

from services.recall.actions import decisions as acts
from services.recall.actions import overdue
from services.recall.domain.deadlines import Clock
from services.recall.store import clocks, decisions
from shared.contracts.recall import DeadlineMissed
from shared.days import today
from shared.working_days import calendar_of
from tests.answers import ok, refused, token_in
from tests.documents.test_official import words_of
from tests.polling import eventually
from tests.recall.builders import batch, lot, segment
from tests.recall.conftest import API, Recall
from tests.recall.test_pages import Browser, ordered
from tests.recall.test_recoveries import PDF, a_case, of_facility, picture, reported, row
from tests.tokens import VALID_SECONDS, bearer

DECISION: Final = {
    "number": "123/QĐ-SNNMT",
    "day": "2026-11-02",
    "issued_by": "Sở Nông nghiệp và Môi trường Quảng Ninh",
}
WITH_ORDER: Final = {f"decision_{name}": value for name, value in DECISION.items()}
OWNER: Final = {"tier": "facility", "kinds": ["system"], "communes": [], "facility": "f1"}


async def clock(recall: Recall, case_id: str) -> Clock:
    async def runs() -> Clock | None:
        found = await clocks.get(recall.db, f"{case_id}/decision_document")
        return found if found is not None and found.started_at is not None else None

    found: Clock = await eventually(runs)
    return found


async def sent_file(recall: Recall, case_id: str, data: bytes, **more: Any) -> httpx2.Response:
    path = f"{API}/recalls/{case_id}/decision/file"
    token = more.pop("token", None) or recall.token()
    return await recall.client.post(path, files={"file": ("qd.pdf", data)}, headers=bearer(token))


async def test_the_paper_is_owed_within_a_day_and_its_file_alone_ends_that(
    province: Recall,
) -> None:
    case_id = await a_case(province, "dc1")
    owed = await clock(province, case_id)
    assert owed.is_running
    assert owed.due_at == owed.started_at + timedelta(hours=24)  # type: ignore[operator]
    refused(await sent_file(province, case_id, PDF), 409, "decision_unknown")
    path = f"/recalls/{case_id}/decision"
    assert (await province.get(path)).status_code == 404
    first = ok(await province.post(path, {**DECISION, "version": 0}))
    assert (first["version"], first["file_name"]) == (1, "")
    assert (await clock(province, case_id)).is_running, "its number is not yet the paper"
    assert ok(await sent_file(province, case_id, PDF))["file_name"] == "qd.pdf"
    assert (await clock(province, case_id)).stopped_by == "met"
    again = ok(await province.post(path, {**DECISION, "number": "124/QĐ", "version": 2}))
    assert (again["version"], again["file_name"]) == (3, "qd.pdf"), "the file stays"
    kept = [one.given.number for one in await decisions.versions(province.db, case_id)]
    assert kept == ["124/QĐ", DECISION["number"], DECISION["number"]], "nothing is erased"


async def test_a_file_that_is_not_what_it_says_is_refused(province: Recall) -> None:
    case_id = await a_case(province, "dc2")
    ok(await province.post(f"/recalls/{case_id}/decision", {**DECISION, "version": 0}))
    wrongs = (b"MZ\x90\x00" + PDF, b"<html>%PDF-1.4 %%EOF", PDF[:20], picture()[:200])
    for wrong in wrongs:
        refused(await sent_file(province, case_id, wrong), 422, "evidence_unreadable")
    assert ok(await sent_file(province, case_id, picture()))["file_name"] == "qd.pdf"
    read = await province.get(f"/recalls/{case_id}/decision/file")
    assert read.headers["content-type"] == "image/jpeg", "what it is, whatever it is called"
    assert "attachment" in read.headers["content-disposition"]


async def test_two_at_once_are_told_of_each_other_and_no_day_lies_ahead(
    province: Recall,
) -> None:
    case_id = await a_case(province, "dc3")
    path = f"/recalls/{case_id}/decision"
    ahead = {**DECISION, "day": str(today() + timedelta(days=2)), "version": 0}
    refused(await province.post(path, ahead), 422, "decision_in_future")
    both = await asyncio.gather(
        *(province.post(path, {**DECISION, "version": 0}) for _ in range(2))
    )
    assert sorted(one.status_code for one in both) == [200, 409]


async def test_it_is_given_with_the_order_and_half_of_it_orders_nothing(
    province: Recall,
) -> None:
    await province.know(lot("dc4"))
    half = {"target_kind": "lot", "target": "dc4", "kind": "recall"}
    half |= {"reason": "x", "instruction": "y", "decision_number": "1/QĐ"}
    refused(await province.post("/recalls", half), 422, "decision_incomplete")
    ahead = {**half, **WITH_ORDER, "decision_day": str(today() + timedelta(days=2))}
    refused(await province.post("/recalls", ahead), 422, "decision_in_future")
    assert await province.db.collection("cases").find_one({"target.id": "dc4"}) is None
    browser = Browser(province)
    address = await ordered(browser, "dc4", **WITH_ORDER)
    page = (await browser.get(address)).text
    assert DECISION["number"] in page
    assert "Chưa có tệp của quyết định" in page
    public = await province.client.get(f"/recalls/{address.rpartition('/')[2]}")
    for told in (DECISION["number"], "02/11/2026", DECISION["issued_by"]):
        assert told in public.text, told


async def test_officials_in_scope_read_the_paper_and_the_facilities_are_told_of_it(
    province: Recall,
) -> None:
    case_id = await a_case(province, "dc5", sent="f2")
    unheard = await sent_file(province, case_id, PDF, token=of_facility(province, "f2"))
    assert unheard.status_code in (403, 404)
    ok(await province.post(f"/recalls/{case_id}/decision", {**DECISION, "version": 0}))
    ok(await sent_file(province, case_id, PDF))
    path = f"/recalls/{case_id}/decision"
    for facility_id in ("f1", "f2"):
        token = of_facility(province, facility_id)
        assert ok(await province.get(path, token=token))["number"] == DECISION["number"]
        assert (await province.get(f"{path}/file", token=token)).status_code == 403
        browser = Browser(province, **{**OWNER, "facility": facility_id})
        page = await browser.get(f"/console/recall/{case_id}")
        assert DECISION["number"] in page.text
        assert "decision/file" not in page.text
    stranger = of_facility(province, "f3")
    assert (await province.get(path, token=stranger)).status_code == 404
    elsewhere = province.token(tier="commune", kinds=["approve"], communes=["07009"])
    assert (await province.get(f"{path}/file", token=elsewhere)).status_code == 404
    assert (await province.get(f"{path}/file")).content == PDF
    mine = of_facility(province, "f1", kinds=["system"])
    body = {**DECISION, "version": 2}
    refused(await province.post(path, body, token=mine), 403, "decision_not_yours")


async def test_a_recall_of_ones_own_will_owes_no_decision(province: Recall) -> None:
    await province.know(lot("dc6"))
    token = of_facility(province, "f1", kinds=["system"])
    case_id = (await province.order("dc6", token=token))["id"]
    await clock(province, await a_case(province, "dc6b"))  # Told later: heard of by then.
    assert await clocks.get(province.db, f"{case_id}/decision_document") is None
    page = (await Browser(province, **OWNER).get(f"/console/recall/{case_id}")).text
    assert "Chưa có tệp của quyết định" not in page


async def test_the_page_takes_the_paper_and_the_report_names_it_as_it_was_at_the_closing(
    province: Recall,
) -> None:
    case_id = await a_case(province, "dc7")
    page, browser = f"/console/recall/{case_id}/decision", Browser(province)
    csrf = token_in((await browser.get(page)).text)
    form = {"csrf": csrf, "version": "0", **DECISION}

    async def sent(fields: dict[str, str], name: str, data: bytes) -> httpx2.Response:
        files = {"file": (name, data)}
        return await province.client.post(page, data=fields, files=files, headers=browser.headers)

    blank = await sent({**form, "number": ""}, "", b"")
    assert blank.status_code == 422
    assert DECISION["issued_by"] in blank.text
    done = await sent(form, "Quyết định.pdf", PDF)
    assert done.status_code == 303, done.text
    assert (await sent(form, "Quyết định.pdf", PDF)).status_code == 409
    text = (await browser.get(page)).text
    assert "Quyết định.pdf" in text
    assert (await browser.get(f"{page}/file")).content == PDF
    await reported(province, case_id, row("dc7", quantity="100", handling="correct"))
    close = {"finding": "Xong", "handling": "correct"}
    ok(await province.post(f"/recalls/{case_id}/close", close))
    report = f"/console/recall/{case_id}/report.docx"
    before = words_of((await browser.get(report)).content)
    assert f"Quyết định số {DECISION['number']} ngày" in before
    late = {**DECISION, "number": "9/QĐ", "version": 1}
    ok(await province.post(f"/recalls/{case_id}/decision", late))
    assert words_of((await browser.get(report)).content) == before


COMMUNE: Final = {"tier": "commune", "kinds": ["approve"], "communes": ["07001"], "unit": "xa-1"}
UNIT: Final = {"tier": "unit", "kinds": ["check"], "unit": "chi-cuc"}


async def test_the_paper_is_owed_first_by_the_tier_that_ordered(province: Recall) -> None:
    by_department = await clock(province, await a_case(province, "dc10"))
    assert by_department.tiers == ("department", "province")
    await province.know(lot("dc11"))
    token = province.token(**COMMUNE)
    by_commune = await clock(province, (await province.order("dc11", token=token))["id"])
    assert by_commune.tiers == ("commune", "unit", "department", "province")
    assert by_department.due_at is not None
    late = by_department.due_at + timedelta(minutes=1)
    await overdue.sweep(province.db, calendar_of(), late)
    missed = await province.events(by_department.id, DeadlineMissed)
    assert [one.owed_by for one in missed] == ["department"] * len(missed)
    assert missed


async def test_of_two_who_order_the_higher_tier_owes_it(province: Recall) -> None:
    await province.know(lot("dc12"), batch(977, 6_000), segment(977, (0, 5_999, "dc12", "active")))
    case = await province.order("dc12", token=province.token(**COMMUNE))
    assert case["state"] == "awaiting_confirmation"
    ok(await province.post(f"/recalls/{case['id']}/confirm"))
    assert (await clock(province, case["id"])).tiers[0] == "department"


async def test_only_the_unit_that_ordered_or_a_higher_tier_says_what_the_order_rests_on(
    province: Recall,
) -> None:
    case_id = await a_case(province, "dc13")
    path = f"/recalls/{case_id}/decision"
    body = {**DECISION, "version": 0}
    for lower in (COMMUNE, UNIT):
        token = province.token(**lower)
        refused(await province.post(path, body, token=token), 403, "decision_of_above")
        refused(await sent_file(province, case_id, PDF, token=token), 403, "decision_of_above")
        page = (await Browser(province, **lower).get(f"/console/recall/{case_id}/decision")).text
        assert 'name="number"' not in page
    beside = province.token(unit="so-cong-thuong")
    refused(await province.post(path, body, token=beside), 403, "decision_of_above")
    assert (await province.get(path)).status_code == 404, "nothing was kept"
    ok(await province.post(path, body))
    await province.know(lot("dc14"))
    low = (await province.order("dc14", token=province.token(**COMMUNE)))["id"]
    ok(await province.post(f"/recalls/{low}/decision", body, token=province.token(**UNIT)))


async def test_an_order_from_before_units_were_kept_is_everybodys_who_may_order_there(
    province: Recall,
) -> None:
    case_id = await a_case(province, "dc15")
    old = {"ordered_by.tier": "", "ordered_by.unit_id": ""}
    await province.db.collection("cases").update_one({"_id": case_id}, {"$unset": old})
    token = province.token(**COMMUNE)
    ok(await province.post(f"/recalls/{case_id}/decision", {**DECISION, "version": 0}, token=token))


async def test_it_wants_a_fresh_proof(province: Recall) -> None:
    case_id = await a_case(province, "dc16")
    stale = province.token(auth_time=int(time.time()) - 2 * VALID_SECONDS)
    path = f"/recalls/{case_id}/decision"
    answer = await province.post(path, {**DECISION, "version": 0}, token=stale)
    refused(answer, 401, "fresh_proof_needed")
    ok(await province.post(path, {**DECISION, "version": 0}))
    refused(await sent_file(province, case_id, PDF, token=stale), 401, "fresh_proof_needed")
    assert (await province.get(f"{path}/file")).status_code == 404


async def test_the_same_file_sent_again_is_answered_again(province: Recall) -> None:
    case_id = await a_case(province, "dc17")
    path = f"/recalls/{case_id}/decision"
    ok(await province.post(path, {**DECISION, "version": 0}))
    first = ok(await sent_file(province, case_id, PDF))
    assert ok(await sent_file(province, case_id, PDF)) == first
    other = ok(await sent_file(province, case_id, PDF + b"\n%%EOF"))
    assert other["version"] == first["version"] + 1
    assert await province.db.collection("decision_papers").count_documents({"case": case_id}) == 2


async def test_a_version_keeps_the_file_that_it_came_with(province: Recall) -> None:
    case_id = await a_case(province, "dc18")
    path = f"/recalls/{case_id}/decision"
    ok(await province.post(path, {**DECISION, "version": 0}))
    ok(await sent_file(province, case_id, PDF))
    ok(await province.post(path, {**DECISION, "number": "2/QĐ", "version": 2}))
    newest = await decisions.of_case(province.db, case_id)
    assert newest is not None
    assert newest.paper is not None
    assert (newest.version, newest.paper.version) == (3, 2)
    # A file between the two reads: it belongs to the next version, not to this one.
    later = {"_id": f"{case_id}/4", "case": case_id, "version": 4, "data": b"other"}
    await province.db.collection("decision_papers").insert_one(later)
    paper, data = await decisions.paper_of(province.db, case_id)
    assert (paper.media_type, data) == ("application/pdf", PDF)
    # Versions from before that was kept have the newest up to theirs.
    gone = {"$unset": {"paper_version": "", "paper_digest": ""}}
    rows = province.db.collection("decisions")
    await rows.update_many({"case": case_id}, gone)
    # A program of before, started again, reads all of it by its name, and knows of these alone.
    kept = await rows.find_one({"case": case_id, "version": 3})
    assert kept is not None
    assert kept["paper"].keys() == {"name", "media_type", "size"}
    assert (await decisions.paper_of(province.db, case_id))[1] == PDF


async def test_there_is_an_end_to_versions_and_to_how_old_a_decision_is(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await a_case(province, "dc19")
    path = f"/recalls/{case_id}/decision"
    for wrong in ("1026-11-02", str(today() - timedelta(days=400))):
        sent = {**DECISION, "day": wrong, "version": 0}
        refused(await province.post(path, sent), 422, "decision_too_old")
    monkeypatch.setattr(acts, "MOST_VERSIONS", 2)
    for version in range(2):
        ok(await province.post(path, {**DECISION, "version": version}))
    last = await province.post(path, {**DECISION, "version": 2})
    refused(last, 409, "too_many_versions")
