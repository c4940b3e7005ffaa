"""Inspections as a CSV file that spreadsheets open safely."""

import csv
import io
from collections.abc import AsyncIterator

from services.registry.domain.inspections import Inspection

COLUMNS = (
    "facility_id",
    "facility",
    "commune",
    "date",
    "kind",
    "team",
    "decision",
    "result",
    "findings",
    "violation",
    "basis",
    "deadline",
    "state",
    "remedy",
)


def cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


async def written(found: AsyncIterator[Inspection]) -> AsyncIterator[bytes]:
    """A row for each violation, one for an inspection without any; UTF-8, marked for Excel."""
    yield b"\xef\xbb\xbf" + _line(COLUMNS)
    async for one in found:
        it = one.it
        head = (
            one.facility_id,
            one.facility_name,
            one.commune,
            it.on.isoformat(),
            it.kind,
            it.team,
            it.decision,
            it.result,
            it.findings,
        )
        if not it.violations:
            yield _line((*head, "", "", "", "", ""))
        for v in it.violations:
            deadline = v.deadline.isoformat() if v.deadline else ""
            yield _line((*head, v.what, v.basis, deadline, v.state.value, v.remedy))


def _line(cells: tuple[str, ...]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow([cell(text) for text in cells])
    return out.getvalue().encode("utf-8")
