"""Addresses behind a sign-in whose reads the ledger is not told of, with the reason (ADR 18)."""

from collections.abc import Mapping
from typing import Final

API: Final = "/api/identity/v1"
CONSOLE: Final = "/console/identity"

OWN: Final = "of one's own account"
FORM: Final = "an empty form"
RULES: Final = "rules, the same for everybody"

UNRECORDED: Final[Mapping[str, str]] = {
    "/account": OWN,
    "/account/accesses": OWN,
    "/account/carried/{carried_id}": OWN,
    "/account/data": OWN,
    "/account/data.json": OWN,
    "/account/papers/{paper_id}": OWN,
    "/account/proof": OWN,
    "/account/second-factor": OWN,
    "/account/second-factor/new": OWN,
    "/account/second-factor/new/qr.svg": OWN,
    f"{API}/accesses": OWN,
    f"{API}/me": OWN,
    f"{API}/me/data": OWN,
    f"{API}/second-factor": OWN,
    f"{API}/sessions": OWN,
    f"{CONSOLE}/accounts/new": FORM,
    f"{CONSOLE}/accounts/new/facility": FORM,
    f"{CONSOLE}/clients/new": FORM,
    f"{CONSOLE}/units/new": FORM,
    f"{CONSOLE}/permissions": RULES,
    f"{CONSOLE}/accounts/{{account_id}}/handing/qr.svg": "a part of the page beside it",
}
