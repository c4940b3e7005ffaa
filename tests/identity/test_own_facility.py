"""A facility's own system account manages the accounts of its facility, and only those (R4)."""

from dataclasses import replace
from typing import Any

import pytest

from services.identity.domain.accounts import (
    AccountNotSuspended,
    Facility,
    FacilityIsStopped,
    HeldFromAbove,
    Hold,
)
from services.identity.domain.issuing import Person, issue_to_facility
from services.identity.domain.units import Reach, found
from shared.ids import now
from tests.identity.running_identity import API, PASSWORD, Identity
from tests.identity.test_accounts import (
    BECAUSE,
    FACILITY,
    get,
    issued,
    known_facility,
    post,
    refused,
    with_password,
)

WORKER = {**FACILITY, "name": "Đinh Thị Lan", "kinds": ["produce"]}


async def owner_and_worker(identity: Identity, facility: str) -> tuple[str, str]:
    """Ids of a facility's system account, which has a password, and of one beside it."""
    await known_facility(identity, facility)
    owner = {**FACILITY, "username": f"chu.{facility}", "facility_id": facility}
    worker = {**WORKER, "username": f"tho.{facility}", "facility_id": facility}
    one = await issued(identity, "tienyen.hethong", **owner)
    two = await issued(identity, "tienyen.hethong", **worker)
    await with_password(identity, f"chu.{facility}", one["setup_code"])
    await with_password(identity, f"tho.{facility}", two["setup_code"])
    return one["id"], two["id"]


async def state(identity: Identity, account_id: str) -> tuple[str, list[str]]:
    row = await identity.db.collection("accounts").find_one({"_id": account_id})
    assert row is not None
    return row["status"], row["holds"]


async def test_the_owner_suspends_a_worker_and_lets_them_in_again(identity: Identity) -> None:
    _, worker = await owner_and_worker(identity, "f-r4")
    path = f"/accounts/{worker}"
    answer = await post(identity, "chu.f-r4", f"{path}/suspend", **BECAUSE)
    assert answer.status_code == 200, answer.text
    assert await state(identity, worker) == ("suspended", ["own_facility"])
    async with identity.client() as client:
        given = {"username": "tho.f-r4", "password": PASSWORD}
        answer = await client.post(f"{API}/tokens", json=given)
        assert refused(answer) == (403, "account_not_active")
    await identity.forget_failures()
    history = (await get(identity, "chu.f-r4", f"{path}/accesses")).json()["items"]
    assert "suspended" in [entry["what"] for entry in history]
    assert (await post(identity, "chu.f-r4", f"{path}/activate", **BECAUSE)).status_code == 200
    assert await state(identity, worker) == ("active", [])
    assert (await identity.tokens("tho.f-r4"))["access_token"]


async def test_what_the_authority_suspended_the_facility_cannot_lift(identity: Identity) -> None:
    _, worker = await owner_and_worker(identity, "f-r4-above")
    path = f"/accounts/{worker}"
    await post(identity, "tienyen.hethong", f"{path}/suspend", **BECAUSE)
    answer = await post(identity, "chu.f-r4-above", f"{path}/activate", **BECAUSE)
    assert refused(answer) == (403, "held_from_above")
    await post(identity, "chu.f-r4-above", f"{path}/suspend", **BECAUSE)
    await post(identity, "chu.f-r4-above", f"{path}/activate", **BECAUSE)
    assert await state(identity, worker) == ("suspended", ["officer"])
    await post(identity, "chu.f-r4-above", f"{path}/suspend", **BECAUSE)
    await post(identity, "tienyen.hethong", f"{path}/activate", **BECAUSE)
    assert await state(identity, worker) == ("active", [])


async def test_the_owner_may_neither_revoke_nor_issue_nor_touch_themselves(
    identity: Identity,
) -> None:
    owner, worker = await owner_and_worker(identity, "f-r4-not")
    forbidden = (403, "forbidden")
    for act in ("revoke", "setup-codes"):
        answer = await post(identity, "chu.f-r4-not", f"/accounts/{worker}/{act}", **BECAUSE)
        assert refused(answer) == forbidden, act
    answer = await post(identity, "chu.f-r4-not", f"/accounts/{owner}/suspend", **BECAUSE)
    assert refused(answer) == (403, "own_account")
    assert refused(
        await post(identity, "tho.f-r4-not", f"/accounts/{owner}/suspend", **BECAUSE)
    ) == (403, "forbidden")
    second = {**FACILITY, "username": "chu2.f-r4-not", "facility_id": "f-r4-not"}
    beside = await issued(identity, "tienyen.hethong", **second)
    answer = await post(identity, "chu.f-r4-not", f"/accounts/{beside['id']}/suspend", **BECAUSE)
    assert refused(answer) == (403, "managed_from_above")


async def test_accounts_of_another_facility_do_not_exist_for_the_owner(identity: Identity) -> None:
    await owner_and_worker(identity, "f-r4-mine")
    _, other = await owner_and_worker(identity, "f-r4-theirs")
    for act in ("suspend", "activate", "revoke", "setup-codes"):
        answer = await post(identity, "chu.f-r4-mine", f"/accounts/{other}/{act}", **BECAUSE)
        assert refused(answer) == (404, "not_found"), act
    assert await state(identity, other) == ("active", [])


async def test_the_owners_page_offers_what_they_may_do_and_nothing_else(
    identity: Identity,
) -> None:
    owner, worker = await owner_and_worker(identity, "f-r4-page")
    path = "/console/identity/accounts"
    async with identity.browser("chu.f-r4-page") as browser:
        page = await browser.get(f"{path}/{worker}")
        assert page.status_code == 200
        assert f"{path}/{worker}/suspend" in page.text
        for act in ("revoke", "setup-code", "activate"):
            assert f"{path}/{worker}/{act}" not in page.text, act
        own = await browser.get(f"{path}/{owner}")
        assert f"{path}/{owner}/suspend" not in own.text


@pytest.mark.parametrize(
    ("holds", "refusal"),
    [
        (frozenset(), AccountNotSuspended),
        (frozenset({Hold.OFFICER}), HeldFromAbove),
        (frozenset({Hold.FACILITY_STOPPED, Hold.OFFICER}), FacilityIsStopped),
    ],
)
def test_a_hold_that_is_not_ones_own_stays(holds: frozenset[Hold], refusal: type[Any]) -> None:
    person = Person("tho", "Đinh Thị Lan", "", frozenset({"produce"}), None)
    unit = found("tinh", name="Tỉnh", tier="province", parent=None, reach=Reach(("*",), "*"))
    facility = Facility("f1", "Cơ sở", "06862", "agriculture")
    issued_one = issue_to_facility("a1", person, "facility", unit, facility, "tinh", now())
    held = replace(issued_one, holds=holds)
    with pytest.raises(refusal):
        held.lift(frozenset({Hold.OWN_FACILITY}), now())


def test_a_facility_s_account_tells_where_its_facility_lies() -> None:
    """Whoever decides scope elsewhere knows it before the facility is published (ADR 17)."""
    person = Person("tho", "Đinh Thị Lan", "", frozenset({"produce"}), None)
    unit = found("tinh", name="Tỉnh", tier="province", parent=None, reach=Reach(("*",), "*"))
    facility = Facility("f1", "Cơ sở", "06862", "agriculture")
    told = issue_to_facility("a1", person, "facility", unit, facility, "tinh", now()).published(
        now()
    )
    assert (told.facility_id, told.commune, told.sector) == ("f1", "06862", "agriculture")
