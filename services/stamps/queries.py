"""What pages and the API read: only what the asker may see; reading changes nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.stamps.domain.intervals import SerialsOutsideBatch, merged
from services.stamps.domain.requests import Batch, Request
from services.stamps.store import facts, requests, segments
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
