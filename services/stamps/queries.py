"""What pages and the API read: only what the asker may see; reading changes nothing."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.stamps.domain.holds import Hold
from services.stamps.domain.intervals import SerialsOutsideBatch, merged
from services.stamps.domain.printing import NotPrintedYet, PrintJob
from services.stamps.domain.requests import Batch, Request
from services.stamps.store import facts, holds, print_jobs, requests, segments
from shared import audit
from shared.auth import Principal, area_filter, require
from shared.contracts.stamps import Interval
from shared.mongo import Database, Tx, transact


async def _facilities_of(who: Principal, db: Database) -> dict[str, Any]:
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
    wanted = await _facilities_of(who, db)
    if state:
        wanted["state"] = state
    return await requests.find(db, wanted, page=page)


async def request_seen_by(who: Principal, request_id: str, *, db: Database) -> Request:
    request = await requests.get(db, request_id)
    require(who, "stamps.read", await facts.scope_of(db, request.facility_id))
    return request


async def batches_seen_by(
    who: Principal, *, db: Database, page: int = 1
) -> tuple[list[Batch], int]:
    """One page of the batches in the asker's scope, newest first, and how many there are."""
    require(who, "stamps.read")
    return await requests.find_batches(db, await _facilities_of(who, db), page=page)


async def batch_seen_by(who: Principal, number: int, *, db: Database) -> Batch:
    batch = await requests.get_batch(db, number)
    require(who, "stamps.read", await facts.scope_of(db, batch.facility_id))
    return batch


async def printable_batch(
    who: Principal, number: int, *, first: int, last: int, db: Database, now: datetime
) -> Batch:
    """A batch whose codes the asker may have in clear; that they had them is recorded.

    Raises SerialsOutsideBatch.
    """

    async def work(tx: Tx) -> Batch:
        batch = await requests.get_batch(tx, number)
        require(who, "stamps.print", await facts.scope_of(tx, batch.facility_id))
        if not 0 <= first <= last < batch.quantity:
            raise SerialsOutsideBatch("first", last=batch.quantity - 1, first=first, asked=last)
        await audit.accepted(tx, who, "stamps.print", str(number), first=first, last=last)
        return batch

    async with audit.attempt(db, who, "stamps.print", str(number)):
        return await transact(db, work)


@dataclass(frozen=True, slots=True)
class Life:
    """A batch's serials: all intervals in order, neighbours joined, and the count per state."""

    intervals: tuple[Interval, ...]
    counts: dict[str, int]


async def life_of(batch: Batch, *, db: Database) -> Life:
    parts = await segments.of_batch(db, batch.number)
    intervals = merged(interval for segment in parts for interval in segment.intervals)
    counts: dict[str, int] = {}
    for interval in intervals:
        counts[interval.state] = counts.get(interval.state, 0) + interval.last - interval.first + 1
    return Life(intervals, counts)


@dataclass(frozen=True, slots=True)
class BatchView:
    """Everything the page of a batch shows."""

    life: Life
    history: list[dict[str, Any]]
    lots: list[dict[str, Any]]
    lot_codes: dict[str, str]
    jobs: list[PrintJob]
    holds: list[Hold]

    @property
    def next_unused(self) -> tuple[int, int] | None:
        """The first run of serials that can still be activated."""
        for interval in self.life.intervals:
            if interval.state == "issued":
                return interval.first, interval.last
        return None


async def batch_view(batch: Batch, *, db: Database) -> BatchView:
    life = await life_of(batch, db=db)
    known = await facts.named(db, "lots", {i.lot for i in life.intervals if i.lot})
    return BatchView(
        life=life,
        history=await segments.changes_of(db, batch.number),
        lots=await facts.lots_of_product(db, batch.facility_id, batch.product_id),
        lot_codes={lot: found.get("code", lot) for lot, found in known.items()},
        jobs=await print_jobs.of_batch(db, batch.number),
        holds=await holds.of(db, facility_id=batch.facility_id, batch=batch.number),
    )


async def names_for(rows: Sequence[Request | Batch], *, db: Database) -> dict[str, str]:
    """Names of the facilities, products and lots that rows speak of, by id."""
    wanted = {
        "facilities": {row.facility_id for row in rows},
        "products": {row.product_id for row in rows},
        "lots": {row.lot_id for row in rows if isinstance(row, Request) and row.lot_id},
    }
    names: dict[str, str] = {}
    for collection, ids in wanted.items():
        for key, found in (await facts.named(db, collection, ids)).items():
            names[key] = found.get("name") or found.get("code") or key
    return names


async def products_to_stamp(who: Principal, *, db: Database) -> list[dict[str, Any]]:
    """Published products the asker may request stamps for."""
    return await facts.active_in(db, "products", await _facilities_of(who, db))


async def lots_to_stamp(who: Principal, *, db: Database) -> list[dict[str, Any]]:
    return await facts.active_in(db, "lots", await _facilities_of(who, db))


async def job_seen_by(who: Principal, job_id: str, *, db: Database) -> PrintJob:
    job = await print_jobs.get(db, job_id)
    require(who, "stamps.print", await facts.scope_of(db, job.facility_id))
    return job


async def finished_job(who: Principal, job_id: str, *, db: Database) -> PrintJob:
    """A job whose file is there; raises NotPrintedYet. That it was taken is recorded."""
    job = await job_seen_by(who, job_id, db=db)
    if job.state != "done":
        raise NotPrintedYet()

    async def work(tx: Tx) -> None:
        await audit.accepted(tx, who, "stamps.print", str(job.batch), job=job.id, file="taken")

    await transact(db, work)
    return job


def file_of(job: PrintJob, *, db: Database) -> AsyncIterator[bytes]:
    return print_jobs.read_file(db, job)
