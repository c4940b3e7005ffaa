"""A suspended account is out of every service within a minute, by API and by page (ASVS 7.4.2)."""

import sys
import time
from typing import Any

import pyotp
import pytest

from deploy.demo.client import IDENTITY, RECALL, REGISTRY, REPORTING, STAMPS
from tests.journeys.town import COMMUNE, Town
from tests.polling import eventually

LIMIT_SECONDS = 60.0
# An address of each service that every signed-in account may read, by API and by page.
APIS = {
    "identity": f"{IDENTITY}/me",
    "registry": f"{REGISTRY}/facilities",
    "stamps": f"{STAMPS}/requests",
    "recall": f"{RECALL}/recalls",
    "reporting": f"{REPORTING}/statistics",
}
PAGES = {
    "identity": "/account",
    "registry": "/console/registry/facilities",
    "stamps": "/console/stamps",
    "recall": "/console/recall",
    "reporting": "/console",
}
PASSWORD = "đò chiều neo bến Vân Đồn cũ"


async def issued(town: Town) -> tuple[str, str]:
    """A new official of the commune, signed in with a second factor: id and access token."""
    system = town.api.account("phuong-an-sinh.hethong", town.password)
    order = {
        "username": "phuong-an-sinh.tamngung",
        "name": "Vũ Thị Thử",
        "tier": "commune",
        "kinds": ["report"],
        "assignment": {"number": "1/QĐ", "date": "2026-01-05"},
    }
    made = await system.post(f"{IDENTITY}/accounts", order)
    given = {"username": order["username"], "password": PASSWORD}
    asked = await town.api.call("POST", f"{IDENTITY}/claims", json={"username": order["username"]})
    shown = {"word": asked["word"], "seen": "in_person"}
    await system.post(f"{IDENTITY}/accounts/{made['id']}/claim", shown)
    first = {"claim": asked["claim"], "password": PASSWORD}
    await town.api.call("POST", f"{IDENTITY}/claims/password", json=first)
    step = await town.api.call("POST", f"{IDENTITY}/tokens", json=given)
    shown = {"ticket": step["ticket"]}
    told = await town.api.call("POST", f"{IDENTITY}/tokens/enrolment", json=shown)
    shown["code"] = pyotp.TOTP(told["secret"]).now()
    grant = await town.api.call("POST", f"{IDENTITY}/tokens/enrolment/confirm", json=shown)
    return made["id"], grant["access_token"]


async def let_in(town: Town, token: str) -> dict[str, bool]:
    """Which of the services' APIs and pages still know the token's account."""
    found = {}
    for name, path in APIS.items():
        answer = await town.api.send("GET", path, token=token)
        assert answer.status_code in (200, 401), (path, answer.text)
        found[f"{name} api"] = answer.status_code == 200
    cookie = {"Cookie": f"txng_access={token}", "Accept": "text/html"}
    for name, path in PAGES.items():
        answer = await town.api.send("GET", path, headers=cookie)
        # A page either answers (with its first tab, perhaps) or has the session renewed (307).
        assert answer.status_code in (200, 303, 307), (path, answer.text)
        found[f"{name} page"] = answer.status_code != 307
    return found


async def test_a_suspended_account_is_out_of_every_service(
    town: Town, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    account, token = await issued(town)
    known = await let_in(town, token)
    assert all(known.values()), known
    system = town.api.account("phuong-an-sinh.hethong", town.password)
    because = {"reason": f"Nghỉ việc ở {COMMUNE}"}
    began = time.monotonic()
    await system.post(f"{IDENTITY}/accounts/{account}/suspend", because)
    last: dict[str, float] = {}

    async def out() -> None:
        known = await let_in(town, token)
        for name, still in known.items():
            if not still:
                last.setdefault(name, time.monotonic() - began)
        assert not any(known.values()), known

    await eventually(out, LIMIT_SECONDS)
    took = max(last.values())
    record_property("seconds_until_out_everywhere", round(took, 2))
    with capsys.disabled():
        sys.stdout.write(f"\nout of {len(last)} APIs and pages after {took:.2f} s\n")
    assert took < LIMIT_SECONDS
    known = await let_in(town, token)
    assert not any(known.values()), known
