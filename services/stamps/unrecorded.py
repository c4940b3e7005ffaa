"""Addresses behind a sign-in whose reads the ledger is not told of, with the reason (ADR 18)."""

from collections.abc import Mapping
from typing import Final

UNRECORDED: Final[Mapping[str, str]] = {
    "/console/stamps/requests/new": "an empty form",
    "/console/stamps/designs/new": "an empty form",
    "/console/stamps/designs/preview.png": "a picture of what was just typed",
    "/console/stamps/formats": "papers that are for sale",
    "/console/stamps/formats/{key}/calibration": "papers that are for sale",
    "/api/stamps/v1/print-formats": "papers that are for sale",
    "/api/stamps/v1/print-formats/{key}/calibration": "papers that are for sale",
    "/console/stamps/codes": "an empty form",
}
