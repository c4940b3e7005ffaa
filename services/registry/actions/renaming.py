"""Passports follow corrected names of the catalogues: a pass in the background (R32).

It begins when an approved name changes, works in chunks under a lease and goes on after a restart
where it stopped. A passport that is told twice carries the same names, so that does no harm.
"""

from datetime import datetime
from typing import Final

import structlog

from services.registry.actions.telling import told_anew
from services.registry.domain import renaming
from services.registry.domain.records import Author
from services.registry.domain.renaming import Names
from services.registry.domain.scoring import Pass
from services.registry.store import catalogues, scoring
from services.registry.store import renaming as store
from shared.mongo import Database

log = structlog.get_logger()
CHUNK: Final = 25
NAMES: Final = "names"
# Nobody's own act: it follows from the approved change of the catalogue, which is recorded.
CATALOGUE: Final = Author("", "Danh mục dùng chung", "", "")


async def step(db: Database, *, by: str, now: datetime, size: int = CHUNK) -> Pass | None:
    """One chunk; None where there is nothing to do for this process."""
    present = renaming.present()
    before = await _told(db)
    if before == present:
        return None
    basis = renaming.digest(present)
    held = await scoring.claim(db, basis, by=by, now=now, name=NAMES)
    if held is None:
        # Done under this basis, but the process died before it could say so.
        done = await scoring.present(db, NAMES)
        if done is not None and done.basis == basis and done.finished_at is not None:
            await store.note_told(db, present)
        return None
    keys = renaming.corrected(before, present)
    found = await store.carriers(db, held.aggregate, keys, held.after, size)
    told = [
        await told_anew(db, held.aggregate, one, act="renamed", by=CATALOGUE, now=now)
        for one in found
    ]
    last = found[-1] if len(found) == size else ""
    after = held.advanced(last=last, seen=len(found), changed=sum(told), now=now)
    if not await scoring.keep(db, held, after, NAMES):
        return None
    if after.finished_at is not None:
        await store.note_told(db, present)
        if after.changed:
            log.info("passports tell the corrected names", changed=after.changed)
    return after


async def _told(db: Database) -> Names:
    known = await store.told(db)
    if known is not None:
        return known
    approved = [
        one.row() for which in renaming.TOLD for one in await catalogues.approved(db, which)
    ]
    begun = renaming.first(approved)
    await store.note_told(db, begun)
    return begun
