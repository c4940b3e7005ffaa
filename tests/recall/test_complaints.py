"""What consumers report reaches the officials of the area, who answer it; nobody else sees it."""

import re
from datetime import timedelta
from typing import Any

import pytest

from services.recall.store.complaints import COMPLAINTS
from shared.contracts.acts import RecallActRecorded
from shared.contracts.recall import ComplaintAnswered
from shared.contracts.scan import ComplaintFiled
from shared.ids import now
from tests.answers import ok, refused
from tests.polling import eventually
from tests.recall.builders import facility, lot
from tests.recall.conftest import API, Recall
from tests.tokens import bearer

LIST = "/console/recall/complaints"
WORDS = "Chả mực có mùi lạ, mua ở chợ Hạ Long 1."


def filed(id_: str, facility_id: str = "f1", **changes: Any) -> ComplaintFiled:
    given = {
        "reference": f"{abs(hash(id_)) % 10**10:010d}",
        "batch": 40,
        "serial": 7,
        "product_id": "p1",
        "verdict": "genuine",
        "kind": "spoiled",
        "words": WORDS,
        "commune": "07001",
        "place": "Chợ Hạ Long 1",
        "photo": f"/console/scan/complaints/{id_}/photo",
        "has_phone": True,
        "filed_at": now(),
        "private_until": now() + timedelta(days=180),
        "kept_until": now() + timedelta(days=730),
    }
    return ComplaintFiled(
        subject=id_, version=1, time=now(), facility_id=facility_id, **{**given, **changes}
    )


async def taken_in(recall: Recall, *events: ComplaintFiled) -> None:
    await recall.tell(*events)
    ids = [event.subject for event in events]

    async def here() -> bool:
        found = await recall.db.collection(COMPLAINTS).count_documents({"_id": {"$in": ids}})
        return bool(found == len(set(ids)))

    await eventually(here)


async def answers(recall: Recall, subject: str) -> list[ComplaintAnswered]:
    return list(await recall.events(subject, ComplaintAnswered))


async def test_an_official_reads_takes_up_and_answers_and_each_step_is_told_back(
    province: Recall,
) -> None:
    await province.know(lot("cl1"))
    await taken_in(province, filed("c1", lot_id="cl1"))
    browser = province.browser(province.token(name="Người duyệt"))
    assert f"{LIST}/c1" in (await browser.get(LIST)).text
    page = (await browser.get(f"{LIST}/c1")).text
    for shown in (WORDS, "Chợ Hạ Long 1", "/console/scan/complaints/c1/photo", "Tem thật", "CL1"):
        assert shown in page
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert csrf
    headers = {"Origin": province.settings.public_origin}
    sent = {"csrf": csrf[1]}
    assert (await browser.post(f"{LIST}/c1/seen", data=sent, headers=headers)).status_code == 303
    sent |= {"version": "1", "answer": "Đã lấy mẫu; lô bị giữ lại."}
    assert (await browser.post(f"{LIST}/c1/answer", data=sent, headers=headers)).status_code == 303
    told = await answers(province, "c1")
    assert [(one.version, one.state, one.answer) for one in told] == [
        (1, "seen", ""),
        (2, "closed", "Đã lấy mẫu; lô bị giữ lại."),
    ]
    acts = await province.events(kind=RecallActRecorded)
    assert [one.outcome for one in acts if one.action == "complaint.answer"] == ["accepted"] * 2
    assert "Đã lấy mẫu" in (await browser.get(f"{LIST}/c1")).text


async def test_a_report_told_twice_or_late_stays_as_officials_left_it(province: Recall) -> None:
    told = filed("c2")
    await taken_in(province, told)
    body = {"answer": "Đã xử lý", "version": 0}
    closed = ok(await province.post("/complaints/c2/answer", body))
    await province.tell(told, told.model_copy(update={"words": "Chữ khác"}))
    await taken_in(province, filed("c2-after"))
    assert (await province.get("/complaints/c2")).json() == closed
    assert await province.db.collection(COMPLAINTS).count_documents({"_id": "c2"}) == 1


async def test_a_report_that_comes_before_its_facility_is_in_scope_once_that_is_told(
    province: Recall,
) -> None:
    await taken_in(province, filed("c3", "f-late"))
    own = province.token(tier="commune", communes=["07044"])
    assert (await province.get("/complaints/c3", own)).status_code == 404
    assert (await province.get("/complaints/c3")).status_code == 200
    await province.know(facility("f-late", commune="07044"))
    assert ok(await province.get("/complaints/c3", own))["words"] == WORDS
    assert ok(await province.get("/complaints", own))["total"] == 1


async def test_what_is_past_its_time_is_neither_kept_nor_shown(province: Recall) -> None:
    past = now() - timedelta(days=1)
    await taken_in(province, filed("c4"))
    await province.db.collection(COMPLAINTS).update_one(
        {"_id": "c4"}, {"$set": {"kept_until": past}}
    )
    assert (await province.get("/complaints/c4")).status_code == 404
    await province.tell(filed("c5", kept_until=past))
    await taken_in(province, filed("c6"))
    assert await province.db.collection(COMPLAINTS).find_one({"_id": "c5"}) is None


