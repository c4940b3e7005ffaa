"""Writes docs/permissions.md from shared/permissions.toml: who may do what, as a table.

Run as `python -m services.identity.permissions_doc`; a test checks that the file is current.
"""

import sys
from pathlib import Path

from services.identity.tiers import Tier, tiers
from shared.auth import Principal, Rule, matrix

PATH = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"

HEAD = """# Who may do what

Made from `shared/permissions.toml` and `services/identity/tiers.toml` by
`python -m services.identity.permissions_doc`; change those files, not this one. The same data is
what every service checks and what the tests go through cell by cell.

**own**: objects of the account's own facility · **area**: objects whose commune and sector the
account's unit answers for · **yes**: an act without an object. An object of others does not
exist for the asker (404); an act that the account may not do with what it sees is refused (403).
**(fresh)**: whoever does it must have proven who they are within the last ten minutes
(`TXNG_FRESH_PROOF_SECONDS`), by the second factor where the account has one.
"""


def document() -> str:
    """The whole text of the page."""
    parts = [HEAD]
    for tier in tiers().values():
        parts.append(_section(tier))
    return "\n".join(parts)


def _section(tier: Tier) -> str:
    off = "" if tier.enabled else " (off: turned on in tiers.toml)"
    title = f"## {tier.label('en')} · {tier.label('vi')}{off}"
    head = ["action", *tier.kinds]
    rows = [head, ["---", *("---" for _ in tier.kinds)]]
    for action, rule in matrix().items():
        cells = [_cell(action, rule, tier, kind) for kind in tier.kinds]
        if any(cells):
            mark = " (fresh)" if rule.fresh else ""
            rows.append([f"`{action}`{mark}", *cells])
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([title, "", *lines, ""])


def _cell(action: str, rule: Rule, tier: Tier, kind: str) -> str:
    if not _holder(tier, kind).may(action):
        return ""
    if rule.scope == "none":
        return "yes"
    wanted = "own" if tier.facility else "area"
    return wanted if wanted in rule.scope.split("|") else ""


def _holder(tier: Tier, kind: str) -> Principal:
    return Principal(
        account_id="a",
        name="",
        tier=tier.name,
        kinds=frozenset({kind}),
        unit_id="u",
        session_id="s",
        facility_id="f" if tier.facility else None,
    )


def main() -> int:
    PATH.write_text(document(), encoding="utf-8")
    sys.stdout.write(f"{PATH.name} written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
