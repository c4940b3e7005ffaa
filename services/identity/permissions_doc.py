"""Writes docs/permissions.md from shared/permissions.toml: who may do what, as a table.

Run as `python -m services.identity.permissions_doc`; a test checks that the file is current.
"""

import sys
from pathlib import Path

from services.identity.domain.clients import grantable
from services.identity.domain.rights import rows_of
from services.identity.tiers import Tier, tiers
from shared.permissions import matrix

PATH = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"

HEAD = """# Who may do what

Made from `shared/permissions.toml` and `services/identity/tiers.toml` by
`python -m services.identity.permissions_doc`; change those files, not this one. The same data is
what every service checks and what the tests go through cell by cell. A province that decides
otherwise changes no code: `TXNG_PERMISSIONS_FILE` and `TXNG_TIERS_FILE` (docs/operations.md). What
is in force is shown to system accounts at `/console/identity/permissions`.

**own**: objects of the account's own facility · **area**: objects whose commune and sector the
account's unit answers for · **yes**: an act without an object. An object of others does not
exist for the asker (404); an act that the account may not do with what it sees is refused (403).
**(fresh)**: whoever does it must have proven who they are within the last ten minutes
(`TXNG_FRESH_PROOF_SECONDS`), by the second factor where the account has one.
"""


PROGRAMS = """## Programs of partner systems · Phần mềm kết nối (`client`)

Registered by a province's or department's system account (`client.manage`); they sign in by
OAuth2 client credentials and are no account of a tier. Each is given some of these actions, its
tokens fewer still if they ask for a narrower `scope`; **area** is that of the unit which
registered it. Programs change nothing: what is not in this table they are refused (403).
"""


def document() -> str:
    """The whole text of the page."""
    parts = [HEAD]
    for tier in tiers().values():
        parts.append(_section(tier))
    parts.append(_programs())
    return "\n".join(parts)


def _programs() -> str:
    """What programs of partner systems may be given: all of it is reading."""
    rows = [["action", "program"], ["---", "---"]]
    for action in grantable():
        rows.append([f"`{action}`", "yes" if matrix()[action].scope == "none" else "area"])
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([PROGRAMS, *lines, ""])


def _section(tier: Tier) -> str:
    off = "" if tier.enabled else " (off: turned on in tiers.toml)"
    title = f"## {tier.label('en')} · {tier.label('vi')}{off}"
    head = ["action", *tier.kinds]
    rows = [head, ["---", *("---" for _ in tier.kinds)]]
    for row in rows_of(tier):
        mark = " (fresh)" if row.fresh else ""
        rows.append([f"`{row.action}`{mark}", *row.cells])
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([title, "", *lines, ""])


def main() -> int:
    PATH.write_text(document(), encoding="utf-8")
    sys.stdout.write(f"{PATH.name} written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
