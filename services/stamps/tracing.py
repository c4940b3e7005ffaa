"""What became of stamps: one serial's whole history, and revocations that can be undone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from services.stamps.domain.holds import Hold
from services.stamps.domain.intervals import segments_of
from services.stamps.domain.known import Noticed
from services.stamps.domain.life import Changed
from services.stamps.domain.moves import Moved
from services.stamps.domain.printing import PrintJob, Span
from services.stamps.domain.requests import Batch
from services.stamps.domain.selling import (
    SaleTakenBack,
    first_unsold,
    must_be_a_sale,
    must_be_retractable,
    standing,
)
from services.stamps.domain.undoing import REVOKE, NotARevocation, must_be_undoable
from services.stamps.queries import Life, batch_seen_by
from services.stamps.stock_queries import moves_of_serial
from services.stamps.store import holds, notices, print_jobs, segments
from shared.auth import Principal
from shared.errors import NotFound, Refusal
from shared.mongo import Database


async def revocation_of(batch: Batch, number: int, *, db: Database) -> Changed:
    """A revocation of this batch by the number of the change; raises NotFound, NotARevocation."""
    made = await segments.change(db, batch.number, number)
    if made.change != REVOKE:
        raise NotARevocation(number=number)
    return made


async def sale_of(batch: Batch, number: int, *, db: Database) -> Changed:
    """A report of a sale of this batch by the number of the change; raises NotFound, NotASale."""
    made = await segments.change(db, batch.number, number)
    must_be_a_sale(made)
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


def retract_refused(sale: Changed, *, now: datetime) -> Refusal | None:
    """Why a report of a sale cannot be taken back; None where it can."""
    try:
        must_be_retractable(sale, now)
    except Refusal as refusal:
        return refusal
    return None


async def take_back_refused(sale: Changed, *, db: Database, now: datetime) -> Refusal | None:
    """The same where another may have taken it back already."""
    if await segments.is_taken_back(db, sale):
        return SaleTakenBack()
    return retract_refused(sale, now=now)


async def on_sale(batch: Batch, life: Life, *, db: Database) -> tuple[Span | None, bool]:
    """The first serials of a batch that can be reported as sold, and whether that is known: of a
    batch with very many reports it is not."""
    sales = await segments.sales_of(db, batch.number)
    if sales is None:
        return None, False
    return first_unsold(life.intervals, ((one.first, one.last) for one in sales)), True


def retractable(history: Iterable[Changed], *, who: Principal, now: datetime) -> list[Changed]:
    """The reports of sales that the asker may take back."""
    if not who.may("stamps.sell"):
        return []
    return [one for one in standing(history) if retract_refused(one, now=now) is None]


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that touched one serial, each list newest first."""

    batch: Batch
    serial: int
    lot: str
    state: str
    changes: list[Changed]
    jobs: list[PrintJob]
    holds: list[Hold]
    notices: list[Noticed]
    moves: list[tuple[Moved, str]] = field(default_factory=list)

    @property
    def sold_at(self) -> datetime | None:
        return next((one.at for one in standing(self.changes)), None)


async def story_of(who: Principal, number: int, serial: int, *, db: Database) -> Story:
    """The history of a serial in the asker's scope; raises NotFound for any other."""
    batch = await batch_seen_by(who, number, db=db)
    if serial >= batch.quantity:
        raise NotFound()
    (part,) = await segments.of_batch(db, number, segments_of(serial, serial))
    here = next(one for one in part.intervals if one.first <= serial <= one.last)
    changes = await segments.changes_touching(db, number, serial, serial)
    jobs = await print_jobs.of_batch(db, number, limit=10_000)
    return Story(
        batch=batch,
        serial=serial,
        lot=here.lot,
        state=here.state,
        changes=changes[::-1],
        jobs=[one for one in jobs if one.first <= serial <= one.last],
        holds=await holds.ever_on(db, facility_id=batch.facility_id, batch=number),
        notices=await notices.touching(db, batch, serial, here.lot),
        moves=await moves_of_serial(number, serial, db=db),
    )
