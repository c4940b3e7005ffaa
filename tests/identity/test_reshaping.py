"""Units are moved and merged as reforms ask, their accounts follow, nothing before is lost (R1)."""

from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.domain.clients import Client
from services.identity.domain.reshaping import (
    UnitIsMerged,
    UnitRootStays,
    UnitsDiffer,
    UnitUnderItself,
    absorb,
    close,
    move,
    union,
)
from services.identity.domain.units import Reach, Unit, UnitReachTooWide, UnitTierMisplaced
from services.identity.store import clients
from shared.ids import now
from shared.mongo import transact
from tests.answers import token_in
from tests.identity.running_identity import API, Identity
from tests.polling import eventually

PAGES = "/console/identity/units"
CODES = st.lists(st.sampled_from(["06862", "06865", "06970", "06973"]), unique=True).map(tuple)
SECTORS = st.sampled_from(["agriculture", "health", "*"])
REACHES = st.builds(Reach, CODES, SECTORS)


def unit(name: str, tier: str, *above: str, codes: tuple[str, ...] = ("*",)) -> Unit:
    parent = above[-1] if above else None
    return Unit(name, 1, f"Đơn vị {name}", tier, parent, (*above, name), Reach(codes, "*"))


@given(REACHES, REACHES)
def test_a_merged_unit_answers_for_all_that_its_parts_did(one: Reach, other: Reach) -> None:
    both = union(one, other)
    assert both.covers(one)
    assert both.covers(other)
    assert union(other, one) == both


def test_a_unit_cannot_stand_under_itself_nor_where_its_tier_does_not_belong() -> None:
    office = unit("office", "unit", "p", "d")
    with pytest.raises(UnitUnderItself):
        move(unit("d", "department", "p"), unit("d2", "unit", "p", "d"), now())
    with pytest.raises(UnitTierMisplaced):
        move(office, unit("c", "commune", "p"), now())
    with pytest.raises(UnitReachTooWide):
        move(office, unit("d3", "department", "p", codes=("06862",)), now())
    with pytest.raises(UnitRootStays):
        move(unit("p", "province"), unit("m", "ministry"), now())


def test_a_move_keeps_the_old_place_and_takes_everything_below_along() -> None:
    moved = move(unit("office", "unit", "p", "d"), unit("e", "department", "p"), now())
    assert moved.unit.path == ("p", "e", "office")
    assert [past.parent_id for past in moved.unit.history] == ["d"]
    below = unit("x", "unit", "p", "d", "office")
    assert moved.follow(below).path == ("p", "e", "office", "x")


def test_a_merged_unit_stays_as_it_was_and_is_never_changed_again() -> None:
    one, other = unit("a", "commune", "p"), unit("b", "commune", "p")
    merged = absorb(one, (other,), "Xã mới", now())
    closed = close(other, merged, now())
    assert (merged.name, merged.former_names) == ("Xã mới", ("Đơn vị b",))
    assert (closed.successor_id, closed.active) == ("a", False)
    with pytest.raises(UnitIsMerged):
        absorb(merged, (closed,), "", now())
    with pytest.raises(UnitsDiffer):
        absorb(one, (unit("d", "department", "p"),), "", now())


async def post(identity: Identity, who: str, path: str, **body: Any) -> httpx2.Response:
    async with await identity.api(who) as api:
        return await api.post(f"{API}/units{path}", json={"reason": "NQ 1679/NQ-UBTVQH15", **body})


async def make(identity: Identity, name: str, tier: str, parent: str, *codes: str) -> str:
    """A unit founded through the API; its id."""
    who = "tinh.hethong"
    given = {"name": name, "tier": tier, "parent_id": parent, "communes": list(codes) or ["*"]}
    if tier in ("department", "unit"):
        given["sector"] = "agriculture"
    async with await identity.api(who) as api:
        answer = await api.post(f"{API}/units", json=given)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def account_of(identity: Identity, username: str) -> dict[str, Any]:
    account = await identity.db.collection("accounts").find_one({"username": username})
    assert account is not None
    return account


