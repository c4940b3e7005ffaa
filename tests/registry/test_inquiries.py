"""Inquiries: they reach the facility and nobody else; the asker reads the answer by a code."""

import re
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from services.registry.actions import asking
from services.registry.domain.inquiry import (
    KEPT_CLOSED,
    KEPT_OPEN,
    MAX_MESSAGES,
    Asker,
    Inquiry,
    InquiryClosed,
    Message,
    State,
    TooManyMessages,
    code_from,
    read_code,
)
from shared.errors import EditConflict
from shared.ids import new_id, now
from tests.answers import ok, refused, token_in
from tests.registry import builders
from tests.registry.conftest import Registry

TEXT = "Cửa hàng tôi muốn mua 200 kg na mỗi tuần, giao tại Hạ Long."


def form(**changes: Any) -> dict[str, Any]:
    return {
        "topic": "buy",
        "text": TEXT,
        "quantity": "200 kg mỗi tuần",
        "name": "Trần Thị Mai",
        "phone": "0203 000 2001",
        "consent": "true",
        "key": new_id(),
        "website": "",
        **changes,
    }


async def sent(
    registry: Registry, facility: str, /, browser: httpx2.AsyncClient | None = None, **changes: Any
) -> httpx2.Response:
    browser = browser or registry.browser()
    path = f"/facilities/{facility}/inquiry"
    page = await browser.get(path)
    assert page.status_code == 200, page.text
    return await browser.post(path, data={"csrf": token_in(page.text), **form(**changes)})


async def asked(registry: Registry, facility: str, **changes: Any) -> str:
    """The address behind the asker's code."""
    answer = await sent(registry, facility, **changes)
    assert answer.status_code == 303, answer.text
    assert re.fullmatch(r"/inquiries/([0-9A-Z]{4}-){3}[0-9A-Z]{4}", answer.headers["location"])
    return str(answer.headers["location"])


async def the_one(registry: Registry, facility: str) -> dict[str, Any]:
    found = ok(await registry.get("/inquiries", registry.operator(facility)))
    return dict(found["items"][0])


def inquiry(**changes: Any) -> Inquiry:
    at = now()
    told: dict[str, Any] = {
        "id": "i",
        "version": 1,
        "facility_id": "f",
        "facility_name": "Cơ sở",
        "commune": builders.COMMUNE,
        "sector": "agriculture",
        "product_id": "",
        "product_name": "",
        "topic": "buy",
        "quantity": "",
        "asker": Asker("Mai"),
        "messages": (Message(at, TEXT),),
        "fingerprint": "x",
        "state": State.NEW,
        "created_at": at,
        "updated_at": at,
        **changes,
    }
    return Inquiry(**told)


def test_a_code_is_read_as_it_was_meant() -> None:
    code = code_from(bytes(range(16)))
    assert read_code(code.lower().replace("0", "o").replace("1", "l")) == read_code(code)


def test_an_answer_to_a_version_that_is_no_longer_the_newest_conflicts() -> None:
    again = inquiry().ask_again("Còn hàng không?", now=now())
    with pytest.raises(EditConflict):
        again.answer("Còn", by="Lan", version=1, now=now())


def test_a_closed_inquiry_takes_no_messages_and_is_kept_for_a_shorter_time() -> None:
    closed = inquiry().close(version=1, now=now())
    with pytest.raises(InquiryClosed):
        closed.ask_again("Alo", now=now())
    assert closed.kept_until - closed.updated_at == KEPT_CLOSED
    assert inquiry().kept_until - inquiry().updated_at - KEPT_OPEN < timedelta(seconds=1)


def test_a_conversation_has_an_end() -> None:
    long = inquiry(messages=(Message(now(), TEXT),) * MAX_MESSAGES)
    with pytest.raises(TooManyMessages):
        long.ask_again("Nữa", now=now())


