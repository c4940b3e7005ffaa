"""Who may do what: every cell of the matrix, in the code, in the document and at the endpoints."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.identity.action_words import ACTIONS
from services.identity.domain.applications import Application, State, Submission
from services.identity.domain.clients import Client, grantable
from services.identity.domain.rights import PUBLISHING, is_changed
from services.identity.permissions_doc import PATH, document
from services.identity.store import applications, clients, papers
from services.identity.store.papers import Kept
from services.identity.tiers import tiers
from shared import auth, permissions
from shared.auth import Principal, Scope, require
from shared.errors import Forbidden, NotFound
from shared.ids import now
from shared.mongo import transact
from shared.permissions import matrix
from tests.identity.facilities import published
from tests.identity.running_identity import API, Identity
from tests.identity.test_applications import filled
from tests.tokens import bearer, mint

TOML = Path(auth.__file__).parent / "permissions.toml"
F1 = published("f1")
ROLES = [(tier.name, kind) for tier in tiers().values() for kind in tier.kinds]
RULES: dict[str, dict[str, Any]] = tomllib.loads(TOML.read_text(encoding="utf-8"))


def principal(tier: str, kind: str, **changes: Any) -> Principal:
    facility = tiers()[tier].facility
    told: dict[str, Any] = {
        "account_id": "a",
        "name": "",
        "tier": tier,
        "kinds": frozenset({kind}),
        "unit_id": "u",
        "session_id": "s",
        "facility_id": "f1" if facility else None,
        "communes": () if facility else ("06862",),
        "sector": "agriculture",
        **changes,
    }
    return Principal(**told)


def named(action: str, tier: str, kind: str) -> bool:
    """What the file says, read without the code under test."""
    return any(
        who in (f"{tier}:{kind}", f"{tier}:*", f"*:{kind}", "*:*") for who in RULES[action]["who"]
    )


def outcome(who: Principal, action: str, scope: Scope) -> str:
    try:
        require(who, action, scope)
    except NotFound:
        return "does not exist"
    except Forbidden:
        return "forbidden"
    return "allowed"


def scopes() -> Iterator[tuple[str, Scope]]:
    yield "own", Scope("f1", "06862", "agriculture")
    yield "another facility, same commune", Scope("f2", "06862", "agriculture")
    yield "another commune", Scope("f2", "06970", "agriculture")
    yield "another sector", Scope("f2", "06862", "health")


def expected(action: str, tier: str, kind: str, where: str) -> str:
    rule = RULES[action]["scope"].split("|")
    if rule != ["none"]:
        facility = tiers()[tier].facility
        seen = ("own",) if facility else ("own", "another facility, same commune")
        if where not in seen:
            return "does not exist"
        if ("own" if facility else "area") not in rule:
            return "forbidden"
    return "allowed" if named(action, tier, kind) else "forbidden"


@pytest.mark.parametrize("action", sorted(RULES))
def test_every_cell_of_the_matrix_is_what_the_file_says(action: str) -> None:
    for tier, kind in ROLES:
        for where, scope in scopes():
            who = principal(tier, kind)
            told = outcome(who, action, scope)
            assert told == expected(action, tier, kind, where), (tier, kind, where)


def test_every_rule_names_only_tiers_and_kinds_that_exist() -> None:
    for action, rule in RULES.items():
        assert set(rule) - {"fresh"} == {"who", "scope"}, action
        assert set(rule["scope"].split("|")) <= {"own", "area", "none"}, action
        for who in rule["who"]:
            tier, kind = who.split(":")
            kinds = {name for name, one in tiers().items() for name in one.kinds}
            assert tier == "*" or tier in tiers(), (action, who)
            assert kind == "*" or (kind in (kinds if tier == "*" else tiers()[tier].kinds)), (
                action,
                who,
            )
    assert set(matrix()) == set(RULES)


def test_several_kinds_of_one_account_add_up() -> None:
    both = principal("commune", "check", kinds=frozenset({"check", "operate"}))
    own = Scope("f1", "06862", "agriculture")
    assert outcome(both, "product.check", own) == "allowed"
    assert outcome(both, "product.enter", own) == "allowed"
    assert outcome(both, "product.publish", own) == "forbidden"


@pytest.mark.parametrize(
    "action", ["facility.publish", "product.publish", "growing_area.publish", "lot.check"]
)
def test_communes_publish_and_withdraw_what_lies_within_them(action: str) -> None:
    """Plan of 2026, V.3: they publish what facilities enter, and stop products and facilities."""
    approver = principal("commune", "approve")
    here, elsewhere = Scope("f1", "06862", "agriculture"), Scope("f2", "07001", "agriculture")
    for act in (action, "product.withdraw", "facility.stop", "stamps.hold"):
        assert outcome(approver, act, here) == "allowed"
        assert outcome(approver, act, elsewhere) == "does not exist"


def test_units_stop_what_no_longer_operates_and_publish_nothing() -> None:
    """Plan of 2026, V.1.2; plan of 2018, III.1.3 c: they check, and change the state of stamps."""
    checker = principal("unit", "check")
    here = Scope("f1", "06862", "agriculture")
    for act in ("facility.stop", "product.withdraw", "stamps.hold"):
        assert outcome(checker, act, here) == "allowed"
    assert outcome(checker, "product.publish", here) == "forbidden"


def test_every_action_has_words_and_every_grantable_one_only_reads() -> None:
    assert set(ACTIONS) == set(RULES)
    assert all(action.endswith(".read") for action in grantable())
    assert set(PUBLISHING) <= set(RULES)


def test_an_installation_decides_single_actions_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = tmp_path / "province.toml"
    monkeypatch.setenv(permissions.VARIABLE, str(changed))
    approver, checker = principal("commune", "approve"), principal("unit", "check")
    own = Scope("f1", "06862", "agriculture")
    assert outcome(checker, "product.publish", own) == "forbidden"
    try:
        changed.write_text('["product.publish"]\nwho = ["unit:check"]\nscope = "area"\n')
        forget_rules()
        assert outcome(checker, "product.publish", own) == "allowed"
        assert outcome(principal("department", "approve"), "product.publish", own) == "forbidden"
        assert outcome(approver, "facility.publish", own) == "allowed"
        assert [action for action in matrix() if is_changed(action)] == ["product.publish"]
        for wrong in (
            '["no.such"]\nwho = []\nscope = "area"\n',
            '["product.publish"]\nwho = "commune:approve"\nscope = "area"\n',
            '["product.publish"]\nwho = ["commune"]\nscope = "area"\n',
            '["product.publish"]\nwho = []\nscope = "everywhere"\n',
            '["product.publish"]\nwho = []\nscope = "area"\nfesh = true\n',
        ):
            changed.write_text(wrong)
            forget_rules()
            with pytest.raises(ValueError, match=r"province\.toml"):
                matrix()
    finally:
        monkeypatch.delenv(permissions.VARIABLE)
        forget_rules()


def forget_rules() -> None:
    """As a process does that starts anew."""
    permissions.matrix.cache_clear()
    auth._named.cache_clear()


def test_the_document_is_current() -> None:
    assert PATH.read_text(encoding="utf-8") == document(), (
        "run python -m services.identity.permissions_doc"
    )


# Endpoint → the action it needs; None: open to everybody; "self": to whoever is signed in.
ENDPOINTS: dict[tuple[str, str], str | None] = {
    ("POST", "/tokens"): None,
    ("POST", "/tokens/refresh"): None,
    ("POST", "/tokens/code"): None,
    ("POST", "/tokens/enrolment"): None,
    ("POST", "/tokens/enrolment/confirm"): None,
    ("POST", "/tokens/proof"): "self",
    ("GET", "/second-factor"): "self",
    ("POST", "/second-factor/setup"): "self",
    ("POST", "/second-factor/setup/confirm"): "self",
    ("POST", "/second-factor/recovery-codes"): "self",
    ("POST", "/second-factor/off"): "self",
    ("POST", "/accounts/{account_id}/second-factor/removal"): "account.remove_factor",
    ("POST", "/password"): None,
    ("POST", "/claims"): None,
    ("POST", "/claims/standing"): None,
    ("POST", "/claims/password"): None,
    ("POST", "/accounts/{account_id}/claim"): "account.issue",
    ("GET", "/jwks"): None,
    ("GET", "/me"): "self",
    ("GET", "/me/data"): "self",
    ("GET", "/sessions"): "self",
    ("DELETE", "/sessions/{session_id}"): "self",
    ("GET", "/accesses"): "self",
    ("POST", "/password/change"): "self",
    ("POST", "/applications"): None,
    ("GET", "/applications/tracked/{tracking_code}"): None,
    ("POST", "/applications/tracked/{tracking_code}/reply"): None,
    ("POST", "/applications/tracked/{tracking_code}/papers"): None,
    ("POST", "/applications/tracked/{tracking_code}/setup-code"): None,
    ("POST", "/applications/tracked/{tracking_code}/withdraw"): None,
    ("GET", "/applications"): "application.read",
    ("GET", "/applications/{application_id}/papers/{paper_id}"): "application.decide",
    ("GET", "/applications/{application_id}"): "application.read",
    ("POST", "/applications/{application_id}/ask"): "application.decide",
    ("POST", "/applications/{application_id}/reject"): "application.decide",
    ("POST", "/applications/{application_id}/accept"): "application.decide",
    ("POST", "/applications/{application_id}/accept-reissue"): "application.decide",
    ("POST", "/oauth/token"): None,
    ("GET", "/clients"): "client.manage",
    ("POST", "/clients"): "client.manage",
    ("POST", "/clients/{client_id}/secrets"): "client.manage",
    ("POST", "/clients/{client_id}/revoke"): "client.manage",
    ("GET", "/units"): "unit.read",
    ("POST", "/units"): "unit.edit",
    ("GET", "/units/{unit_id}"): "unit.read",
    ("PUT", "/units/{unit_id}"): "unit.edit",
    ("POST", "/units/{unit_id}/move"): "unit.edit",
    ("POST", "/units/{unit_id}/merge"): "unit.edit",
    ("GET", "/accounts"): "account.read",
    ("POST", "/accounts"): "account.issue",
    ("GET", "/accounts/{account_id}"): "account.read",
    ("GET", "/accounts/{account_id}/accesses"): "account.read",
    ("PUT", "/accounts/{account_id}/person"): "account.edit",
    ("POST", "/accounts/{account_id}/erasure"): "account.edit",
    ("POST", "/accounts/{account_id}/assignment"): "account.edit",
    ("GET", "/accounts/{account_id}/papers"): "account.read",
    ("GET", "/accounts/{account_id}/papers/{paper_id}"): "account.read",
    ("POST", "/accounts/{account_id}/suspend"): "account.suspend",
    ("POST", "/accounts/{account_id}/activate"): "account.suspend",
    ("POST", "/accounts/{account_id}/revoke"): "account.revoke",
    ("POST", "/accounts/{account_id}/setup-codes"): "account.issue",
}

BODIES: dict[str, Any] = {
    "/applications/{application_id}/ask": {"what": "Thêm giấy"},
    "/applications/{application_id}/reject": {"reason": "Kiểm thử quyền"},
    "/applications/{application_id}/accept": {
        "facility_id": "f-none",
        "username": "app.matrix",
        "name": "Vũ Thị Ma",
        "kinds": ["operate"],
    },
    "/applications/{application_id}/accept-reissue": {"account_id": "none"},
    "/units": {"name": "Mới", "tier": "unit", "parent_id": "so-nnmt"},
    "/units/{unit_id}": {"version": 999, "name": "Chi cục"},
    "/units/{unit_id}/move": {"version": 999, "parent_id": "tinh", "reason": "Kiểm thử"},
    "/units/{unit_id}/merge": {"version": 999, "merged": ["xa-ba-che"], "reason": "Kiểm thử"},
    "/accounts/{account_id}/person": {"name": "Vũ Thị Mơ"},
    "/claims": {"username": "khong.co"},
    "/accounts/{account_id}/claim": {"word": "0000-0000", "seen": "in_person"},
    "/clients": {"name": "Cổng thử", "contact": "0203 000 1", "actions": ["unit.read"]},
    "/clients/{client_id}/revoke": {"reason": "Kiểm thử quyền"},
    "/password/change": {"old": "x", "password": "y"},
    "/accounts/{account_id}/second-factor/removal": {"reason": "Kiểm thử quyền", "seen": True},
    "/accounts": {
        "username": "so.matrix",
        "name": "Vũ Thị Ma",
        "tier": "unit",
        "kinds": ["report"],
    },
}
# What is sent as a form.
FORMS: dict[str, dict[str, str]] = {
    "/accounts/{account_id}/assignment": {"number": "7/QĐ-SNN&MT", "date": "2026-03-02"},
}
# What else addresses name: an application in reach, and what does not exist.
OTHERS = {
    "client_id": "client-matrix",
    "application_id": "app-matrix",
    "session_id": "none",
    "tracking_code": "no-code",
    "paper_id": "paper-matrix",
}
# Per tier: the asker's unit, and a unit and an account within its reach.
WITHIN_REACH = {
    "ministry": ("tinh", "chi-cuc", "chicuc.hethong"),
    "province": ("tinh", "chi-cuc", "chicuc.hethong"),
    "department": ("so-nnmt", "chi-cuc", "chicuc.hethong"),
    "unit": ("chi-cuc", "chi-cuc", "chicuc.hethong"),
    "district": ("xa-tien-yen", "xa-tien-yen", "tienyen.kiemtra"),
    "commune": ("xa-tien-yen", "xa-tien-yen", "tienyen.kiemtra"),
    "facility": ("xa-tien-yen", "xa-tien-yen", "loi.matrix"),
}


def application() -> Application:
    """One that is decided already, so that every role finds it as it was."""
    submission = Submission(now(), b"matrix", filled())
    return Application("app-matrix", 1, (submission,), State.REJECTED)


def client() -> Client:
    """A program kept by a unit that every asker of WITHIN_REACH lies above or in."""
    path = ("tinh", "so-nnmt", "chi-cuc", "xa-tien-yen")
    at = now()
    told = ("client-matrix", 1, "Cổng thử", "0203", "tinh", path, ("unit.read",), (), at, "a")
    return Client(*told)


@pytest.fixture(scope="module")
async def within_reach(identity: Identity) -> dict[str, str]:
    """Ids of the accounts of WITHIN_REACH, one of them a facility's."""
    await identity.hear(F1)
    async with await identity.api("tienyen.hethong") as api:
        order = {"name": "Chu Văn Lợi", "tier": "facility", "kinds": ["operate"]}
        order |= {"username": "loi.matrix", "facility_id": "f1"}
        assert (await api.post(f"{API}/accounts", json=order)).status_code == 201
    await transact(identity.db, lambda tx: applications.insert(tx, application()))
    await transact(identity.db, lambda tx: clients.insert(tx, client()))
    rows = identity.db.collection("accounts").find({})
    found = {account["username"]: account["_id"] async for account in rows}
    file = await papers.keep_file(identity.db, "matrix", b"%PDF")
    kept = Kept("paper-matrix", found["loi.matrix"], file, "application/pdf", 4, "7/QĐ", now())
    await transact(identity.db, lambda tx: papers.insert(tx, kept, "matrix"))
    return found


