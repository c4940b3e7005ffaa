"""Published products whose passports did not tell all that a stamp shows are told anew, once.

A pass in the background after an upgrade: it works in chunks under a lease and goes on after a
restart where it stopped. Nothing but what was approved is told, under a new version.
"""

from datetime import datetime
from typing import Final

import structlog

from services.registry.actions.telling import told_anew
from services.registry.domain.records import Aggregate, Author
from services.registry.domain.scoring import Pass
from services.registry.store import retelling, scoring
from shared.mongo import Database

log = structlog.get_logger()
CHUNK: Final = 25
NAME: Final = "product_passports"
# What passports were told without until this version; a later addition gets a basis of its own.
BASIS: Final = "origin, capacity, price"
# Nobody's own act: what was approved before is shown on the pages of stamps from now on.
BY_RULE: Final = Author("", "Quy định về nội dung sau tem", "", "")


async def step(db: Database, *, by: str, now: datetime, size: int = CHUNK) -> Pass | None:
    """One chunk; None where all was told or another process is at it."""
    held = await scoring.claim(db, BASIS, by=by, now=now, name=NAME)
    if held is None:
        return None
    found: list[str] = []
    if held.aggregate is Aggregate.PRODUCT:
        found = await retelling.untold(db, held.after, size)
    told = [
        await told_anew(db, Aggregate.PRODUCT, one, act="retold", by=BY_RULE, now=now)
        for one in found
    ]
    last = found[-1] if len(found) == size else ""
    after = held.advanced(last=last, seen=len(found), changed=sum(told), now=now)
    if not await scoring.keep(db, held, after, NAME):
        return None
    if after.finished_at is not None and after.changed:
        log.info("products were told anew", changed=after.changed)
    return after
