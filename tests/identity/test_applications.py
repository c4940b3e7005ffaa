"""Applications for an account: handed in by anybody, decided by whose area it is, joined (R5)."""

import asyncio
import re
from typing import Any

import httpx2
import pytest
from joserfc.jwk import KeySet

from services.identity.domain.application_refusals import (
    ApplicationDecided,
    NothingAsked,
    TooManySubmissions,
)
from services.identity.domain.applications import (
    MOST_SUBMISSIONS,
    Application,
    Filled,
    State,
    Submission,
    Wish,
)
from shared import handover
from shared.contracts.registry import FacilityEntered
from shared.ids import new_id, now
from tests.answers import token_in
from tests.identity.facilities import published
from tests.identity.running_identity import API, PASSWORD, Identity
from tests.tokens import mint, signing_key

WORK_LIST = "/console/identity/applications"
BODY: dict[str, Any] = {
    "wish": "new",
    "facility_name": "Hợp tác xã gà Tiên Yên Phong Dụ",
    "tax_number": "5799001371",
    "address": "Thôn Đồng Đình",
    "commune": "06862",
    "sector": "agriculture",
    "kinds": ["livestock", "packing"],
    "representative": "Chu Văn Lợi",
    "position": "Giám đốc",
    "phone": "0203 000 1007",
    "email": "loi@txng.example",
    "consent": True,
}


def body(**changes: Any) -> dict[str, Any]:
    return {**BODY, **changes}


def filled(**changes: Any) -> Filled:
    told = dict.fromkeys(Filled.__slots__, "") | BODY | changes
    told.pop("consent")
    return Filled(**{**told, "wish": Wish(told["wish"]), "kinds": tuple(told["kinds"])})


def application(state: State = State.WAITING) -> Application:
    return Application("a", 1, (Submission(now(), b"c", filled()),), state)


def test_a_decided_application_is_decided_once() -> None:
    for state in (State.ACCEPTED, State.REJECTED):
        decided = application(state)
        with pytest.raises(ApplicationDecided):
            decided.accept("x", by="b", now=now())
        with pytest.raises(ApplicationDecided):
            decided.ask("Thiếu giấy", by="b", now=now())
        with pytest.raises(ApplicationDecided):
            decided.join(Submission(now(), b"d", filled()))


def test_only_what_was_asked_is_answered_and_then_it_waits_again() -> None:
    with pytest.raises(NothingAsked):
        application().reply("Đây", now())
    asked = application().ask("Thiếu giấy", by="b", now=now())
    assert asked.reply("Đã gửi", now()).state is State.WAITING


def test_one_facility_cannot_fill_the_desk() -> None:
    it = application()
    for _ in range(MOST_SUBMISSIONS - 1):
        it = it.join(Submission(now(), b"d", filled()))
    with pytest.raises(TooManySubmissions):
        it.join(Submission(now(), b"d", filled()))


def test_names_without_a_tax_number_are_compared_as_people_read_them() -> None:
    one = filled(tax_number="", facility_name="HTX Gà  Tiên Yên")
    same = filled(tax_number="", facility_name="htx ga tien yen")
    assert one.key == same.key
    assert one.key != filled(tax_number="", facility_name="HTX Gà Ba Chẽ").key
    assert one.key != filled(tax_number="", facility_name="HTX Gà Tiên Yên", wish="reissue").key


async def hand_in(
    identity: Identity, *, address: str = "203.0.113.7", **changes: Any
) -> httpx2.Response:
    async with identity.client(address) as client:
        return await client.post(f"{API}/applications", json=body(**changes))


async def find(identity: Identity, name: str) -> dict[str, Any]:
    query = {"submissions.filled.facility_name": name}
    found = await identity.db.collection("applications").find_one(query)
    assert found is not None
    return found