async def test_every_endpoint_is_in_the_table(identity: Identity) -> None:
    async with identity.client() as client:
        paths = (await client.get(f"{API}/openapi.json")).json()["paths"]
    served = {
        (method.upper(), path.removeprefix(API)) for path, one in paths.items() for method in one
    }
    assert served == set(ENDPOINTS)


@pytest.mark.parametrize(("method", "path"), sorted(ENDPOINTS))
async def test_every_role_at_every_endpoint(
    method: str, path: str, identity: Identity, within_reach: dict[str, str]
) -> None:
    action = ENDPOINTS[method, path]
    for tier, kind in ROLES:
        asker, unit, username = WITHIN_REACH[tier]
        token = mint(
            identity.settings.secrets_dir,
            tier=tier,
            kinds=[kind],
            unit=asker,
            facility="f1" if tiers()[tier].facility else None,
            communes=[] if tiers()[tier].facility else ["*"],
            sector="agriculture",
        )
        account = within_reach[username]
        url = f"{API}{path}".format(unit_id=unit, account_id=account, **OTHERS)
        async with identity.client(headers=bearer(token)) as client:
            answer = await send(client, method, url, path)
        check(answer, action, tier, kind)


@pytest.mark.parametrize(("method", "path"), sorted(ENDPOINTS))
async def test_a_program_at_every_endpoint(
    method: str, path: str, identity: Identity, within_reach: dict[str, str]
) -> None:
    """With all that can be granted it reads what is open to everybody, and changes nothing."""
    token = mint(
        identity.settings.secrets_dir,
        tier="client",
        kinds=["read"],
        unit="tinh",
        scope=" ".join(grantable()),
        auth_time=None,
        amr=None,
    )
    account = within_reach["chicuc.hethong"]
    url = f"{API}{path}".format(unit_id="chi-cuc", account_id=account, **OTHERS)
    async with identity.client(headers=bearer(token)) as client:
        answer = await send(client, method, url, path)
    code = answer.json().get("code", "") if answer.status_code >= 400 else ""
    action = ENDPOINTS[method, path]
    if action is None:
        assert code not in ("forbidden", "unauthenticated"), answer.text
    elif action in grantable():
        assert answer.status_code == 200, answer.text
    elif action == "self":
        # There is no account behind it, so there is nothing of its own to see or change.
        assert answer.status_code < 500, answer.text
        assert method == "GET" or answer.status_code >= 400, answer.text
    else:
        assert code in ("forbidden", "not_found"), answer.text


