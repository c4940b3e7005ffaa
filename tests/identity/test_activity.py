"""Issued accounts are watched: never signed in, idle, exported, suspended from the list (R3)."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.tables import safe_cell
from shared.ids import now
from tests.answers import token_in
from tests.identity.running_identity import Identity

PAGE = "/console/identity/activity"
HISTORY = "/console/identity/accesses"


@given(st.text())
def test_no_cell_of_a_file_begins_a_formula(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell.removeprefix("'") == text.removeprefix("'")


async def be(identity: Identity, username: str, **facts: Any) -> str:
    """Gives an account an age; its id."""
    accounts = identity.db.collection("accounts")
    await accounts.update_one({"username": username}, {"$set": facts})
    found = await accounts.find_one({"username": username})
    assert found is not None
    return str(found["_id"])


@pytest.fixture
async def quiet(identity: Identity) -> dict[str, str]:
    """One never used, one idle for 100 days, one issued and not used since yesterday."""
    day = now() - timedelta(days=1)
    old = now() - timedelta(days=100)
    return {
        "never": await be(identity, "tienyen.kiemtra", issued_at=old, last_sign_in_at=None),
        "idle": await be(
            identity, "bache.hethong", issued_at=old, last_sign_in_at=old, last_seen_at=old
        ),
        "new": await be(identity, "so.duyet", issued_at=day, last_sign_in_at=None),
    }


async def test_the_list_holds_who_neglects_an_account_and_not_who_just_got_it(
    identity: Identity, quiet: dict[str, str]
) -> None:
    async with identity.browser("tinh.hethong") as browser:
        page = (await browser.get(PAGE)).text
        assert quiet["never"] in page
        assert quiet["idle"] in page
        assert quiet["new"] not in page
        longer = (await browser.get(f"{PAGE}?days=200")).text
        assert quiet["idle"] not in longer
        one = (await browser.get(f"{PAGE}?unit=xa-ba-che&days=90")).text
        assert (quiet["idle"] in one, quiet["never"] in one) == (True, False)
        odd = await browser.get(f"{PAGE}?days=-1&tier=$ne&unit=x&only=y&page=z")
        assert odd.status_code == 200
        file = await browser.get(f"{PAGE}/accounts.csv?days=90")
        assert file.headers["content-type"].startswith("text/csv")
        assert "bache.hethong" in file.text
        assert "so.duyet" not in file.text


async def test_who_manages_another_area_sees_none_of_it(
    identity: Identity, quiet: dict[str, str]
) -> None:
    async with identity.browser("tienyen.hethong") as browser:
        page = (await browser.get(PAGE)).text
        assert (quiet["never"] in page, quiet["idle"] in page) == (True, False)
        assert "bache.hethong" not in (await browser.get(f"{PAGE}/accounts.csv")).text
        history = (await browser.get(HISTORY)).text
        assert "Bùi Đức Cảnh" not in history
    async with identity.browser("so.duyet") as browser:
        assert (await browser.get(PAGE)).status_code == 403
        assert (await browser.get(f"{PAGE}/accounts.csv")).status_code == 403


async def test_chosen_accounts_are_suspended_with_one_reason_and_others_are_told(
    identity: Identity, quiet: dict[str, str]
) -> None:
    async with identity.browser("tienyen.hethong") as browser:
        csrf = token_in((await browser.get(PAGE)).text)
        # Ba Chẽ's account does not exist for Tiên Yên: it stays as it is.
        form = {"accounts": [quiet["never"], quiet["idle"]], "csrf": csrf}
        refused = await browser.post(PAGE, data={**form, "reason": ""})
        assert refused.status_code == 422
        assert f'value="{quiet["never"]}" aria-label' in refused.text
        done = await browser.post(PAGE, data={**form, "reason": "Không dùng quá hạn"})
        assert done.status_code == 303
    accounts = identity.db.collection("accounts")
    states = {one["_id"]: one["status"] async for one in accounts.find({})}
    assert (states[quiet["never"]], states[quiet["idle"]]) == ("suspended", "active")


async def test_histories_are_narrowed_by_what_when_and_from_where(identity: Identity) -> None:
    async with identity.browser("tienyen.hethong") as browser:
        mine = "/account/accesses"
        assert "Đăng nhập" in (await browser.get(f"{mine}?did=sign_in&outcome=accepted")).text
        empty = "Chưa có lần truy cập nào."
        assert empty in (await browser.get(f"{mine}?did=revoked")).text
        assert empty in (await browser.get(f"{mine}?outcome=refused&did=sign_out")).text
        assert empty in (await browser.get(f"{mine}?until=2020-01-01")).text
        assert empty not in (await browser.get(f"{mine}?since=2020-01-01")).text
        assert empty not in (await browser.get(f"{mine}?place=203.0.113")).text
        assert empty in (await browser.get(f"{mine}?place=198.51")).text
        assert (await browser.get(f"{mine}?since=x&did=$ne&page=-1")).status_code == 200
        scope = (await browser.get(f"{HISTORY}?q=Lê Văn Tám&did=sign_in")).text
        assert "Lê Văn Tám" in scope
        assert empty in (await browser.get(f"{HISTORY}?q=không ai")).text
