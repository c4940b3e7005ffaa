"""Quality scores follow the rules and the calendar: a pass in the background (R32).

It begins when the catalogue of mandatory fields changes and on every new day, works in chunks under
a lease, and goes on after a restart where it stopped. Passing over a record twice does no harm.
"""

from datetime import datetime

import structlog

from services.registry.domain.quality import basis, judged
from services.registry.domain.scoring import Pass
from services.registry.store import scoring
from shared.days import local_day
from shared.mongo import Database

log = structlog.get_logger()
CHUNK = 200


async def step(db: Database, *, by: str, now: datetime, size: int = CHUNK) -> Pass | None:
    """One chunk; None where there is nothing to do for this process."""
    today = local_day(now)
    held = await scoring.claim(db, basis(today), by=by, now=now)
    if held is None:
        return None
    found = await scoring.chunk(db, held.aggregate, held.after, size)
    changed = 0
    for record, kept in found:
        percent = judged(record.content, today).percent
        if percent != kept:
            changed += await scoring.put_score(db, record, percent)
    last = found[-1][0].id if len(found) == size else ""
    after = held.advanced(last=last, seen=len(found), changed=changed, now=now)
    if not await scoring.keep(db, held, after):
        return None
    if after.finished_at is not None:
        log.info("quality scores are up to date", seen=after.seen, changed=after.changed)
    return after
