"""What pages and the API read: only what the asker may see; reading changes nothing."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from services.stamps.actions.pausing import must_not_be_paused
from services.stamps.domain.deciding import Decided, changes_left, out_of_use
from services.stamps.domain.handovers import HandOver
from services.stamps.domain.holds import Hold
from services.stamps.domain.intervals import merged
from services.stamps.domain.known import Lot, Paper, Product
from services.stamps.domain.life import CHANGES, Changed
from services.stamps.domain.printing import PLAIN, OnPaper, PrintJob, Span, joined
from services.stamps.domain.requests import Batch, Request
from services.stamps.domain.stock import Stock
from services.stamps.domain.touched import Touched, touched
from services.stamps.store import (
    batches,
    facts,
    holds,
    notices,
    print_jobs,
    print_parts,
    requests,
    segments,
)
from shared.auth import Principal, area_filter, require
from shared.contracts.stamps import Interval
from shared.days import local_day
from shared.errors import NotFound, Refusal
from shared.mongo import Database


async def facilities_of(who: Principal, db: Database) -> dict[str, Any]:
    """The filter on `facility_id` that leaves what lies in the asker's scope."""
    if who.facility_id is not None:
        return {"facility_id": who.facility_id}
    area = area_filter(who)
    if not area:
        return {}
    return {"facility_id": {"$in": await facts.facilities_in(db, area)}}


async def requests_seen_by(
    who: Principal, *, db: Database, state: str = "", page: int = 1
) -> tuple[list[Request], int]:
    """One page of the requests in the asker's scope, newest first, and how many there are."""
    require(who, "stamps.read")
    wanted = await facilities_of(who, db)
    if state:
        wanted["state"] = state
    return await requests.find(db, wanted, page=page)


async def request_seen_by(who: Principal, request_id: str, *, db: Database) -> Request:
    request = await requests.get(db, request_id)
    require(who, "stamps.read", await facts.scope_of(db, request.facility_id))
    return request


def may_choose_printer(who: Principal, request: Request) -> bool:
    """Whether who asks is one to change who prints the stamps of a request, as it stands."""
    own = request.state == "approved" and request.submitted_by == who.account_id
    undecidable = request.state in ("rejected", "withdrawn")
    return not undecidable and who.may(request.printing_right) and not own


async def request_to_print(who: Principal, request_id: str, *, db: Database) -> Request:
    """A request of which the asker may change who prints."""
    request = await request_seen_by(who, request_id, db=db)
    require(who, request.printing_right, await facts.scope_of(db, request.facility_id))
    return request


async def request_to_withdraw(who: Principal, request_id: str, *, db: Database) -> Request:
    """A request in the scope of somebody who may ask for stamps there."""
    request = await request_seen_by(who, request_id, db=db)
    require(who, "stamps.request", await facts.scope_of(db, request.facility_id))
    return request


def withdrawal_refused(who: Principal, request: Request) -> Refusal | None:
    """Why the asker cannot take this request back; None where they can."""
    try:
        request.must_be_withdrawable(by=who.account_id, facility_id=who.facility_id)
    except Refusal as refusal:
        return refusal
    return None


async def paused(request: Request, now: datetime, *, db: Database) -> Refusal | None:
    """What holds the approval of a request up; None where nothing does."""
    facility = await facts.facility(db, request.facility_id)
    try:
        await must_not_be_paused(db, request, facility, now)
    except Refusal as refusal:
        return refusal
    return None


async def batches_seen_by(
    who: Principal, *, db: Database, page: int = 1
) -> tuple[list[Batch], int]:
    """One page of the batches in the asker's scope, newest first, and how many there are."""
    require(who, "stamps.read")
    return await batches.find(db, await facilities_of(who, db), page=page)


async def batch_seen_by(
    who: Principal, number: int, *, db: Database, action: str = "stamps.read"
) -> Batch:
    """A batch in the asker's scope, with which they may do `action`."""
    batch = await batches.get(db, number)
    scope = await facts.scope_of(db, batch.facility_id)
    require(who, "stamps.read", scope)
    require(who, action, scope)
    return batch


@dataclass(frozen=True)
class Life:
    """A batch's serials: all intervals in order, neighbours of two segments joined."""

    intervals: tuple[Interval, ...]

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many serials are in each state."""
        found: dict[str, int] = {}
        for first, last, _, state in self.intervals:
            found[state] = found.get(state, 0) + last - first + 1
        return found

    @property
    def next_unused(self) -> tuple[int, int] | None:
        """The first run of serials that can still be activated."""
        for first, last, _, state in self.intervals:
            if state == "issued":
                return first, last
        return None


async def life_of(batch: Batch, *, db: Database) -> Life:
    parts = await segments.of_batch(db, batch.number)
    return Life(merged(interval for segment in parts for interval in segment.intervals))


async def decided_on(batch: Batch, intervals: Sequence[Interval], *, db: Database) -> list[Decided]:
    """Who left those of these serials out of use that are; in the serials' order."""
    spans = out_of_use(intervals, 0, batch.quantity - 1)
    found = await segments.last_changes(db, batch.number, spans)
    return sorted(found, key=lambda one: one.first)