async def send(client: httpx2.AsyncClient, method: str, url: str, path: str) -> httpx2.Response:
    """A well-formed request; whether it then succeeds is another matter than whether it may."""
    if method in ("GET", "DELETE"):
        return await client.request(method, url)
    if path in FORMS:
        return await client.request(method, url, data=FORMS[path])
    if path in BODIES:
        return await client.request(method, url, json=BODIES[path])
    because = {"reason": "Kiểm thử quyền"} if "{account_id}" in path else {}
    return await client.request(method, url, json=because)


def check(answer: httpx2.Response, action: str | None, tier: str, kind: str) -> None:
    code = answer.json().get("code", "") if answer.status_code >= 400 else ""
    if action is None or action == "self":
        assert code not in ("forbidden", "unauthenticated"), (tier, kind, answer.text)
    else:
        allowed = named(action, tier, kind)
        # What officials alone may touch does not even exist for a facility.
        barred = code == "forbidden" or (code == "not_found" and tiers()[tier].facility)
        assert barred != allowed, (action, tier, kind, answer.text)
        assert code != "unauthenticated", (action, tier, kind, answer.text)


async def test_without_a_token_only_the_open_endpoints_answer(identity: Identity) -> None:
    async with identity.client() as client:
        for (method, path), action in ENDPOINTS.items():
            url = f"{API}{path}".format(unit_id="u", account_id="a", **OTHERS)
            answer = await send(client, method, url, path)
            if action is None:
                assert answer.status_code in (200, 201, 400, 401, 422), path
                assert "unauthenticated" not in answer.text, path
            else:
                assert answer.status_code == 401, path
                assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_session_cookie_opens_no_api(identity: Identity) -> None:
    async with identity.browser("so.hethong") as browser:
        assert (await browser.get(f"{API}/me")).status_code == 401
