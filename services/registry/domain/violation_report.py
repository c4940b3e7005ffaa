"""What a report of a violation takes over from the inspection that found it (R56)."""

from collections.abc import Sequence
from typing import Final

from services.registry.domain.inspections import Inspection, Violation

# As long as a report takes them (services/recall/violation_inputs.py).
MOST_FOUND: Final = 4000
MOST_BASIS: Final = 500
MOST_SUSPICIONS: Final = 10


def begun(one: Inspection, suspicions: Sequence[str]) -> dict[str, str]:
    """By the names of the report's inputs, in Vietnamese, as reports are written; a person carries
    it to recall's page, reads and completes it before it is kept. `suspicions` are those that asked
    for the inspection."""
    it = one.it
    found = [it.findings, *(f"- {one.what}" for one in it.violations)]
    basis = dict.fromkeys(one.basis for one in it.violations if one.basis)
    return {
        **{"step": "begin", "origin": "inspection", "origin_id": one.id},
        "suspicions": " ".join(suspicions[:MOST_SUSPICIONS]),
        "found": "\n".join(found)[:MOST_FOUND],
        "found_on": it.on.isoformat(),
        "basis": "; ".join(basis)[:MOST_BASIS],
        "measures": "\n".join(filter(None, map(_measure, it.violations)))[:MOST_FOUND],
    }


def _measure(one: Violation) -> str:
    """What was done about it, or by when it must be."""
    if one.remedy:
        return f"- {one.what}: {one.remedy}"
    if one.deadline is None:
        return ""
    return f"- {one.what}: yêu cầu khắc phục trước ngày {one.deadline:%d/%m/%Y}"
