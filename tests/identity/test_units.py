"""Units: a tree of data that system accounts edit in their own part."""

from typing import Any

import httpx2
import pytest

from services.identity.domain.units import (
    Reach,
    Unit,
    UnitReachTooWide,
    UnitTierMisplaced,
    UnitTierUnknown,
    found,
)
from services.identity.pages.units import SHOWN_UNFOLDED, runs_of
from services.identity.tiers import tiers
from shared.errors import Refusal
from tests.identity.running_identity import API, Identity
from tests.polling import eventually


def unit(tier: str, *, communes: tuple[str, ...] = ("*",), sector: str = "*") -> Unit:
    reach = Reach(communes, sector)
    return Unit("u", 1, "Đơn vị", tier, None, ("u",), reach)


@pytest.mark.parametrize(
    ("tier", "parent", "refusal"),
    [
        ("commune", unit("province"), None),
        ("unit", unit("department"), None),
        ("province", None, None),
        ("commune", unit("department"), UnitTierMisplaced),
        ("department", unit("commune"), UnitTierMisplaced),
        ("department", None, UnitTierMisplaced),
        ("district", unit("province"), UnitTierUnknown),
        ("facility", unit("commune"), UnitTierUnknown),
        ("kingdom", unit("province"), UnitTierUnknown),
    ],
    ids=str,
)
def test_tiers_stand_under_one_another_as_the_data_says(
    tier: str, parent: Unit | None, refusal: type[Refusal] | None
) -> None:
    reach = Reach(("06862",), "*")
    if refusal is None:
        made = found("v", name="Mới", tier=tier, parent=parent, reach=reach)
        assert made.path == (("u", "v") if parent else ("v",))
    else:
        with pytest.raises(refusal):
            found("v", name="Mới", tier=tier, parent=parent, reach=reach)


def test_many_units_of_one_tier_stand_folded_in_the_order_of_the_tree() -> None:
    few = [unit("province"), unit("department"), unit("unit"), unit("unit")]
    many = [unit("commune")] * (SHOWN_UNFOLDED + 1)
    assert runs_of(few) == [("", few)]
    assert runs_of([*few, *many, few[1]]) == [("", few), ("commune", many), ("", [few[1]])]
    assert [one for _, run in runs_of([*few, *many]) for one in run] == [*few, *many]


def test_the_district_tier_is_possible_and_off() -> None:
    assert not tiers()["district"].enabled
    assert not unit("district").works
    assert "district" in tiers()["commune"].under


@pytest.mark.parametrize(
    ("communes", "sector", "fits"),
    [
        (("06862",), "agriculture", True),
        ((), "agriculture", True),
        (("06970",), "agriculture", False),
        (("*",), "agriculture", False),
        (("06862",), "health", False),
        (("06862",), "*", False),
    ],
)
def test_a_unit_answers_for_no_more_than_the_unit_above(
    communes: tuple[str, ...], sector: str, fits: bool
) -> None:
    parent = unit("department", communes=("06862", "06865"), sector="agriculture")
    reach = Reach(communes, sector)
    if fits:
        found("v", name="Mới", tier="unit", parent=parent, reach=reach)
    else:
        with pytest.raises(UnitReachTooWide):
            found("v", name="Mới", tier="unit", parent=parent, reach=reach)


async def call(
    identity: Identity, who: str, method: str, path: str, **body: Any
) -> httpx2.Response:
    async with await identity.api(who) as api:
        return await api.request(method, f"{API}/units{path}", json=body or None)


NEW = {"name": "Trung tâm Khuyến nông", "tier": "unit", "communes": ["*"], "sector": "agriculture"}


async def test_one_sees_ones_own_part_of_the_tree(identity: Identity) -> None:
    listed = (await call(identity, "so.hethong", "GET", "")).json()["items"]
    assert [one["id"] for one in listed] == ["so-nnmt", "chi-cuc"]
    listed = (await call(identity, "tinh.hethong", "GET", "")).json()["items"]
    assert listed[0]["id"] == "tinh"
    assert len(listed) >= 6
    answer = await call(identity, "so.hethong", "GET", "/so-yt")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_department_founds_units_below_itself_and_nowhere_else(
    identity: Identity,
) -> None:
    made = await call(identity, "so.hethong", "POST", "", **NEW, parent_id="so-nnmt")
    assert made.status_code == 201, made.text
    assert made.json()["path"] == ["tinh", "so-nnmt", made.json()["id"]]
    other = await call(identity, "so.hethong", "POST", "", **NEW, parent_id="so-yt")
    assert (other.status_code, other.json()["code"]) == (404, "not_found")
    above = await call(identity, "so.hethong", "POST", "", **NEW, parent_id="tinh")
    assert (above.status_code, above.json()["code"]) == (404, "not_found")
    barred = await call(identity, "so.duyet", "POST", "", **NEW, parent_id="so-nnmt")
    assert (barred.status_code, barred.json()["code"]) == (403, "forbidden")