async def decide(
    identity: Identity, who: str, application_id: str, act: str, **given: Any
) -> httpx2.Response:
    async with await identity.api(who) as api:
        return await api.post(f"{API}/applications/{application_id}/{act}", json=given)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"consent": False}, "consent"),
        ({"phone": "gọi cho tôi"}, "phone"),
        ({"tax_number": "1234567890"}, "tax_number"),
        ({"commune": "99999"}, "commune"),
        ({"wish": "reissue"}, "facility_code"),
        ({"kinds": []}, "kinds"),
        ({"facility_name": {"$ne": 1}}, "facility_name"),
        ({"sector": "*"}, "sector"),
    ],
    ids=str,
)
async def test_a_form_that_is_wrong_is_told_at_its_field(
    changes: dict[str, Any], field: str, identity: Identity
) -> None:
    answer = await hand_in(identity, **changes)
    assert answer.status_code == 422, answer.text
    told = answer.json()
    fields = [one["field"] for one in told.get("errors", [])] or [told.get("field")]
    assert any(one and one.startswith(field) for one in fields), told


async def test_whose_area_it_is_decides_and_for_others_it_does_not_exist(
    identity: Identity,
) -> None:
    name = "Hộ gà của hai xã"
    handed = await hand_in(identity, facility_name=name, tax_number="")
    assert handed.status_code == 201, handed.text
    found = await find(identity, name)
    asked = {"what": "Hãy gửi giấy đăng ký kinh doanh."}
    for stranger in ("bache.hethong", "yte.hethong"):
        answer = await decide(identity, stranger, found["_id"], "ask", **asked)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), stranger
        async with await identity.api(stranger) as api:
            listed = (await api.get(f"{API}/applications")).json()["items"]
            assert found["_id"] not in [one["id"] for one in listed]
    answer = await decide(identity, "tienyen.kiemtra", found["_id"], "ask", **asked)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    async with await identity.api("so.hethong") as api:
        listed = (await api.get(f"{API}/applications")).json()["items"]
    assert found["_id"] in [one["id"] for one in listed]
    answer = await decide(identity, "tienyen.hethong", found["_id"], "ask", **asked)
    assert answer.json()["state"] == "more_asked"
    code = handed.json()["tracking_code"]
    async with identity.client() as client:
        told = (await client.get(f"{API}/applications/tracked/{code}")).json()
        assert (told["state"], told["answer"]) == ("more_asked", asked["what"])
        assert "Chu Văn Lợi" not in str(told)
        path = f"{API}/applications/tracked/{code}/reply"
        assert (await client.post(path, json={"text": "Đã nộp ở xã"})).json()["state"] == "waiting"
        again = await client.post(path, json={"text": "Đã nộp ở xã"})
        assert (again.status_code, again.json()["code"]) == (409, "nothing_asked")
        lost = await client.get(f"{API}/applications/tracked/{'0' * 16}")
        assert (lost.status_code, lost.json()["code"]) == (404, "not_found")


async def test_what_is_sent_at_the_same_time_for_one_facility_is_joined(
    identity: Identity,
) -> None:
    name = "Hộ gửi cùng lúc"
    sent = [
        hand_in(identity, facility_name=name, tax_number="", phone=f"0203 000 100{i}")
        for i in range(5)
    ]
    answers = await asyncio.gather(*sent)
    codes = {answer.json().get("tracking_code") for answer in answers}
    assert [answer.status_code for answer in answers] == [201] * 5
    assert len(codes) == 5
    query = {"submissions.filled.facility_name": name}
    assert await identity.db.collection("applications").count_documents(query) == 1
    assert len((await find(identity, name))["submissions"]) == 5


