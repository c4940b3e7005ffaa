"""Published products and lots whose passports told less than is told now are told anew, once.

Passes in the background after an upgrade: each works in chunks under a lease and goes on after a
restart where it stopped. Nothing but what was approved is told, under a new version.
"""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Retelling:
    """`basis` is what passports were told without until it; a later addition gets its own.

    `by` stands in the record's history: it is nobody's own act.
    """

    name: str
    aggregate: Aggregate
    basis: str
    by: Author


PRODUCTS: Final = Retelling(
    "product_passports",
    Aggregate.PRODUCT,
    "origin, capacity, price",
    Author("", "Quy định về nội dung sau tem", "", ""),
)
LOTS: Final = Retelling(
    "lot_passports",
    Aggregate.LOT,
    "used",
    Author("", "Vật tư đã dùng được công bố cùng lô", "", ""),
)


async def step(
    db: Database, *, by: str, now: datetime, size: int = CHUNK, of: Retelling = PRODUCTS
) -> Pass | None:
    """One chunk; None where all was told or another process is at it."""
    held = await scoring.claim(db, of.basis, by=by, now=now, name=of.name)
    if held is None:
        return None
    found: list[str] = []
    if held.aggregate is of.aggregate:
        found = await retelling.untold(db, of.aggregate, held.after, size)
    told = [
        await told_anew(db, of.aggregate, one, act="retold", by=of.by, now=now) for one in found
    ]
    last = found[-1] if len(found) == size else ""
    after = held.advanced(last=last, seen=len(found), changed=sum(told), now=now)
    if not await scoring.keep(db, held, after, of.name):
        return None
    if after.finished_at is not None and after.changed:
        log.info("records were told anew", of=of.name, changed=after.changed)
    return after


async def lots_step(db: Database, *, by: str, now: datetime) -> Pass | None:
    """One chunk of the lots."""
    return await step(db, by=by, now=now, of=LOTS)