async def test_a_unit_is_not_edited_by_its_own_accounts_nor_from_an_old_version(
    identity: Identity,
) -> None:
    wish = {"version": 1, "name": "Sở NN&MT", "communes": ["*"], "sector": "agriculture"}
    own = await call(identity, "so.hethong", "PUT", "/so-nnmt", **wish)
    assert (own.status_code, own.json()["code"]) == (403, "managed_from_above")
    made = (await call(identity, "so.hethong", "POST", "", **NEW, parent_id="so-nnmt")).json()
    path = f"/{made['id']}"
    renamed = await call(identity, "so.hethong", "PUT", path, **{**wish, "name": "Tên mới"})
    assert (renamed.json()["name"], renamed.json()["version"]) == ("Tên mới", 2)
    late = await call(identity, "so.hethong", "PUT", path, **{**wish, "name": "Tên khác"})
    assert (late.status_code, late.json()["code"]) == (409, "edit_conflict")
    wide = await call(identity, "so.hethong", "PUT", path, **{**wish, "version": 2, "sector": "*"})
    assert (wide.status_code, wide.json()["code"]) == (422, "unit_reach_too_wide")


async def test_a_unit_cannot_be_narrower_than_the_units_below_it(identity: Identity) -> None:
    wish = {"version": 1, "name": "Sở Y tế", "communes": ["06862"], "sector": "health"}
    child = {**NEW, "sector": "health", "parent_id": "so-yt"}
    assert (await call(identity, "yte.hethong", "POST", "", **child)).status_code == 201
    answer = await call(identity, "tinh.hethong", "PUT", "/so-yt", **wish)
    assert (answer.status_code, answer.json()["code"]) == (409, "unit_reach_too_narrow")
    assert "Trung tâm Khuyến nông" in answer.json()["detail"]


async def test_an_accounts_new_reach_holds_from_its_next_step_on(identity: Identity) -> None:
    tokens = await identity.tokens("bache.hethong")
    wish = {"version": 1, "name": "Xã Ba Chẽ", "communes": ["06970", "06973"], "sector": "*"}
    assert (await call(identity, "tinh.hethong", "PUT", "/xa-ba-che", **wish)).status_code == 200

    async def old_token_is_void() -> bool:
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        async with identity.client() as client:
            return (await client.get(f"{API}/me", headers=headers)).status_code == 401

    await eventually(old_token_is_void, 15)
    async with identity.client() as client:
        given = {"refresh_token": tokens["refresh_token"]}
        renewed = (await client.post(f"{API}/tokens/refresh", json=given)).json()
        headers = {"Authorization": f"Bearer {renewed['access_token']}"}
        me = (await client.get(f"{API}/me", headers=headers)).json()
    assert me["communes"] == ["06970", "06973"]


async def test_accounts_of_a_closed_unit_are_out(identity: Identity) -> None:
    tokens = await identity.tokens("yte.hethong")
    wish = {"name": "Sở Y tế", "communes": ["*"], "sector": "health"}
    version = (await call(identity, "tinh.hethong", "GET", "/so-yt")).json()["version"]
    closed = await call(
        identity, "tinh.hethong", "PUT", "/so-yt", **wish, version=version, active=False
    )
    assert closed.json()["active"] is False
    async with identity.client() as client:
        given = {"refresh_token": tokens["refresh_token"]}
        answer = await client.post(f"{API}/tokens/refresh", json=given)
        assert (answer.status_code, answer.json()["code"]) == (403, "account_not_active")
    again = await call(
        identity, "tinh.hethong", "PUT", "/so-yt", **wish, version=version + 1, active=True
    )
    assert again.json()["active"] is True


async def test_a_unit_founded_twice_with_one_key_is_one(identity: Identity) -> None:
    async with await identity.api("so.hethong") as api:
        body = {**NEW, "name": "Trạm Kiểm dịch", "parent_id": "so-nnmt"}
        headers = {"Idempotency-Key": "key-of-the-unit"}
        answers = [await api.post(f"{API}/units", json=body, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert await identity.db.collection("units").count_documents({"name": "Trạm Kiểm dịch"}) == 1
