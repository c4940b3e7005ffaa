"""Every page of identity, what it needs, and a form that gets as far as the question who may.

Compared with the routes there are (test_page_permissions.py): a new page is refused there until
somebody says here who may use it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CONSOLE = "/console/identity"
READ = "account.read"
SELF = "self"  # Whoever is signed in, about themself.

REASON = {"reason": "Kiểm thử quyền"}
PERSON = {"name": "Vũ Thị Mơ"}
ISSUE = {"username": "ma.tran", "name": "Vũ Thị Ma", "kinds": "report", "repeat_key": "ma-tran"}


@dataclass(frozen=True)
class Page:
    """`action`: of the permission matrix, or SELF. `form`: what a POST sends. `seen_with`: the
    action that lets one read the page on which the form stands, if it is another."""

    action: str
    form: Mapping[str, Any] = field(default_factory=dict)
    seen_with: str = ""


def _accounts() -> dict[str, Page]:
    one = f"{CONSOLE}/accounts/{{account_id}}"
    return {
        f"GET {CONSOLE}/accounts": Page("account.read"),
        f"GET {CONSOLE}/accounts/new": Page("account.issue"),
        f"POST {CONSOLE}/accounts/new": Page(
            "account.issue",
            {
                **ISSUE,
                "unit_id": "{unit_id}",
                "document_number": "1/QĐ",
                "document_date": "2026-01-05",
            },
        ),
        f"GET {CONSOLE}/accounts/new/facility": Page("account.issue"),
        f"POST {CONSOLE}/accounts/new/facility": Page(
            "account.issue", {**ISSUE, "facility_id": "f1", "username": "ma.tran.coso"}
        ),
        f"GET {one}": Page("account.read"),
        f"POST {one}/setup-code": Page("account.issue", REASON, READ),
        f"POST {one}/{{act}}": Page("account.suspend", REASON, READ),
        f"GET {one}/person": Page("account.edit"),
        f"POST {one}/person": Page("account.edit", PERSON),
        f"POST {one}/erasure": Page("account.edit", REASON),
        f"GET {one}/assignment": Page("account.edit"),
        f"POST {one}/assignment": Page("account.edit", {"number": "2/QĐ", "date": "2026-01-05"}),
        f"GET {one}/papers/{{paper_id}}": Page("account.read"),
        f"GET {one}/handing": Page("account.issue"),
        f"POST {one}/handing": Page("account.issue", {"word": "0000-0000", "seen": "in_person"}),
        f"GET {one}/handing/qr.svg": Page("account.issue"),
        f"GET {one}/second-factor": Page("account.read"),
        f"POST {one}/second-factor": Page(
            "account.remove_factor", {**REASON, "seen": "true"}, READ
        ),
        f"GET {one}/handover.pdf": Page("account.issue"),
        f"GET {CONSOLE}/accesses": Page("account.read"),
        f"GET {CONSOLE}/activity": Page("account.read"),
        f"POST {CONSOLE}/activity": Page(
            "account.suspend", {**REASON, "accounts": "{account_id}"}, READ
        ),
        f"GET {CONSOLE}/activity/accounts.csv": Page("account.read"),
        f"GET {CONSOLE}/permissions": Page("account.read"),
    }


def _applications() -> dict[str, Page]:
    one = f"{CONSOLE}/applications/{{application_id}}"
    decide, read = "application.decide", "application.read"
    accepted = {**ISSUE, "facility_id": "f-none", "username": "ma.tran.don", "kinds": "operate"}
    return {
        f"GET {CONSOLE}/applications": Page(read),
        f"GET {one}": Page(read),
        f"GET {one}/form.pdf": Page(read),
        f"POST {one}/ask": Page(decide, {"what": "Thêm giấy"}, read),
        f"POST {one}/reject": Page(decide, REASON, read),
        f"POST {one}/accept": Page(decide, accepted, read),
        f"POST {one}/accept-reissue": Page(decide, {"account_id": "none", "repeat_key": "k"}, read),
        f"GET {one}/papers/{{paper_id}}": Page(decide),
    }


def _clients_and_units() -> dict[str, Page]:
    client, unit = f"{CONSOLE}/clients/{{client_id}}", f"{CONSOLE}/units/{{unit_id}}"
    manage, edit = "client.manage", "unit.edit"
    program = {"name": "Cổng thử", "contact": "0203 000 1", "actions": "unit.read"}
    founded = {"name": "Đơn vị mới", "tier": "unit", "parent_id": "so-nnmt"}
    return {
        f"GET {CONSOLE}/clients": Page(manage),
        f"GET {CONSOLE}/clients/new": Page(manage),
        f"POST {CONSOLE}/clients/new": Page(manage, program),
        f"GET {client}": Page(manage),
        f"POST {client}/secrets": Page(manage, {"overlap_hours": "1"}),
        f"POST {client}/revoke": Page(manage, REASON),
        f"GET {CONSOLE}/units": Page("unit.read"),
        f"GET {CONSOLE}/units/new": Page(edit),
        f"POST {CONSOLE}/units/new": Page(edit, founded),
        f"GET {unit}": Page(edit),
        f"POST {unit}": Page(edit, {"version": "999", "name": "Tên khác"}),
        f"POST {unit}/move": Page(edit, {"version": "999", "parent_id": "tinh", **REASON}),
        f"POST {unit}/merge": Page(edit, {"version": "999", "merged": "xa-ba-che", **REASON}),
        f"GET {unit}/handover.pdf": Page("account.issue"),
    }


OWN = {
    f"GET {CONSOLE}": Page(SELF),
    "POST /sign-out": Page(SELF),
    "GET /account": Page(SELF),
    "POST /account/password": Page(SELF, {"old": "x", "password": "y", "again": "y"}),
    "POST /account/sessions/{session_id}/end": Page(SELF),
    "POST /account/sessions/end-others": Page(SELF),
    "GET /account/accesses": Page(SELF),
    "GET /account/data": Page(SELF),
    "GET /account/data.json": Page(SELF),
    "GET /account/papers/{paper_id}": Page(SELF),
    "GET /account/second-factor": Page(SELF),
    "POST /account/second-factor": Page(SELF, {"act": "set_up", "password": "x"}),
    "GET /account/second-factor/new": Page(SELF),
    "POST /account/second-factor/new": Page(SELF, {"code": "123456"}),
    "GET /account/second-factor/new/qr.svg": Page(SELF),
    "GET /account/proof": Page(SELF),
    "POST /account/proof": Page(SELF),
    "GET /account/carried/{carried_id}": Page(SELF),
}
PAGES: dict[str, Page] = {**OWN, **_accounts(), **_applications(), **_clients_and_units()}

# Pages that need no account: signing in, and what an applicant does with a tracking code.
OPEN = frozenset(
    {
        "GET /sign-in",
        "POST /sign-in",
        "GET /sign-in/second-factor",
        "POST /sign-in/second-factor",
        "GET /sign-in/second-factor/qr.svg",
        "GET /sign-in/claim",
        "POST /sign-in/claim",
        "POST /sign-in/claim/password",
        "POST /sign-in/claim/over",
        "GET /sign-in/set-password",
        "POST /sign-in/set-password",
        "GET /session/refresh",
        "POST /session/refresh",
        "GET /apply",
        "POST /apply",
        "GET /apply/form.pdf",
        "GET /apply/{code}/form.pdf",
        "GET /apply/track",
        "POST /apply/track",
        "GET /apply/{code}",
        "POST /apply/{code}",
        "POST /apply/{code}/papers",
        "POST /apply/{code}/papers/{paper_id}/take-back",
        "POST /apply/{code}/setup-code",
        "POST /apply/{code}/withdraw",
    }
)
# An address of several acts: each is tried, with the action it needs.
ACTS = {"suspend": "account.suspend", "activate": "account.suspend", "revoke": "account.revoke"}