@pytest.mark.parametrize(
    "claims",
    [
        {"tier": "commune", "communes": ["07002"]},
        {"sector": "health"},
        {"tier": "facility", "kinds": ["system"], "facility": "f1", "communes": []},
        {"tier": "facility", "kinds": ["system"], "facility": "f2", "communes": []},
    ],
)
async def test_outside_ones_area_and_for_facilities_there_is_no_report(
    province: Recall, claims: dict[str, Any]
) -> None:
    await taken_in(province, filed("c7"))
    token = province.token(**claims)
    facility_account = claims.get("tier") == "facility"
    refusals = {403, 404} if facility_account else {404}
    for path in ("/complaints/c7", "/complaints/unknown"):
        assert (await province.get(path, token)).status_code in refusals
    for path, body in (("seen", None), ("answer", {"answer": "x", "version": 0})):
        answer = await province.post(f"/complaints/c7/{path}", body, token=token)
        assert answer.status_code in {403, 404}
    listed = await province.get("/complaints", token)
    assert listed.status_code == 403 if facility_account else "c7" not in listed.text
    assert (await province.browser(token).get(f"{LIST}/c7")).status_code in refusals
    assert not await answers(province, "c7")


async def test_an_answer_without_words_twice_or_on_an_older_state_is_refused(
    province: Recall,
) -> None:
    await taken_in(province, filed("c8"))
    path = "/complaints/c8/answer"
    refused(await province.post(path, {"answer": "", "version": 0}), 422, "invalid_input")
    ok(await province.post("/complaints/c8/seen"))
    refused(await province.post("/complaints/c8/seen"), 409, "complaint_already_seen")
    assert (await province.post(path, {"answer": "x", "version": 0})).status_code == 409
    ok(await province.post(path, {"answer": "x", "version": 1}))
    refused(await province.post(path, {"answer": "x", "version": 2}), 409, "complaint_closed")
    assert [one.version for one in await answers(province, "c8")] == [1, 2]


@pytest.mark.parametrize(
    ("lang", "words"), [("vi", "Người báo"), ("en", "reporter"), ("zh", "举报人")]
)
async def test_the_pages_speak_three_languages(province: Recall, lang: str, words: str) -> None:
    await taken_in(province, filed("c9"))
    browser = province.browser(province.token(), **{"Accept-Language": lang})
    for path in (LIST, f"{LIST}?state=new", f"{LIST}?state=nonsense&page=99", f"{LIST}/c9"):
        assert (await browser.get(path)).status_code == 200
    assert words in (await browser.get(f"{LIST}/c9")).text
    listed = await province.client.get(f"{API}/complaints", headers=bearer(province.token()))
    assert listed.status_code == 200


# What a report tells of a code that is no stamp's.
NOWHERE: dict[str, Any] = {
    "batch": 0,
    "serial": 0,
    "product_id": "",
    "verdict": "unknown",
    "photo": "",
}


async def test_a_code_of_no_stamp_reaches_those_who_answer_for_the_place_and_the_province(
    province: Recall,
) -> None:
    typed = filed("c-typed", "", typed="TEM GIẢ 123", **NOWHERE)
    await taken_in(province, typed, typed)
    whole = province.browser(province.token())
    page = (await whole.get(f"{LIST}/c-typed")).text
    assert "TEM GIẢ 123" in page
    assert "không phải của tem nào" in page
    assert "/console/stamps/batches/0" not in page
    there = province.token(tier="commune", kinds=["approve"], communes=["07001"])
    elsewhere = province.token(tier="commune", kinds=["approve"], communes=["00004"])
    health = province.token(tier="commune", kinds=["approve"], communes=["07001"], sector="health")
    away = province.token(tier="commune", kinds=["approve"], communes=["00004"], sector="health")
    for token, seen in ((there, True), (elsewhere, False), (health, True), (away, False)):
        await is_seen(province, "c-typed", token, seen)


async def is_seen(recall: Recall, report: str, token: str, seen: bool) -> None:
    """In the list and by itself, for programs and on pages; or in none of them."""
    listed = await recall.client.get(f"{API}/complaints", headers=bearer(token))
    assert (report in {one["id"] for one in ok(listed)["items"]}) is seen
    one = await recall.client.get(f"{API}/complaints/{report}", headers=bearer(token))
    assert one.status_code == (200 if seen else 404)
    browser = recall.browser(token)
    assert (f"{LIST}/{report}" in (await browser.get(LIST)).text) is seen
    assert (await browser.get(f"{LIST}/{report}")).status_code == (200 if seen else 404)


@pytest.mark.parametrize("sector", ["agriculture", "health", "industry_trade"])
@pytest.mark.parametrize("commune", ["07001", ""])
@pytest.mark.parametrize(("tier", "kind"), [("department", "approve"), ("unit", "check")])
async def test_departments_and_their_units_answer_for_goods_that_are_nobodys(
    province: Recall, tier: str, kind: str, commune: str, sector: str
) -> None:
    """Each of them has a sector, which such goods have not; the reporter would wait for ever."""
    report = f"c-nobodys-{tier}-{commune}-{sector.partition('_')[0]}"
    await taken_in(province, filed(report, "", typed="TEM GIẢ 1", commune=commune, **NOWHERE))
    token = province.token(tier=tier, kinds=[kind], sector=sector)
    await is_seen(province, report, token, True)
    body = {"answer": "Đã chuyển Quản lý thị trường.", "version": 0}
    ok(await province.post(f"/complaints/{report}/answer", body, token=token))
    assert [one.state for one in await answers(province, report)] == ["closed"]


@pytest.mark.parametrize("sector", ["*", "agriculture"])
async def test_a_report_from_no_place_about_nobodys_goods_is_not_for_a_commune(
    province: Recall, sector: str
) -> None:
    report = f"c-placeless-{sector.strip('*')}"
    await taken_in(province, filed(report, "", typed="TEM GIẢ 2", commune="", **NOWHERE))
    token = province.token(tier="commune", kinds=["approve"], communes=["07001"], sector=sector)
    await is_seen(province, report, token, False)
    body = {"answer": "x", "version": 0}
    answer = await province.post(f"/complaints/{report}/answer", body, token=token)
    assert answer.status_code == 404
    assert not await answers(province, report)
