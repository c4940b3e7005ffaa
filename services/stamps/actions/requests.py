"""Asking for stamps, and the decision that issues them."""

from datetime import datetime

from pymongo.errors import DuplicateKeyError

from services.stamps.domain import intervals
from services.stamps.domain.requests import (
    Batch,
    FacilityNotActive,
    LotNotUsable,
    ProductNotPublished,
    Request,
    RequestAlreadyDecided,
    check_quantity,
)
from services.stamps.store import facts, holds, requests, segments
from shared import audit
from shared.auth import Principal, require
from shared.contracts.stamps import BatchIssued
from shared.crashpoints import crash_point
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact


async def submit(
    *,
    product_id: str,
    quantity: int,
    purpose: str,
    lot_id: str = "",
    key: str = "",
    who: Principal,
    db: Database,
    now: datetime,
) -> Request:
    """Ask for `quantity` stamps for a published product; the same key asks only once.

    Raises QuantityOutOfRange, ProductNotPublished, FacilityNotActive, LotNotUsable.
    """

    async def work(tx: Tx) -> Request:
        product = await facts.product(tx, product_id)
        facility_id = product["facility_id"] if product else ""
        scope = await facts.scope_of(tx, facility_id)
        require(who, "stamps.request", scope)
        check_quantity(quantity)
        await _must_be_active(tx, facility_id, product_id)
        if lot_id:
            await usable_lot(tx, lot_id, facility_id, product_id)
        request = Request(
            id=new_id(),
            facility_id=facility_id,
            product_id=product_id,
            lot_id=lot_id,
            quantity=quantity,
            purpose=purpose,
            submitted_by=who.account_id,
            submitted_at=now,
        )
        await requests.add(tx, request, key)
        await audit.accepted(tx, who, "stamps.request", request.id, purpose, quantity=quantity)
        return request

    async with audit.attempt(db, who, "stamps.request", product_id):
        if key and (before := await requests.by_key(db, who.account_id, key)):
            return before
        try:
            return await transact(db, work)
        except DuplicateKeyError:
            # The same key arrived twice at once; the other one is the request.
            before = await requests.by_key(db, who.account_id, key)
            if before is None:
                raise
            return before


async def approve(
    request_id: str,
    *,
    quantity: int | None = None,
    reason: str = "",
    who: Principal,
    db: Database,
    now: datetime,
) -> Request:
    """Grant a request and issue its batch, all in one transaction.

    Raises RequestAlreadyDecided, MoreThanAsked, ReasonNeeded, FacilityNotActive,
    ProductNotPublished. However many approve at once, one batch comes of a request.
    """

    async def work(tx: Tx) -> Request:
        request = await requests.get(tx, request_id)
        require(who, "stamps.decide", await facts.scope_of(tx, request.facility_id))
        approved, decided = request.approve(
            quantity=quantity, batch=number, by=who.account_id, reason=reason, now=now
        )
        await _must_be_active(tx, request.facility_id, request.product_id)
        await requests.put(tx, approved)
        batch = Batch(
            number=number,
            request_id=request.id,
            facility_id=request.facility_id,
            product_id=request.product_id,
            quantity=approved.approved,
            issued_at=now,
        )
        await requests.add_batch(tx, batch)
        issued = intervals.issued(number, batch.facility_id, batch.product_id, batch.quantity)
        await segments.add(tx, issued)
        await outbox.append(
            tx, decided, batch_issued(batch, now), *(s.published(now) for s in issued)
        )
        await audit.accepted(
            tx, who, "stamps.decide", request.id, reason, batch=number, quantity=batch.quantity
        )
        crash_point("stamps.issue.before_commit")
        return approved

    async with audit.attempt(db, who, "stamps.decide", request_id):
        waiting = await requests.get(db, request_id)
        require(who, "stamps.decide", await facts.scope_of(db, waiting.facility_id))
        if waiting.state != "submitted":
            raise RequestAlreadyDecided()
        number = await requests.next_batch_number(db)
        crash_point("stamps.issue.number_drawn")
        approved = await transact(db, work)
        crash_point("stamps.issue.after_commit")
        return approved


async def reject(
    request_id: str, *, reason: str, who: Principal, db: Database, now: datetime
) -> Request:
    """Refuse a request with a reason; raises RequestAlreadyDecided, ReasonNeeded."""

    async def work(tx: Tx) -> Request:
        request = await requests.get(tx, request_id)
        require(who, "stamps.decide", await facts.scope_of(tx, request.facility_id))
        rejected, decided = request.reject(by=who.account_id, reason=reason, now=now)
        await requests.put(tx, rejected)
        await outbox.append(tx, decided)
        await audit.accepted(tx, who, "stamps.decide", request.id, reason, decision="rejected")
        return rejected

    async with audit.attempt(db, who, "stamps.decide", request_id):
        return await transact(db, work)


def batch_issued(batch: Batch, now: datetime) -> BatchIssued:
    return BatchIssued(
        subject=str(batch.number),
        version=1,
        time=now,
        batch=batch.number,
        request_id=batch.request_id,
        facility_id=batch.facility_id,
        product_id=batch.product_id,
        quantity=batch.quantity,
    )


async def _must_be_active(tx: Tx, facility_id: str, product_id: str) -> None:
    facility = await facts.facility(tx, facility_id)
    stopped = await holds.find_one(tx, holds.facility_hold_id(facility_id))
    if facility["status"] != "active" or (stopped is not None and stopped.active):
        raise FacilityNotActive()
    product = await facts.product(tx, product_id)
    if product is None or not product["active"]:
        raise ProductNotPublished("product_id")


async def usable_lot(tx: Tx, lot_id: str, facility_id: str, product_id: str) -> None:
    """Raise LotNotUsable unless the lot is active and of this facility and product."""
    lot = await facts.lot(tx, lot_id)
    if (
        lot is None
        or not lot["active"]
        or (lot["facility_id"], lot["product_id"]) != (facility_id, product_id)
    ):
        raise LotNotUsable("lot_id")
