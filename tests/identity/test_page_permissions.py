"""Every role at every page of the console's accounts, as at every endpoint: no untested cell."""

import re

import httpx2
import pytest

from shared.web.routes import all_routes
from tests.identity.running_identity import Identity
from tests.identity.test_permissions import (
    OTHERS,
    ROLES,
    WITHIN_REACH,
    named,
    tiers,
    within_reach,
)
from tests.tokens import mint

__all__ = ["within_reach"]

CONSOLE = "/console/identity"
# Page → the action it needs; "self": whoever is signed in.
PAGES: dict[str, str] = {
    "": "self",
    "/accounts": "account.read",
    "/accounts/new": "account.issue",
    "/accounts/new/facility": "account.issue",
    "/accounts/{account_id}": "account.read",
    "/accounts/{account_id}/person": "account.edit",
    "/accounts/{account_id}/assignment": "account.edit",
    "/accounts/{account_id}/papers/{paper_id}": "account.read",
    "/accounts/{account_id}/second-factor": "account.read",
    "/accounts/{account_id}/handover.pdf": "account.issue",
    "/accesses": "account.read",
    "/activity": "account.read",
    "/activity/accounts.csv": "account.read",
    "/applications": "application.decide",
    "/applications/{application_id}": "application.decide",
    "/applications/{application_id}/papers/{paper_id}": "application.decide",
    "/clients": "client.manage",
    "/clients/new": "client.manage",
    "/clients/{client_id}": "client.manage",
    "/permissions": "account.read",
    "/units": "unit.read",
    "/units/new": "unit.edit",
    "/units/{unit_id}": "unit.edit",
    "/units/{unit_id}/handover.pdf": "account.issue",
}


def test_every_page_is_in_the_table(identity: Identity) -> None:
    served = {
        route.path_format.removeprefix(CONSOLE)
        for route in all_routes(identity.app)
        if getattr(route, "path_format", "").startswith(CONSOLE) and "GET" in route.methods
    }
    assert served == set(PAGES)


@pytest.mark.parametrize("path", sorted(PAGES))
async def test_every_role_at_every_page(
    path: str,
    identity: Identity,
    within_reach: dict[str, str],
) -> None:
    for tier, kind in ROLES:
        asker, unit, username = WITHIN_REACH[tier]
        facility = tiers()[tier].facility
        token = mint(
            identity.settings.secrets_dir,
            tier=tier,
            kinds=[kind],
            unit=asker,
            facility="f1" if facility else None,
            communes=[] if facility else ["*"],
            sector="agriculture",
        )
        account = within_reach[username]
        url = f"{CONSOLE}{path}".format(unit_id=unit, account_id=account, **OTHERS)
        async with identity.client(headers={"Cookie": f"txng_access={token}"}) as browser:
            check(await browser.get(url), PAGES[path], tier, kind)


def check(answer: httpx2.Response, action: str, tier: str, kind: str) -> None:
    assert answer.status_code < 500, (action, tier, kind)
    if action == "self":
        assert answer.status_code == 303, (tier, kind)
        return
    refused = answer.status_code >= 400 and "html" in answer.headers["content-type"]
    code = ""
    if refused and (found := re.search(r"\d{3} · ([a-z_]+)", answer.text)):
        code = found.group(1)
    if named(action, tier, kind):
        # Whether what the address names is there is another matter.
        assert code != "forbidden", (action, tier, kind)
    else:
        # What officials alone may touch does not even exist for a facility.
        hidden = code == "not_found" and tiers()[tier].facility
        assert code == "forbidden" or hidden, (action, tier, kind, answer.status_code, code)
