"""Addresses behind a sign-in whose reads the ledger is not told of, with the reason (ADR 18)."""

from collections.abc import Mapping
from typing import Final

UNRECORDED: Final[Mapping[str, str]] = {
    "/console/recall/calendar": "days that are off",
    "/console/recall/{case_id}/spread": "receipts of servers, asked for every second by a page "
    "whose own read is recorded",
}