async def official(identity: Identity, unit_id: str, username: str) -> None:
    order = {
        "username": username,
        "name": "Ngô Thị Hạnh",
        "tier": "commune",
        "kinds": ["system"],
        "unit_id": unit_id,
        "assignment": {"number": "15/QĐ-UBND", "date": "2026-01-05"},
    }
    async with await identity.api("tinh.hethong") as api:
        answer = await api.post(f"{API}/accounts", json=order)
    assert answer.status_code == 201, answer.text


async def test_merged_communes_hand_accounts_area_and_names_on(identity: Identity) -> None:
    east = await make(identity, "Xã Đông Ngũ", "commune", "tinh", "06865")
    west = await make(identity, "Xã Đại Dực", "commune", "tinh", "06868")
    await official(identity, west, "daiduc.hethong")
    given = {"version": 1, "merged": [west], "name": "Xã Đông Ngũ mới"}
    stranger = await post(identity, "so.hethong", f"/{east}/merge", **given)
    assert (stranger.status_code, stranger.json()["code"]) == (404, "not_found")
    old = await post(identity, "tinh.hethong", f"/{east}/merge", **{**given, "version": 9})
    assert (old.status_code, old.json()["code"]) == (409, "edit_conflict")
    answer = await post(identity, "tinh.hethong", f"/{east}/merge", **given)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["communes"] == ["06865", "06868"]
    assert told["former_names"] == ["Xã Đại Dực"]
    moved = await account_of(identity, "daiduc.hethong")
    assert (moved["unit_id"], moved["unit_path"]) == (east, ["tinh", east])
    kept = await identity.db.collection("units").find_one({"_id": west})
    assert kept is not None
    assert (kept["successor_id"], kept["active"]) == (east, False)
    again = await post(identity, "tinh.hethong", f"/{east}/merge", **{**given, "version": 2})
    assert (again.status_code, again.json()["code"]) == (409, "unit_is_merged")
    async with identity.client() as applicant:
        form = (await applicant.get("/apply")).text
    assert '<option value="06865">Xã Đông Ngũ mới' in form
    assert 'value="06868"' not in form, "there is no such commune to choose any more"
    rows = [row async for row in identity.db.collection("outbox").find({})]
    facts = " ".join(str(row) for row in rows if west in str(row))
    assert "identity.unit_published.v1" in facts
    assert "successor_id" in facts
    await nobody_loses_sight_of_what_was(identity, east)


async def nobody_loses_sight_of_what_was(identity: Identity, east: str) -> None:
    """Older records carry the merged commune's code: somebody always answers for it."""
    narrowed = {
        "version": 2, "name": "UBND xã Đông Ngũ mới", "communes": ["06865"],
        "sector": "*", "active": True,
    }  # fmt: skip
    async with await identity.api("tinh.hethong") as api:
        answer = await api.put(f"{API}/units/{east}", json=narrowed)
        assert (answer.status_code, answer.json()["code"]) == (409, "unit_reach_taken_over")
        assert "06868" in answer.json()["detail"]
        await make(identity, "Xã Đại Dực", "commune", "tinh", "06868")
        answer = await api.put(f"{API}/units/{east}", json=narrowed)
        assert answer.status_code == 200, answer.text
        back = {**narrowed, "version": 3, "communes": ["06865", "06868"]}
        assert (await api.put(f"{API}/units/{east}", json=back)).status_code == 200


async def test_programs_follow_the_unit_they_read_for(identity: Identity) -> None:
    east = await make(identity, "Sở Đông", "department", "tinh")
    west = await make(identity, "Sở Tây", "department", "tinh")
    path = ["tinh", west]
    client = Client("c-west", 1, "Cổng", "0203", west, tuple(path), ("unit.read",), (), now(), "a")
    await transact(identity.db, lambda tx: clients.insert(tx, client))
    answer = await post(identity, "tinh.hethong", f"/{east}/merge", version=1, merged=[west])
    assert answer.status_code == 200, answer.text
    kept = await identity.db.collection("clients").find_one({"_id": "c-west"})
    assert kept is not None
    assert (kept["unit_id"], kept["unit_path"]) == (east, ["tinh", east])
    void = {"body.type": "identity.access_revoked.v1", "body.subject": "c-west"}
    assert await identity.db.collection("outbox").count_documents(void) >= 1


