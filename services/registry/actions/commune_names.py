"""What lies in a commune that got another name as others were merged into it is told by that name.

A pass in the background (R1): it works in chunks under a lease, goes on after a restart where it
stopped, and is over what the present change of names concerns, nothing else.
"""

from datetime import datetime
from functools import partial
from typing import Final

from services.registry.actions.resettling import alone, resettle
from services.registry.domain.communes import communes as communes_by_code
from services.registry.domain.communes import names_of_today
from services.registry.domain.records import Aggregate
from services.registry.domain.scoring import Pass
from services.registry.store import communes, scoring
from services.registry.store.codec import COLLECTIONS
from shared.mongo import Database

NAMES: Final = "commune_names"
PLACED: Final = (Aggregate.FACILITY, Aggregate.GROWING_AREA)
CHUNK: Final = 25


async def step(db: Database, *, by: str, now: datetime, size: int = CHUNK) -> Pass | None:
    """One chunk; None where there is nothing to do for this process.

    Before records are moved: what is moved is told by the new name at once.
    """
    present, before = names_of_today(), await communes.names_told(db)
    if present == before:
        return None
    changed = sorted(code for code in {*present, *before} if present.get(code) != before.get(code))
    basis = " ".join(f"{one}={present.get(one, communes_by_code()[one].name)}" for one in changed)
    held = await scoring.claim(db, basis, by=by, now=now, name=NAMES)
    if held is None:
        # Done under this basis, but the process died before it could say so.
        done = await scoring.present(db, NAMES)
        if done is not None and done.basis == basis and done.finished_at is not None:
            await communes.note_names_told(db, present)
        return None
    found: list[str] = []
    if held.aggregate in PLACED:
        name = COLLECTIONS[held.aggregate]
        found = await communes.lying_in(db, name, changed, held.after, size)
    anew = partial(resettle, held.aggregate, anew=True)
    told = sum([await alone(db, anew, one, now) for one in found])
    last = found[-1] if len(found) == size else ""
    after = held.advanced(last=last, seen=len(found), changed=told, now=now)
    if not await scoring.keep(db, held, after, NAMES):
        return None
    if after.finished_at is not None:
        await communes.note_names_told(db, present)
    return after
