"""`txng audit verify`: walk the whole ledger and say whether anything was tampered with.

Exit status 0 if it is sound, 1 if not, 2 if it could not be read.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import structlog

from services.reporting import checkpoints
from services.reporting.domain.checking import ChainCheck, Findings
from services.reporting.store import ledger
from shared.ids import now
from shared.mongo import Database, is_outage
from shared.settings import Settings

log = structlog.get_logger()
EVERY_SECONDS = 600.0
# After a start there is soon more to check, and somebody may be looking.
FIRST_PAUSE_SECONDS = 10.0


async def verify(db: Database, settings: Settings) -> Findings:
    """Check every link, the head, and every checkpoint, in the database and in the file."""
    key = checkpoints.public_key(settings.secrets_dir)
    signed: dict[int, set[str]] = {}
    forged: list[str] = []
    for one in await ledger.checkpoints(db) + _from_file(settings.checkpoint_file):
        if checkpoints.is_signed(key, one["seq"], one["hash"], one["signature"]):
            signed.setdefault(one["seq"], set()).add(one["hash"])
        else:
            forged.append(f"the checkpoint of link {one['seq']} bears no valid signature")
    # The head is read before the links: what arrives meanwhile is left for the next time.
    head, passed = await ledger.head(db), await ledger.passed(db)
    check = ChainCheck(signed)
    async for link in ledger.links(db):
        if link.seq > head[0]:
            check.note_erasure(link)
        else:
            check.take(link)
    findings = check.finish(head, passed)
    findings.faults = forged + findings.faults
    return findings


async def keep_verifying(db: Database, settings: Settings) -> None:
    """Walk the ledger until cancelled, soon again after the start and then every ten minutes;
    pages show what was found."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            findings = await verify(db, settings)
            await ledger.note_verification(
                db,
                at=now(),
                links=findings.links,
                faults=findings.faults,
                missing={s: sum(b - a + 1 for a, b in g) for s, g in findings.missing.items()},
            )
            if not findings.sound:
                log.error("the audit ledger is not sound", faults=findings.faults)
        except Exception as error:
            if not is_outage(error):
                log.exception("the ledger could not be verified")
        await asyncio.sleep(pause)
        pause = min(pause * 2, EVERY_SECONDS)


def _from_file(path: Path | None) -> list[dict[str, Any]]:
    if path is None or not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def report(findings: Findings) -> str:
    lines = [
        f"{findings.links} links, {findings.checkpoints} signed checkpoints, "
        f"head {findings.head[:16]}…"
    ]
    for source, gaps in findings.missing.items():
        ranges = ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in gaps[:10])
        lines.append(f"not yet arrived from {source}: numbers {ranges}")
    lines += [f"TAMPERED: {fault}" for fault in findings.faults]
    lines.append("The ledger is sound." if findings.sound else "The ledger is NOT sound.")
    return "\n".join(lines)


async def run() -> int:
    settings = Settings()
    db = Database(settings.mongo_url, settings.database("reporting"), "reporting")
    try:
        findings = await verify(db, settings)
    finally:
        await db.close()
    sys.stdout.write(report(findings) + "\n")
    return 0 if findings.sound else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(run()))
