"""Addresses behind a sign-in whose reads the ledger is not told of, with the reason (ADR 18)."""

from collections.abc import Mapping
from typing import Final

API: Final = "/api/reporting/v1"
CONSOLE: Final = "/console/reporting"

OWN: Final = "of one's own account"
FIGURES: Final = "figures only"

UNRECORDED: Final[Mapping[str, str]] = {
    "/console": FIGURES,
    CONSOLE: FIGURES,
    f"{API}/statistics": FIGURES,
    f"{API}/work": FIGURES,
    f"{API}/participation": FIGURES,
    f"{API}/inspections": FIGURES,
    f"{API}/audit/state": FIGURES,
    f"{API}/acts/mine": OWN,
    f"{CONSOLE}/acts/mine": OWN,
}