@dataclass(frozen=True)
class Offered:
    """The `changes` that somebody can make to some serials of a batch, in the order of CHANGES, and
    what they cannot touch because a tier `above` theirs decided it."""

    changes: tuple[str, ...]
    above: tuple[Decided, ...]


async def changes_offered(who: Principal, batch: Batch, life: Life, *, db: Database) -> Offered:
    """What of a batch the asker can change, and how."""
    decided = await decided_on(batch, life.intervals, db=db)
    own = who.facility_id is not None
    possible = changes_left(life.intervals, decided, tier=who.tier, own=own)
    return Offered(
        tuple(name for name in CHANGES if name in possible),
        tuple(one for one in decided if one.above(who.tier)),
    )


async def history_of(batch: Batch, *, db: Database) -> list[Changed]:
    """What was done to the batch's serials, newest first."""
    return await segments.changes_of(db, batch.number)


async def notices_on(batch: Batch, intervals: Sequence[Interval], *, db: Database) -> list[Touched]:
    """Recalls, withdrawals and warnings that hold, with the serials of the batch they touch."""
    lots = {interval.lot for interval in intervals} - {""}
    return list(touched(await notices.holding(db, batch, lots), batch.quantity, intervals))


async def notices_among(rows: Sequence[Batch], *, db: Database) -> dict[int, str]:
    """The gravest kind of notice that holds on stamps of each batch, by its number."""
    if not rows:
        return {}
    lots = await segments.lots_on(db, [one.number for one in rows])
    return await notices.gravest(db, list(rows), lots)


async def holds_on(batch: Batch, *, db: Database) -> list[Hold]:
    """The active holds that touch a batch."""
    return await holds.touching(db, facility_id=batch.facility_id, batch=batch.number)


async def hold_of(batch: Batch, hold_id: str, *, who: Principal, db: Database) -> Hold:
    """An officer's hold on this very batch; raises NotFound, OutOfReach for one on another's."""
    found = await holds.get(db, hold_id)
    if found.scope != "batch":
        raise NotFound()
    if found.target != str(batch.number):
        await batch_seen_by(who, int(found.target), db=db)
        raise NotFound()
    return found


async def lots_for(batch: Batch, *, db: Database) -> list[Lot]:
    """The lots that stamps of a batch can be activated for, the newest first."""
    return await facts.lots_of(
        db, {"facility_id": batch.facility_id, "product_id": batch.product_id}
    )


async def lot_codes(ids: set[str], *, db: Database) -> dict[str, str]:
    return await facts.names(db, "lots", ids)


async def names_for(
    rows: Sequence[Request | Batch | PrintJob | Stock | HandOver], *, db: Database
) -> dict[str, str]:
    """Names of the facilities, products and lots that rows speak of, by id."""
    wanted = {
        "facilities": {row.facility_id for row in rows},
        "products": {row.product_id for row in rows},
        "lots": {row.lot_id for row in rows if isinstance(row, Request) and row.lot_id},
    }
    names: dict[str, str] = {}
    for collection, ids in wanted.items():
        names |= await facts.names(db, collection, ids)
    return names


async def facility_names(ids: set[str], *, db: Database) -> dict[str, str]:
    return await facts.names(db, "facilities", ids)


async def product_of(row: Batch | PrintJob, *, db: Database) -> Product:
    """The product that a batch was issued for, as far as it is known."""
    return await facts.product(db, row.product_id) or Product(row.product_id)


async def products_to_stamp(who: Principal, *, db: Database) -> list[Product]:
    """Published products the asker may request stamps for."""
    return await facts.products_of(db, await facilities_of(who, db))


async def without_paper(who: Principal, now: datetime, *, db: Database) -> list[tuple[str, Paper]]:
    """Facilities in the asker's scope that get no stamps, with the paper that ran out."""
    found = await facts.with_ended_paper(db, await facilities_of(who, db), local_day(now), 50)
    return [(one.name, paper) for one in found if (paper := one.expired_paper(now)) is not None]


async def lots_to_stamp(who: Principal, *, db: Database) -> list[Lot]:
    return await facts.lots_of(db, await facilities_of(who, db))


async def jobs_of(batch: Batch, *, db: Database) -> list[PrintJob]:
    """The latest print jobs of a batch, newest first."""
    return await print_jobs.of_batch(db, batch.number)


async def last_paper_of(facility_id: str, *, db: Database) -> OnPaper:
    """What the facility printed on last, and how its printer was corrected; a whole sheet of it."""
    job = await print_jobs.latest_of(db, facility_id)
    return OnPaper(job.format, 0, job.shift_x, job.shift_y) if job else PLAIN


async def printed_of(batch: Batch, *, db: Database) -> list[Span]:
    """The serials of a batch for which there is a file, or will be."""
    return joined(await print_jobs.spans(db, batch.number))


async def job_seen_by(who: Principal, job_id: str, *, db: Database) -> PrintJob:
    job = await print_jobs.get(db, job_id)
    require(who, job.right, await facts.scope_of(db, job.facility_id))
    return job


def file_of(job: PrintJob, *, db: Database) -> AsyncIterator[bytes]:
    """The PDF of a job whose state is done, in pieces."""
    return print_parts.read_file(db, job)