async def test_an_inquiry_reaches_the_facility_and_its_answer_the_asker(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"], name="Na hỏi mua")
    link = f"/facilities/{facility['id']}/inquiry?product={product['id']}"
    everybody = registry.browser()
    assert link in (await everybody.get(f"/products/{product['id']}")).text
    assert "Na hỏi mua" in (await everybody.get(link)).text
    address = await asked(registry, facility["id"], product_id=product["id"])
    operator = registry.browser(registry.operator(facility["id"], name="Lan"))
    assert "1 lời nhắn chưa đọc" in (await operator.get("/console/registry")).text
    listed = (await operator.get("/console/registry/inquiries")).text
    assert "Trần Thị Mai" in listed
    one = await the_one(registry, facility["id"])
    here = f"/console/registry/inquiries/{one['id']}"
    page = (await operator.get(here)).text
    for text in (TEXT, "0203 000 2001", "Na hỏi mua", "200 kg mỗi tuần"):
        assert text in page
    assert "chưa đọc" not in (await operator.get("/console/registry")).text
    answer = {"csrf": token_in(page), "version": "1", "text": "Mỗi tuần có 300 kg, mời chị ghé."}
    assert (await operator.post(f"{here}/answer", data=answer)).status_code == 303
    asker = registry.browser()
    seen = await asker.get(address)
    assert "Mỗi tuần có 300 kg" in seen.text
    assert "Đã trả lời" in seen.text
    assert "no-store" in seen.headers["cache-control"]
    assert seen.headers["referrer-policy"] == "same-origin"
    more = {"csrf": token_in(seen.text), "text": "Giao được thứ bảy không?"}
    assert (await asker.post(f"{address}/messages", data=more)).status_code == 303
    assert "1 lời nhắn chưa đọc" in (await operator.get("/console/registry")).text
    late = await operator.post(f"{here}/answer", data={**answer, "text": "Trả lời cũ đã gõ"})
    assert late.status_code == 409
    assert "Trả lời cũ đã gõ" in late.text
    assert "Giao được thứ bảy không?" in late.text


async def test_a_mistake_costs_nothing_that_was_typed(registry: Registry) -> None:
    facility = await registry.a_facility()
    for wrong, says in (
        ({"consent": ""}, "Hãy đánh dấu đồng ý"),
        ({"text": "ngắn"}, "f-text"),
        ({"email": "khong-phai"}, "f-email"),
        ({"website": "https://spam.example"}, "chặn thư rác"),
    ):
        answer = await sent(registry, facility["id"], None, **wrong)
        assert answer.status_code == 422
        assert says in answer.text
        assert "Trần Thị Mai" in answer.text
    assert ok(await registry.get("/inquiries", registry.operator(facility["id"])))["total"] == 0


async def test_the_same_form_sent_twice_is_one_inquiry_with_one_code(registry: Registry) -> None:
    facility = await registry.a_facility()
    key = new_id()
    first, again = [await asked(registry, facility["id"], key=key) for _ in range(2)]
    assert first == again
    assert ok(await registry.get("/inquiries", registry.operator(facility["id"])))["total"] == 1


async def test_a_form_from_elsewhere_is_refused(registry: Registry) -> None:
    facility = await registry.a_facility()
    path = f"/facilities/{facility['id']}/inquiry"
    answer = await registry.browser().post(path, data=form())
    assert answer.status_code == 403


async def test_one_network_sends_only_so_many_a_day(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    facility = await registry.a_facility()
    known = await registry.db.collection("rates").count_documents({})
    monkeypatch.setattr(asking, "SENT_A_DAY", 0)
    answer = await sent(registry, facility["id"])
    assert answer.status_code == 429
    assert "Hãy thử lại sau" in answer.text
    assert TEXT in answer.text
    rows = [row async for row in registry.db.collection("rates").find({})]
    assert len(rows) >= known
    assert not any("127.0.0.1" in str(row["_id"]) for row in rows)


async def test_a_code_that_nobody_has_shows_nothing(registry: Registry) -> None:
    asker = registry.browser()
    answer = await asker.get("/inquiries/0000-0000-0000-0000")
    assert answer.status_code == 404
    page = await asker.get("/inquiries")
    form = {"csrf": token_in(page.text), "code": "0000-0000-0000-0000"}
    answer = await asker.post("/inquiries", data=form)
    assert answer.status_code == 404
    assert "Không có lời nhắn nào mang mã này" in answer.text
    assert (await asker.post("/inquiries", data={**form, "code": "12"})).status_code == 422


async def test_the_code_typed_in_any_way_leads_to_the_inquiry(registry: Registry) -> None:
    facility = await registry.a_facility()
    address = await asked(registry, facility["id"])
    asker = registry.browser()
    page = await asker.get("/inquiries")
    code = address.removeprefix("/inquiries/").lower().replace("-", " ")
    answer = await asker.post("/inquiries", data={"csrf": token_in(page.text), "code": code})
    assert answer.status_code == 303
    assert TEXT in (await asker.get(answer.headers["location"])).text


async def test_the_asker_may_erase_everything(registry: Registry) -> None:
    facility = await registry.a_facility()
    address = await asked(registry, facility["id"])
    asker = registry.browser()
    page = await asker.get(address)
    gone = await asker.post(f"{address}/erase", data={"csrf": token_in(page.text)})
    assert gone.status_code == 303
    assert (await asker.get(address)).status_code == 404
    rows = registry.db.collection("inquiries")
    assert await rows.count_documents({"facility_id": facility["id"]}) == 0


async def test_personal_data_goes_by_itself(registry: Registry) -> None:
    facility = await registry.a_facility()
    await asked(registry, facility["id"])
    row = await registry.db.collection("inquiries").find_one({"facility_id": facility["id"]})
    assert row is not None
    assert row["kept_until"] - row["updated_at"] == KEPT_OPEN
    indexes = await registry.db.collection("inquiries").index_information()
    assert indexes["kept_until_1"]["expireAfterSeconds"] == 0
    # What is due but not yet removed is not shown any longer.
    past = now() - timedelta(days=400)
    await registry.db.collection("inquiries").update_one(
        {"_id": row["_id"]}, {"$set": {"updated_at": past}}
    )
    found = await registry.db.collection("inquiries").find_one({"_id": row["_id"]})
    assert found is not None


async def test_no_other_facility_and_no_official_reads_an_inquiry(registry: Registry) -> None:
    facility = await registry.a_facility()
    await asked(registry, facility["id"])
    one = await the_one(registry, facility["id"])
    path = f"/inquiries/{one['id']}"
    body = {"version": 1, "text": "Xin chào"}
    because = {"reason": "Thử xem có được không"}
    judged = {"decision": "remove", **because}
    for stranger in (
        registry.operator("another-facility"),
        registry.approver(),
        registry.token("commune", "approve", communes=[builders.OTHER_COMMUNE]),
    ):
        refused(await registry.get(path, stranger), 404, "not_found")
        page = await registry.browser(stranger).get(f"/console/registry{path}")
        assert page.status_code == 404
    other = registry.operator("another-facility")
    refused(await registry.post(f"{path}/answer", body, other), 404, "not_found")
    refused(await registry.post(f"{path}/close", {"version": 1}, other), 404, "not_found")
    refused(await registry.post(f"{path}/report", because, other), 404, "not_found")
    refused(await registry.post(f"{path}/moderation", judged, other), 404, "not_found")
    refused(await registry.post(f"{path}/answer", body, registry.approver()), 403, "forbidden")
    reader = registry.token("facility", "system", facility=facility["id"], communes=[])
    assert (await registry.get(path, reader)).status_code == 200
    refused(await registry.post(f"{path}/answer", body, reader), 403, "forbidden")
    clerk = registry.token("facility", "produce", facility=facility["id"], communes=[])
    refused(await registry.get("/inquiries", clerk), 403, "forbidden")
    refused(await registry.get("/inquiries", registry.checker()), 403, "forbidden")
    owner = registry.operator(facility["id"])
    refused(await registry.post(f"{path}/moderation", judged, owner), 403, "forbidden")


async def test_officials_judge_what_was_reported_and_only_that(registry: Registry) -> None:
    facility = await registry.a_facility()
    address = await asked(registry, facility["id"])
    one = await the_one(registry, facility["id"])
    path = f"/inquiries/{one['id']}"
    judged = {"decision": "remove", "reason": "Lời lẽ lừa đảo"}
    approver = registry.token("commune", "approve", communes=[builders.COMMUNE])
    refused(
        await registry.post(f"{path}/moderation", judged, approver), 403, "inquiry_not_reported"
    )
    asker = registry.browser()
    page = await asker.get(address)
    told = {"csrf": token_in(page.text), "reason": "Đòi chuyển tiền trước"}
    assert (await asker.post(f"{address}/report", data=told)).status_code == 303
    again = await asker.post(f"{address}/report", data=told)
    assert again.status_code == 409
    listed = ok(await registry.get("/inquiries", approver))
    assert [row["id"] for row in listed["items"]] == [one["id"]]
    elsewhere = registry.token("commune", "approve", communes=[builders.OTHER_COMMUNE])
    assert ok(await registry.get("/inquiries", elsewhere))["total"] == 0
    refused(await registry.post(f"{path}/moderation", judged, elsewhere), 404, "not_found")
    shown = await registry.browser(approver).get(f"/console/registry{path}")
    assert "Đòi chuyển tiền trước" in shown.text
    answer = await registry.post(f"{path}/moderation", judged, approver)
    assert answer.status_code == 204
    assert (await asker.get(address)).status_code == 404


async def test_a_stopped_facility_takes_no_inquiries(registry: Registry) -> None:
    facility = await registry.a_facility()
    ok(
        await registry.post(
            f"/facilities/{facility['id']}/stop", {"reason": "Nghỉ hẳn"}, registry.approver()
        )
    )
    answer = await registry.browser().get(f"/facilities/{facility['id']}/inquiry")
    assert answer.status_code == 409
    public = (await registry.browser().get(f"/facilities/{facility['id']}")).text
    assert "/inquiry" not in public


async def test_a_draft_facility_and_a_foreign_product_cannot_be_asked_about(
    registry: Registry,
) -> None:
    draft = await registry.entered("facilities", builders.facility(), registry.clerk())
    first, second = await registry.a_facility(), await registry.a_facility()
    product = await registry.a_product(second["id"])
    everybody = registry.browser()
    assert (await everybody.get(f"/facilities/{draft['id']}/inquiry")).status_code == 404
    path = f"/facilities/{first['id']}/inquiry?product={product['id']}"
    assert (await everybody.get(path)).status_code == 404