async def test_a_department_moved_takes_its_units_and_their_accounts_along(
    identity: Identity,
) -> None:
    first = await make(identity, "Sở Thủy sản", "department", "tinh")
    second = await make(identity, "Sở Nông nghiệp mới", "department", "tinh")
    office = await make(identity, "Chi cục Thủy sản", "unit", first)
    answer = await post(identity, "tinh.hethong", f"/{office}/move", version=1, parent_id=second)
    assert answer.status_code == 200, answer.text
    assert answer.json()["path"] == ["tinh", second, office]
    same = await post(identity, "tinh.hethong", f"/{office}/move", version=2, parent_id=second)
    assert (same.status_code, same.json()["code"]) == (409, "unit_already_there")
    kept = await identity.db.collection("units").find_one({"_id": office})
    assert kept is not None
    assert kept["history"][0]["parent_id"] == first
    # A department reshapes below itself; what lies elsewhere does not exist for it.
    beyond = await post(identity, "so.hethong", "/chi-cuc/move", version=1, parent_id=second)
    assert (beyond.status_code, beyond.json()["code"]) == (404, "not_found")
    own = await post(identity, "so.hethong", "/so-nnmt/move", version=1, parent_id="tinh")
    assert own.status_code in (403, 404)
    barred = await post(identity, "so.duyet", "/chi-cuc/move", version=1, parent_id="so-nnmt")
    assert (barred.status_code, barred.json()["code"]) == (403, "forbidden")


async def test_whose_unit_moved_is_asked_to_renew_and_then_has_the_new_area(
    identity: Identity,
) -> None:
    token = (await identity.tokens("bache.hethong"))["access_token"]
    ward = await make(identity, "Xã Lương Minh", "commune", "tinh", "06973")
    version = (await identity.db.collection("units").find_one({"_id": "xa-ba-che"}) or {})[
        "version"
    ]
    answer = await post(
        identity, "tinh.hethong", "/xa-ba-che/merge", version=version, merged=[ward]
    )
    assert answer.status_code == 200, answer.text

    async def old_token_is_void() -> bool:
        async with identity.client(headers={"Authorization": f"Bearer {token}"}) as client:
            return (await client.get(f"{API}/me")).status_code == 401

    await eventually(old_token_is_void, 30)
    async with await identity.api("bache.hethong") as api:
        assert "06973" in (await api.get(f"{API}/me")).json()["communes"]


async def test_the_pages_reshape_without_javascript_and_show_what_was(identity: Identity) -> None:
    ward = await make(identity, "Xã Hải Lạng", "commune", "tinh", "06871")
    other = await make(identity, "Xã Đông Hải", "commune", "tinh", "06874")
    async with identity.browser("tinh.hethong") as browser:
        page = await browser.get(f"{PAGES}/{ward}")
        form = {"version": "1", "merged": [other], "csrf": token_in(page.text)}
        refused = await browser.post(f"{PAGES}/{ward}/merge", data={**form, "reason": ""})
        assert refused.status_code == 422
        sent = {**form, "reason": "NQ 1679", "name": "Xã Hải Lạng mới"}
        assert (await browser.post(f"{PAGES}/{ward}/merge", data=sent)).status_code == 303
        told = (await browser.get(f"{PAGES}/{ward}")).text
        assert "Xã Đông Hải" in told
        assert "Xã Hải Lạng" in told
        assert "Xã Hải Lạng mới" in (await browser.get(f"{PAGES}/{other}")).text
        # The area as it stands now is told in the history of what comes next: by both names.
        edited = {"version": "2", "name": "Xã Hải Đông", "communes": "06871, 06874", "sector": "*"}
        again = {**edited, "active": "on", "csrf": form["csrf"]}
        assert (await browser.post(f"{PAGES}/{ward}", data=again)).status_code == 303
        assert "Xã Hải Đông, Xã Đông Hải" in (await browser.get(f"{PAGES}/{ward}")).text
        assert other not in (await browser.get(PAGES)).text
        assert other in (await browser.get(f"{PAGES}?merged=yes")).text
