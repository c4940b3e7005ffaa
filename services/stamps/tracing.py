"""What became of stamps: one serial's whole history, and revocations that can be undone."""

from collections.abc import Iterable
from datetime import datetime

from services.stamps.domain.life import Changed
from services.stamps.domain.requests import Batch
from services.stamps.domain.undoing import REVOKE, NotARevocation, must_be_undoable
from services.stamps.store import segments
from shared.auth import Principal
from shared.errors import Refusal
from shared.mongo import Database


async def revocation_of(batch: Batch, number: int, *, db: Database) -> Changed:
    """A revocation of this batch by the number of the change; raises NotFound, NotARevocation."""
    made = await segments.change(db, batch.number, number)
    if made.change != REVOKE:
        raise NotARevocation(number=number)
    return made


def undo_refused(made: Changed, *, who: Principal, now: datetime) -> Refusal | None:
    """Why the asker may not undo this change; None where they may."""
    try:
        must_be_undoable(made, who=who, now=now)
    except Refusal as refusal:
        return refusal
    return None


def undoable(history: Iterable[Changed], *, who: Principal, now: datetime) -> list[Changed]:
    """The revocations that the asker may undo, unless their serials changed since."""
    if not who.may("stamps.undo"):
        return []
    history = list(history)
    undone = {(one.undoes, one.first, one.last) for one in history}
    return [
        one
        for one in history
        if (one.number, one.first, one.last) not in undone
        and undo_refused(one, who=who, now=now) is None
    ]
