"""Stamps with a hidden number: printed by the approved design, and one of them told to be tried."""

import csv
from io import StringIO
from typing import Any, Final

from deploy.demo.acts import PRINT_DEADLINE_SECONDS, until
from deploy.demo.client import STAMPS, Account, Refused

HIDDEN: Final = "hidden numbers"
# What the code to be tried is called among those told at the end of every start.
HIDDEN_CODE: Final = "hidden"
# Serials of the batch of deploy/demo/in_use.py, in use for a lot; one sheet of 30 mm stamps.
SERIALS: Final = (2660, 2683)
# Whose number is told: the first of the sheet.
TOLD: Final = SERIALS[0]
CARRIER: Final = "datamatrix"


async def printed(operator: Account, number: int, design: str) -> tuple[str, str]:
    """A code of the batch with its hidden number; raises Refused.

    The number is in nothing but the file for the print house, so a list is made as well.
    """
    listed = await operator.get(f"{STAMPS}/designs")
    approved = [one["id"] for one in listed["items"] if one["name"] == design and one["approved"]]
    if not approved:
        raise Refused(f"{STAMPS}/designs", 404, "not_found", f"no approved design {design}")
    await _file(operator, number, design=approved[0])
    made = await _file(operator, number, output="csv")
    return told_in(made.decode("utf-8-sig"), TOLD)


def told_in(text: str, serial: int) -> tuple[str, str]:
    """Code and hidden number of a serial in a list for print houses."""
    rows = csv.DictReader(StringIO(text, newline=""))
    row = next(one for one in rows if one["serial"] == str(serial))
    return row["code"].replace("-", ""), row["pin"]


async def _file(operator: Account, number: int, **more: str) -> bytes:
    first, last = SERIALS
    body: dict[str, Any] = {"size": "30mm", "first": first, "last": last, "carrier": CARRIER}
    body |= {"pin": True, **more}
    key = f"demo-{HIDDEN}-{more.get('output', 'sheet')}"
    job = await operator.post(f"{STAMPS}/batches/{number}/print-jobs", body, key=key)
    path = f"{STAMPS}/print-jobs/{job['id']}"

    async def finished() -> Any:
        found = await operator.get(path)
        return found if found["state"] in ("done", "failed") else None

    found = await until(finished, seconds=PRINT_DEADLINE_SECONDS)
    if not found or found["state"] != "done":
        raise Refused(path, 0, "print_failed", f"the print job came to {found}")
    content: bytes = await operator.get(f"{path}/file", headers={"Accept": "*/*"})
    return content
