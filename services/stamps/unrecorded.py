"""Addresses behind a sign-in whose reads the ledger is not told of, with the reason (ADR 18)."""

from collections.abc import Mapping
from typing import Final

UNRECORDED: Final[Mapping[str, str]] = {
    "/console/stamps/requests/new": "an empty form",
    "/console/stamps/codes": "an empty form",
}
