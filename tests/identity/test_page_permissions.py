"""Every role at every page and every form of a page: no untested cell, none that is not listed."""

import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from services.identity.tiers import tiers
from shared.ids import new_id
from shared.web.csrf import session_token
from shared.web.routes import PROBES, all_routes, is_api
from tests.identity.page_table import ACTS, CONSOLE, OPEN, PAGES, SELF, Page
from tests.identity.running_identity import API, DOCUMENT, Identity
from tests.identity.test_permissions import (
    OTHERS,
    ROLES,
    WITHIN_REACH,
    named,
    principal,
    within_reach,
)
from tests.tokens import mint

__all__ = ["within_reach"]

# What is asked for may be another's by now, or not as things stand; but it was let in.
LET_IN = {200, 201, 303, 307, 409, 422}
ELSE = {**OTHERS, "carried_id": "none", "code": "0000-0000-0000-0000"}


def served(identity: Identity) -> set[str]:
    """Every page of the running service, of whatever router; programs' addresses are not pages."""
    found = set()
    for route in all_routes(identity.app):
        path = getattr(route, "path_format", "") or getattr(route, "path", "")
        if is_api(path) or path in PROBES or not getattr(route, "methods", None):
            continue
        found |= {f"{method} {path}" for method in route.methods - {"HEAD"}}
    return found


def cells() -> Iterator[Any]:
    """Each page once as it is meant, each form once more with nothing in it."""
    for address, page in sorted(PAGES.items()):
        acts = ACTS if "{act}" in address else {"": page.action}
        for act, action in acts.items():
            full = Page(action, page.form, page.seen_with)
            yield pytest.param(address, act, full, id=f"{address} {act}")
            if address.startswith("POST") and page.form:
                empty = Page(action, {}, page.seen_with)
                yield pytest.param(address, act, empty, id=f"{address} {act} empty")


def test_every_page_is_in_the_table(identity: Identity) -> None:
    known, there = set(PAGES) | OPEN, served(identity)
    assert there - known == set(), "say in tests/identity/page_table.py who may use these"
    assert known - there == set()


def test_what_needs_no_account_lies_at_the_door() -> None:
    """The open addresses do not grow unseen into the console or into anybody's own account."""
    paths = [address.split(" ")[1] for address in OPEN]
    assert all(path.startswith(("/sign-in", "/session/refresh", "/apply")) for path in paths)


@pytest.fixture(scope="module")
async def plain(identity: Identity, within_reach: dict[str, str]) -> dict[str, str]:
    """The accounts within reach, and one of the unit that everybody above manages."""
    async with await identity.api("chicuc.hethong") as api:
        order = {
            "username": "chicuc.matran",
            "name": "Vũ Thị Mận",
            "tier": "unit",
            "kinds": ["report"],
            "assignment": DOCUMENT,
        }
        answer = await api.post(f"{API}/accounts", json=order)
        assert answer.status_code == 201, answer.text
    return {**within_reach, "chicuc.hethong": answer.json()["id"]}


def cookie_of(identity: Identity, tier: str, kind: str, account: str, session: str) -> str:
    facility = tiers()[tier].facility
    return mint(
        identity.settings.secrets_dir,
        account=account,
        session=session,
        tier=tier,
        kinds=[kind],
        unit=WITHIN_REACH[tier][0],
        facility="f1" if facility else None,
        communes=[] if facility else ["*"],
        sector="agriculture",
    )


