"""What registry says of a facility holds for its accounts, once, whatever order it comes in."""

from typing import Any

import pytest

from tests.identity.facilities import published, resumed, stopped
from tests.identity.running_identity import API, PASSWORD, Identity
from tests.polling import eventually


async def status(identity: Identity, account_id: str) -> str:
    account = await identity.db.collection("accounts").find_one({"_id": account_id})
    assert account is not None
    return str(account["status"])


async def worker(identity: Identity, facility_id: str, username: str) -> str:
    """An account of the facility that has signed in once; its id."""
    await identity.hear(published(facility_id))
    async with await identity.api("tienyen.hethong") as api:
        order = {
            "username": username,
            "name": "Chu Văn Lợi",
            "tier": "facility",
            "kinds": ["operate"],
            "facility_id": facility_id,
        }
        answer = await api.post(f"{API}/accounts", json=order)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        given = {"username": username, "setup_code": made["setup_code"], "password": PASSWORD}
        assert (await api.post(f"{API}/password", json=given)).status_code == 204
    return str(made["id"])


async def test_a_stopped_facilitys_accounts_are_out_until_it_resumes(identity: Identity) -> None:
    account_id = await worker(identity, "f-stop", "loi.stop")
    tokens = await identity.tokens("loi.stop")
    await identity.tell(stopped("f-stop", 2))

    async def is_out() -> bool:
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        async with identity.client() as client:
            return (await client.get(f"{API}/me", headers=headers)).status_code == 401

    await eventually(is_out, 15)
    assert await status(identity, account_id) == "suspended"
    async with await identity.api("tienyen.hethong") as api:
        path = f"{API}/accounts/{account_id}"
        answer = await api.post(f"{path}/activate", json={"reason": "Thử mở lại"})
        assert (answer.status_code, answer.json()["code"]) == (409, "facility_is_stopped")
        order = {
            "username": "loi.late",
            "name": "Chu Văn Lợi",
            "tier": "facility",
            "kinds": ["operate"],
            "facility_id": "f-stop",
        }
        answer = await api.post(f"{API}/accounts", json=order)
        assert (answer.status_code, answer.json()["code"]) == (409, "facility_is_stopped")
    await identity.tell(resumed("f-stop", 3))

    async def is_active() -> bool:
        return await status(identity, account_id) == "active"

    await eventually(is_active, 15)
    await identity.tokens("loi.stop")


async def test_a_resumption_leaves_an_officers_suspension_alone(identity: Identity) -> None:
    account_id = await worker(identity, "f-both", "loi.both")
    async with await identity.api("tienyen.hethong") as api:
        path = f"{API}/accounts/{account_id}"
        assert (await api.post(f"{path}/suspend", json={"reason": "Vi phạm"})).status_code == 200
        await identity.hear(stopped("f-both", 2))
        await identity.hear(resumed("f-both", 3))
        assert await status(identity, account_id) == "suspended"
        answer = await api.post(f"{path}/activate", json={"reason": "Đã khắc phục"})
        assert answer.json()["status"] == "active"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ((2, 2), "suspended"),
        ((2, 3), "active"),
        ((3, 2), "active"),
        ((2, 3, 2, 3, 2), "active"),
        ((4, 3, 2), "suspended"),
        ((2, 4, 3), "suspended"),
    ],
    ids=str,
)
async def test_stops_and_resumptions_twice_and_out_of_order_end_the_same(
    order: tuple[int, ...], expected: str, identity: Identity
) -> None:
    name = "f-" + "-".join(map(str, order))
    account_id = await worker(identity, name, f"loi.{name}")
    events = {2: stopped(name, 2), 3: resumed(name, 3), 4: stopped(name, 4)}
    await identity.hear(*(events[version] for version in order))
    assert await status(identity, account_id) == expected


async def test_each_suspension_is_told_once_although_the_event_comes_twice(
    identity: Identity,
) -> None:
    account_id = await worker(identity, "f-once", "loi.once")
    event = stopped("f-once", 2)
    await identity.hear(event, event, published("f-once", 1))
    rows = identity.db.collection("outbox").find(
        {"body.subject": account_id, "body.type": "identity.account_published.v1"}
    )
    statuses = [row["body"]["data"]["status"] async for row in rows.sort("_id", 1)]
    assert statuses == ["active", "suspended"]


async def test_a_stop_known_before_the_facility_itself_still_holds(identity: Identity) -> None:
    await identity.hear(stopped("f-early", 2), published("f-early", 1))
    async with await identity.api("tienyen.hethong") as api:
        order = {
            "username": "loi.early",
            "name": "Chu Văn Lợi",
            "tier": "facility",
            "kinds": ["operate"],
            "facility_id": "f-early",
        }
        answer = await api.post(f"{API}/accounts", json=order)
    assert (answer.status_code, answer.json()["code"]) == (409, "facility_is_stopped")


async def test_a_facility_that_moves_takes_its_accounts_to_its_new_commune(
    identity: Identity,
) -> None:
    account_id = await worker(identity, "f-move", "loi.move")
    moved = published("f-move", 3, commune="06970", commune_name="Xã Ba Chẽ")
    await identity.hear(moved, published("f-move", 2))
    async with await identity.api("bache.hethong") as api:
        assert (await api.get(f"{API}/accounts/{account_id}")).status_code == 200
    async with await identity.api("tienyen.hethong") as api:
        assert (await api.get(f"{API}/accounts/{account_id}")).status_code == 404