async def test_an_accepted_application_issues_the_account_once(identity: Identity) -> None:
    name = "Hợp tác xã được cấp"
    told = published("f-apply", code="VN-22-000555")
    await identity.hear(told)
    await hand_in(identity, facility_name=name, facility_code="vn-22-000555", tax_number="")
    found = await find(identity, name)
    given = {
        "facility_id": "f-apply",
        "username": "loi.apply",
        "name": "Chu Văn Lợi",
        "kinds": ["operate"],
    }
    async with await identity.api("tienyen.hethong") as api:
        path = f"{API}/applications/{found['_id']}/accept"
        key = {"Idempotency-Key": new_id()}
        first, again = [await api.post(path, json=given, headers=key) for _ in range(2)]
        assert first.status_code == 201, first.text
        assert again.json() == first.json()
        other = await api.post(path, json={**given, "username": "loi.twice"})
        assert (other.status_code, other.json()["code"]) == (409, "application_decided")
    assert await identity.db.collection("accounts").find_one({"username": "loi.twice"}) is None
    setup = {"username": "loi.apply", "setup_code": first.json()["setup_code"]}
    async with identity.client() as client:
        done = await client.post(f"{API}/password", json={**setup, "password": PASSWORD})
        assert done.status_code == 204
    kept = await find(identity, name)
    assert (kept["state"], kept["account_id"]) == ("accepted", first.json()["id"])
    assert (kept["forget_at"] - kept["decided_at"]).days == 365
    # The facility may apply again: what was decided no longer stands in the way.
    again = await hand_in(identity, facility_name=name, facility_code="VN-22-000555", tax_number="")
    assert again.status_code == 201
    waiting = identity.db.collection("applications").find({"state": "waiting"})
    reissue = [one["_id"] async for one in waiting if one["commune"] == "06862"][-1]
    answer = await decide(
        identity, "tienyen.hethong", reissue, "accept-reissue", account_id=first.json()["id"]
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["setup_code"] != first.json()["setup_code"]


async def test_a_page_without_javascript_hands_in_and_follows_up(identity: Identity) -> None:
    form = {name: value for name, value in BODY.items() if name != "consent"}
    form |= {"facility_name": "Hộ nộp bằng trang", "tax_number": ""}
    async with identity.client("198.51.100.20") as browser:
        page = await browser.get("/apply")
        key = re.search(r'name="repeat_key" value="([^"]+)"', page.text)
        assert key
        form |= {"repeat_key": key.group(1), "csrf": token_in(page.text)}
        refused = await browser.post("/apply", data=form)
        assert refused.status_code == 422
        assert "Hộ nộp bằng trang" in refused.text
        sent = await browser.post("/apply", data={**form, "consent": "on"})
        assert sent.status_code == 303, sent.text
        again = await browser.post("/apply", data={**form, "consent": "on"})
        assert again.headers["location"] == sent.headers["location"]
        state = await browser.get(sent.headers["location"])
        assert state.status_code == 200
        assert "Chu Văn Lợi" not in state.text
        assert "0203 000 1007" not in state.text
        assert "Xã Tiên Yên" in state.text
    assert len((await find(identity, "Hộ nộp bằng trang"))["submissions"]) == 1
    async with identity.browser("tienyen.hethong") as officer:
        listed = await officer.get(WORK_LIST)
        assert "Hộ nộp bằng trang" in listed.text
        one = (await find(identity, "Hộ nộp bằng trang"))["_id"]
        page = await officer.get(f"{WORK_LIST}/{one}")
        assert 'name="handover"' not in page.text  # A system account does not enter facilities.
    clerk = new_id()
    officer_of = {"tier": "commune", "kinds": ["operate"], "communes": ["06862"]}
    token = mint(identity.settings.secrets_dir, account=clerk, **officer_of)
    async with identity.client() as colleague:
        colleague.cookies.set("txng_access", token)
        # What is personal travels in a form, signed for this officer; no address holds any of it.
        page = await colleague.get(f"{WORK_LIST}/{one}")
        assert "Chấp nhận và cấp tài khoản" not in page.text
        assert 'action="/console/registry/facilities/from-application"' in page.text
        assert not re.search(r'href="[^"]*0203', page.text)
        handed = re.search(r'name="handover" value="([^"]+)"', page.text)
        assert handed
        keys = KeySet([signing_key(identity.settings.secrets_dir)])
        told = handover.read(handed.group(1), keys, account_id=clerk, now=now())
        assert told.subject == one
        assert (told.facts["phone"], told.facts["commune"]) == ("0203 000 1007", "06862")
    async with identity.browser("tienyen.hethong") as officer:
        page = await officer.get(f"{WORK_LIST}/{one}")
        empty = await officer.post(
            f"{WORK_LIST}/{one}/reject", data={"reason": "", "csrf": token_in(page.text)}
        )
        assert empty.status_code == 422
        done = await officer.post(
            f"{WORK_LIST}/{one}/reject",
            data={"reason": "Cơ sở ở tỉnh khác", "csrf": token_in(page.text)},
        )
        assert done.status_code == 303
    async with identity.client("198.51.100.20") as browser:
        assert "Cơ sở ở tỉnh khác" in (await browser.get(sent.headers["location"])).text


async def test_the_facility_made_of_an_application_is_offered_once_published(
    identity: Identity,
) -> None:
    await hand_in(identity, address="198.51.100.33", facility_name="Trại lập hồ sơ", tax_number="")
    one = (await find(identity, "Trại lập hồ sơ"))["_id"]
    facility_id = f"f-{new_id()[-10:]}"
    event = FacilityEntered(
        subject=facility_id, version=1, time=now(), application_id=one, code="CS22-77770001"
    )
    await identity.hear(event, event)
    async with identity.browser("tienyen.hethong") as officer:
        page = await officer.get(f"{WORK_LIST}/{one}")
        assert "CS22-77770001" in page.text
        assert "đang chờ duyệt đăng" in page.text
        assert 'name="handover"' not in page.text
        shown = published(facility_id, name="Trại lập hồ sơ", code="CS22-77770001")
        await identity.hear(shown)
        page = await officer.get(f"{WORK_LIST}/{one}")
        assert f'value="{facility_id}" selected' in page.text


async def test_a_network_cannot_flood_the_desk(identity: Identity) -> None:
    answers = [
        await hand_in(identity, address="192.0.2.99", facility_name=f"Hộ số {i}", tax_number="")
        for i in range(21)
    ]
    assert [answer.status_code for answer in answers] == [201] * 20 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    other = await hand_in(identity, address="192.0.2.100", facility_name="Hộ khác", tax_number="")
    assert other.status_code == 201


async def test_what_an_applicant_is_asked_stays_out_of_the_ledger(identity: Identity) -> None:
    await hand_in(identity, facility_name="Hộ được hỏi thêm", tax_number="")
    found = await find(identity, "Hộ được hỏi thêm")
    what = "Bà Vũ Thị Hỏi gửi thêm căn cước"
    answer = await decide(identity, "tienyen.hethong", found["_id"], "ask", what=what)
    assert answer.status_code == 200, answer.text
    rows = identity.db.collection("outbox").find({"body.subject": found["_id"]})
    told = [row["body"]["data"] async for row in rows]
    assert "more_asked" in str(told)
    assert what not in str(told)


async def test_who_decided_is_in_the_audit_and_nothing_personal_is(identity: Identity) -> None:
    await hand_in(identity, address="192.0.2.7", facility_name="Hộ kiểm toán", tax_number="")
    found = await find(identity, "Hộ kiểm toán")
    await decide(identity, "tienyen.hethong", found["_id"], "reject", reason="Không đúng địa bàn")
    rows = [row async for row in identity.db.collection("outbox").find({})]
    told = " ".join(str(row) for row in rows if found["_id"] in str(row))
    assert "application.decide" in told
    assert "Không đúng địa bàn" in told
    for personal in ("Chu Văn Lợi", "0203 000 1007", "loi@txng.example", "Hộ kiểm toán"):
        assert personal not in told
