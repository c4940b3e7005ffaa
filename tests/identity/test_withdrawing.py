"""An application is withdrawn by its sender: deleted with its papers; others' stay (R5, R10)."""

from typing import Any

import httpx2

from tests.answers import token_in
from tests.identity.running_identity import API, Identity
from tests.identity.test_applications import decide, find, hand_in
from tests.identity.test_enclosed import FILES, PDF

ADDRESS = "203.0.113.75"


async def handed(identity: Identity, name: str) -> str:
    answer = await hand_in(identity, address=ADDRESS, facility_name=name, tax_number="")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["tracking_code"])


async def send(identity: Identity, code: str, what: str, **content: Any) -> httpx2.Response:
    async with identity.client(ADDRESS) as client:
        return await client.post(f"{API}/applications/tracked/{code}/{what}", **content)


async def test_nothing_of_it_is_kept_and_the_desk_no_longer_sees_it(identity: Identity) -> None:
    code = await handed(identity, "Hộ rút đơn")
    file = {"file": ("giay.pdf", PDF)}
    await send(identity, code, "papers", data={"shows": "other"}, files=file)
    application_id = (await find(identity, "Hộ rút đơn"))["_id"]
    assert (await send(identity, code, "withdraw")).status_code == 204
    rows = identity.db.collection("applications")
    assert await rows.find_one({"_id": application_id}) is None
    mine = {"metadata.application": application_id}
    assert await identity.db.collection(FILES).count_documents(mine) == 0
    again = await send(identity, code, "withdraw")
    assert (again.status_code, again.json()["code"]) == (404, "not_found")
    newest = await identity.db.collection("outbox").find_one(
        {"body.type": "identity.application_published.v1", "body.subject": application_id},
        sort=[("body.version", -1)],
    )
    assert newest is not None
    assert newest["body"]["data"]["state"] == "withdrawn"
    # The facility may apply again at once.
    await handed(identity, "Hộ rút đơn")


async def test_who_else_has_sent_it_keeps_theirs(identity: Identity) -> None:
    one, two = [await handed(identity, "Hộ hai người gửi") for _ in range(2)]
    assert (await send(identity, one, "withdraw")).status_code == 204
    found = await find(identity, "Hộ hai người gửi")
    assert (len(found["submissions"]), found["state"]) == (1, "waiting")
    async with identity.client(ADDRESS) as client:
        path = f"{API}/applications/tracked"
        assert (await client.get(f"{path}/{one}")).status_code == 404
        assert (await client.get(f"{path}/{two}")).status_code == 200


async def test_a_decision_stays(identity: Identity) -> None:
    code = await handed(identity, "Hộ rút muộn")
    application_id = (await find(identity, "Hộ rút muộn"))["_id"]
    await decide(identity, "tienyen.hethong", application_id, "reject", reason="Sai địa bàn")
    late = await send(identity, code, "withdraw")
    assert (late.status_code, late.json()["code"]) == (409, "application_decided")


async def test_by_the_page_too(identity: Identity) -> None:
    code = await handed(identity, "Hộ rút bằng trang")
    async with identity.client(ADDRESS) as browser:
        page = await browser.get(f"/apply/{code}")
        form = {"csrf": token_in(page.text)}
        done = await browser.post(f"/apply/{code}/withdraw", data=form)
        assert (done.status_code, done.headers["location"]) == (303, "/apply")
        lost = await browser.get(f"/apply/{code}")
        assert lost.status_code == 404
        assert "Không có bản đăng ký nào mang mã này" in lost.text
