"""A setup code that the applicant alone sees, collected with the tracking code (R3, R5)."""

from datetime import timedelta

import httpx2

from services.identity.domain.applications import COLLECT_WITHIN
from tests.answers import token_in
from tests.identity.facilities import published
from tests.identity.running_identity import API, PASSWORD, Identity
from tests.identity.test_applications import decide, find, hand_in


async def collect(identity: Identity, code: str) -> httpx2.Response:
    async with identity.client("203.0.113.73") as client:
        return await client.post(f"{API}/applications/tracked/{code}/setup-code")


async def accepted(
    identity: Identity, name: str, username: str, hand: str = "page", sent: int = 1
) -> tuple[str, httpx2.Response]:
    """An application's tracking code, and the answer to its acceptance."""
    await identity.hear(published(f"f-{username}", code="VN-22-000777"))
    for _ in range(sent):
        handed = await hand_in(identity, address="203.0.113.73", facility_name=name, tax_number="")
    code = str(handed.json()["tracking_code"])
    given = {"facility_id": f"f-{username}", "username": username, "name": "Chu Văn Lợi"}
    application_id = (await find(identity, name))["_id"]
    answer = await decide(
        identity, "tienyen.hethong", application_id, "accept", kinds=["operate"], hand=hand, **given
    )
    return code, answer


async def test_the_officer_sees_no_code_and_the_applicant_sets_a_password_with_theirs(
    identity: Identity,
) -> None:
    code, answer = await accepted(identity, "Hộ tự nhận mã", "nhan.ma")
    assert (answer.status_code, answer.json()["setup_code"]) == (201, "")
    first = await collect(identity, code)
    assert (first.status_code, first.json()["username"]) == (201, "nhan.ma")
    second = (await collect(identity, code)).json()
    assert second["setup_code"] != first.json()["setup_code"]
    given = {"username": "nhan.ma", "password": PASSWORD}
    async with identity.client() as client:
        old = await client.post(f"{API}/password", json={**given, **_setup(first.json())})
        assert old.status_code == 401
        await identity.forget_failures()
        new = await client.post(f"{API}/password", json={**given, **_setup(second)})
        assert new.status_code == 204
    late = await collect(identity, code)
    assert (late.status_code, late.json()["code"]) == (409, "nothing_to_collect")
    rows = identity.db.collection("outbox").find({"body.data.action": "application.collect"})
    kept = [row["body"]["data"] async for row in rows]
    assert [one["outcome"] for one in kept][-3:] == ["accepted", "accepted", "nothing_to_collect"]
    assert second["setup_code"] not in str(kept)


def _setup(told: dict[str, str]) -> dict[str, str]:
    return {"setup_code": told["setup_code"]}


async def test_what_is_handed_over_at_the_desk_is_not_collected(identity: Identity) -> None:
    code, answer = await accepted(identity, "Hộ nhận tận tay", "nhan.tay", hand="desk")
    assert answer.json()["setup_code"]
    refused = await collect(identity, code)
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_collect")


async def test_with_several_senders_the_code_is_left_on_no_page(identity: Identity) -> None:
    _, answer = await accepted(identity, "Hộ có hai người nộp", "hai.nguoi", sent=2)
    assert (answer.status_code, answer.json()["code"]) == (409, "several_senders")


async def test_after_a_month_it_is_too_late(identity: Identity) -> None:
    code, _ = await accepted(identity, "Hộ nhận muộn", "nhan.muon")
    found = await find(identity, "Hộ nhận muộn")
    before = found["decided_at"] - COLLECT_WITHIN - timedelta(minutes=1)
    rows = identity.db.collection("applications")
    await rows.update_one({"_id": found["_id"]}, {"$set": {"decided_at": before}})
    assert (await collect(identity, code)).status_code == 409


async def test_on_the_pages_too(identity: Identity) -> None:
    code, _ = await accepted(identity, "Hộ nhận mã bằng trang", "nhan.trang")
    async with identity.client("203.0.113.74") as browser:
        page = await browser.get(f"/apply/{code}")
        assert f"/apply/{code}/setup-code" in page.text
        shown = await browser.post(f"/apply/{code}/setup-code", data={"csrf": token_in(page.text)})
        assert shown.status_code == 201
        assert "nhan.trang" in shown.text
        assert shown.headers["cache-control"] == "no-store"