async def send(
    identity: Identity,
    address: str,
    act: str,
    page: Page,
    tier: str,
    kind: str,
    ids: dict[str, str],
) -> httpx2.Response:
    """The page asked for, or its form sent, by an account of this role."""
    method, _, template = address.partition(" ")
    _, unit, username = WITHIN_REACH[tier]
    told = {**ELSE, "unit_id": unit, "account_id": ids[username], "act": act}
    # Their own pages need an account that there is; to manage, one that is not one's own.
    own = ids[username] if page.action == SELF else new_id()
    session = new_id()
    cookie = cookie_of(identity, tier, kind, own, session)
    async with identity.client(headers={"Cookie": f"txng_access={cookie}"}) as browser:
        if method == "GET":
            return await browser.get(template.format(**told))
        form = {name: str(value).format(**told) for name, value in page.form.items()}
        signed = principal(tier, kind, session_id=session)
        csrf = session_token(identity.app.state.web.keys.csrf, signed)
        return await browser.post(template.format(**told), data={**form, "csrf": csrf})


@pytest.mark.parametrize(("address", "act", "page"), list(cells()))
async def test_every_role_at_every_page(
    address: str, act: str, page: Page, identity: Identity, plain: dict[str, str]
) -> None:
    for tier, kind in ROLES:
        await identity.forget_failures()
        answer = await send(identity, address, act, page, tier, kind, plain)
        check(answer, address, page, tier, kind)


def check(answer: httpx2.Response, address: str, page: Page, tier: str, kind: str) -> None:
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))[-400:]
    told = f"{tier}:{kind} {answer.status_code} {answer.headers.get('location')} {said}"
    facility, action = tiers()[tier].facility, page.action
    away = answer.headers.get("location", "").startswith(("/session", "/sign-in"))
    assert not away, told
    if action == SELF:
        gone = {404} if re.search(r"\{(paper|session|carried)_id\}", address) else set()
        # A wrong password or a proof that is missing is told as such, never as forbidden.
        assert answer.status_code in LET_IN | gone | {401, 429}, told
    elif named(action, tier, kind):
        gone = {404} if "{paper_id}" in address or action == "application.decide" else set()
        assert answer.status_code in LET_IN | gone, told
    else:
        # What officials alone may touch does not even exist for a facility. A form with nothing in
        # it comes back to whoever may read the page it stands on, with its errors.
        reads = page.seen_with and not page.form and named(page.seen_with, tier, kind)
        barred = {403, 404} if facility else {403}
        assert answer.status_code in barred | ({422} if reads else set()), told


@pytest.mark.parametrize("address", sorted(PAGES))
async def test_without_a_session_every_page_sends_away(address: str, identity: Identity) -> None:
    method, _, template = address.partition(" ")
    path = template.format(**{**ELSE, "unit_id": "tinh", "account_id": "a", "act": "suspend"})
    async with identity.client() as browser:
        answer = await browser.request(method, path)
    assert answer.status_code == 307, answer.text
    assert answer.headers["location"].startswith("/session/refresh")


@pytest.mark.parametrize("address", sorted(one for one in {*PAGES, *OPEN} if one[0] == "P"))
async def test_no_form_is_taken_without_its_token(
    address: str, identity: Identity, plain: dict[str, str]
) -> None:
    """Whoever it is: the province's own system account here, with another site's form."""
    path = address.partition(" ")[2]
    ids = {"unit_id": "tinh", "account_id": plain["chicuc.hethong"], "act": "suspend"}
    cookie = cookie_of(identity, "province", "system", new_id(), new_id())
    async with identity.client(headers={"Cookie": f"txng_access={cookie}"}) as browser:
        sent = await browser.post(path.format(**{**ELSE, **ids}), data={**REASON_OR_NONE})
    if path == "/session/refresh":
        # It hands the form on as it is; its token is judged where it arrives.
        assert sent.status_code in (303, 307)
        return
    assert sent.status_code == 403, sent.text
    assert "csrf_failed" in sent.text


REASON_OR_NONE = {"reason": "Kiểm thử quyền", "csrf": "0" * 64}


async def test_the_console_is_one_address(identity: Identity, plain: dict[str, str]) -> None:
    answer = await send(identity, f"GET {CONSOLE}", "", Page(SELF), "unit", "report", plain)
    assert answer.headers["location"] == f"{CONSOLE}/accounts"
