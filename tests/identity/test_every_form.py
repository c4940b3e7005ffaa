"""No form of identity loses what was typed, whoever sends it and however."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Final

import httpx2
import pytest

from tests.every_form import complaints
from tests.form_pages import Walk, posted_to, walked
from tests.identity.running_identity import API, Identity, send_form
from tests.identity.test_applications import decide, find, hand_in
from tests.identity.test_permissions import within_reach

__all__ = ["within_reach"]
pytestmark = pytest.mark.timeout(900)

# Forms on the way through a sign-in or a proof, and buttons that come once something was decided.
ON_THE_WAY: Final = {
    "/sign-in/second-factor",
    "/session/refresh",
    "/account/second-factor/new",
    "/account/proof",
    "/apply/{code}/papers/{paper_id}/take-back",
    "/apply/{code}/setup-code",
}

# Nobody in particular, and two who take an account over: one waits, one is confirmed.
VISITORS: Final = ("anybody", "waiting", "confirmed")


@pytest.fixture(scope="module")
async def browsers(identity: Identity) -> AsyncIterator[dict[str, httpx2.AsyncClient]]:
    async with AsyncExitStack() as opened:
        yield {
            name: await opened.enter_async_context(
                identity.browser(name) if "." in name else identity.client()
            )
            for name in ("tinh.hethong", "so.hethong", "tienyen.hethong", *VISITORS)
        }


@pytest.fixture(scope="module")
async def walk(
    identity: Identity, within_reach: dict[str, str], browsers: dict[str, httpx2.AsyncClient]
) -> Walk:
    codes, ids = [], []
    for name, wish in (("Đang chờ", "new"), ("Được hỏi thêm", "new"), ("Xin cấp lại", "reissue")):
        more = {"facility_code": "VN-22-000123"} if wish == "reissue" else {}
        handed = await hand_in(identity, facility_name=name, tax_number="", wish=wish, **more)
        assert handed.status_code == 201, handed.text
        codes.append(handed.json()["tracking_code"])
        ids.append((await find(identity, name))["_id"])
    asked = await decide(identity, "so.hethong", ids[1], "ask", what="Thiếu giấy phép")
    assert asked.status_code < 300, asked.text
    gone = {"name": "Người đã nghỉ", "tier": "facility", "kinds": ["operate"]}
    gone |= {"username": "da.nghi", "facility_id": "f1"}
    async with await identity.api("tienyen.hethong") as api:
        issued = (await api.post(f"{API}/accounts", json=gone)).json()
        revoked = await api.post(f"{API}/accounts/{issued['id']}/revoke", json={"reason": "Nghỉ"})
        assert revoked.status_code < 300, revoked.text
    await _claims(identity, browsers)
    await identity.forget_failures()
    console = "/console/identity"
    seeds = [
        *("/sign-in", "/sign-in/set-password", "/sign-in/claim", "/apply", "/apply/track"),
        *(f"/apply/{code}" for code in codes),
        *("/account", "/account/second-factor", console),
        f"{console}/accounts/{issued['id']}/person",
        *(f"{console}/units/{unit}" for unit in ("xa-tien-yen", "chi-cuc")),
        *(f"{console}/{part}" for part in ("accounts", "units", "clients/new", "activity")),
        *(f"{console}/applications/{one}?q=Phong" for one in ids),
        f"{console}/clients/client-matrix",
        f"{console}/accounts/{within_reach['chicuc.hethong']}",
        f"{console}/accounts/{within_reach['chicuc.hethong']}/second-factor",
        f"{console}/accounts/{within_reach['loi.matrix']}",
        f"{console}/accounts/{within_reach['loi.matrix']}/handing",
    ]
    return await walked(identity.app, browsers, seeds)


async def _claims(identity: Identity, browsers: dict[str, httpx2.AsyncClient]) -> None:
    """Two people ask for their accounts at their own devices; one is known to the officer."""
    for name in VISITORS[1:]:
        order = {
            "username": f"nhan.{name}",
            "name": "Vũ Thị Hạnh",
            "tier": "facility",
            "kinds": ["operate"],
            "facility_id": "f1",
        }
        async with await identity.api("tienyen.hethong") as api:
            issued = (await api.post(f"{API}/accounts", json=order)).json()
            browser = browsers[name]
            asked = await send_form(browser, "/sign-in/claim", {"username": order["username"]})
            assert asked.status_code == 303, asked.text
            if name == "confirmed":
                page = (await browser.get("/sign-in/claim")).text
                word = re.search(r">\s*([0-9A-Z]{4}-[0-9A-Z]{4})\s*<", page)
                assert word, page
                given = {"word": word.group(1), "seen": "in_person"}
                done = await api.post(f"{API}/accounts/{issued['id']}/claim", json=given)
                assert done.status_code == 200, done.text


async def test_every_form_comes_back_with_what_was_typed_and_what_is_wrong(
    identity: Identity, browsers: dict[str, httpx2.AsyncClient], walk: Walk
) -> None:
    async with identity.client() as stranger:
        wrong = await complaints(walk, browsers, stranger, identity.settings.public_origin)
    assert not wrong, "\n" + "\n".join(wrong)


def test_no_form_was_left_out(identity: Identity, walk: Walk) -> None:
    left = posted_to(identity.app) - {kind[0] for kind in walk}
    assert sorted(left) == sorted(ON_THE_WAY)
