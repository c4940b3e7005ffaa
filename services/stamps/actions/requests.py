"""Asking for stamps, and the decision that issues them."""

from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from datetime import datetime

from services.stamps.actions import stock
from services.stamps.actions.pausing import must_not_be_paused
from services.stamps.actions.quotas import must_be_left, must_be_open
from services.stamps.domain import intervals
from services.stamps.domain.known import Facility, Product, must_take_stamps
from services.stamps.domain.requests import Batch, Decision, PrintedBy, Request, check_quantity
from services.stamps.store import batches, facts, quotas, requests, segments
from shared import audit, once
from shared.auth import Principal, require
from shared.crashpoints import crash_point
from shared.errors import EditConflict, NotFound
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.turns import turn


async def submit(
    *,
    product_id: str,
    quantity: int,
    purpose: str,
    lot_id: str = "",
    printed_by: PrintedBy = "facility",
    key: str | None = None,
    who: Principal,
    db: Database,
    now: datetime,
) -> Request:
    """Ask for `quantity` stamps for a published product; the same key asks only once.

    Raises QuantityOutOfRange, ProductNotPublished, FacilityNotActive, FoodSafetyPaperExpired,
    LotNotUsable, KeyReused, and what domain/quota_room.py refuses. However many ask at once, all
    that waits of a facility stays within what its quotas leave.
    """
    more = () if printed_by == "facility" else (printed_by,)
    asked = once.once(who, key, "request", product_id, quantity, purpose, lot_id, *more)

    async def work(tx: Tx) -> Request:
        if before := await once.answered(tx, asked):
            return await requests.get(tx, before["id"])
        product = await facts.product(tx, product_id)
        if product is None:
            raise NotFound()
        facility = await facts.facility(tx, product.facility_id)
        require(who, "stamps.request", facility.scope)
        check_quantity(quantity)
        facility.must_be_active()
        facility.must_have_paper(now)
        product.must_be_published()
        if lot_id:
            lot = await facts.lot(tx, lot_id)
            must_take_stamps(lot, facility_id=facility.id, product_id=product_id)
        known = await quotas.of_using(tx, facility.id)
        await must_be_open(tx, known, product_id, quantity, now)
        request = Request(
            id=new_id(),
            facility_id=facility.id,
            product_id=product_id,
            lot_id=lot_id,
            quantity=quantity,
            purpose=purpose,
            submitted_by=who.account_id,
            submitted_at=now,
            printed_by=printed_by,
        )
        await requests.add(tx, request)
        await once.keep(tx, asked, {"id": request.id}, now)
        await audit.accepted(tx, who, "stamps.request", request.id, purpose, quantity=quantity)
        return request

    async with (
        audit.attempt(db, who, "stamps.request", product_id),
        await _waiting(db, await facts.product(db, product_id)),
    ):
        return await transact(db, work)


async def _waiting(db: Database, product: Product | None) -> AbstractAsyncContextManager[object]:
    """The turn of a facility with quotas: its acts would undo one another's work."""
    if product is None or not (await quotas.of(db, product.facility_id)).limits:
        return nullcontext()
    return turn(db.name, f"quotas {product.facility_id}")


async def decide(
    request_id: str,
    *,
    decision: Decision,
    quantity: int | None = None,
    reason: str = "",
    printed_by: PrintedBy | None = None,
    key: str | None = None,
    who: Principal,
    db: Database,
    now: datetime,
) -> Request:
    """Approve or reject a request, once; see below what each may raise."""
    if decision == "reject":
        return await reject(request_id, reason=reason, key=key, who=who, db=db, now=now)
    return await approve(
        request_id,
        quantity=quantity,
        reason=reason,
        printed_by=printed_by,
        key=key,
        who=who,
        db=db,
        now=now,
    )


async def approve(
    request_id: str,
    *,
    quantity: int | None = None,
    reason: str = "",
    printed_by: PrintedBy | None = None,
    key: str | None = None,
    who: Principal,
    db: Database,
    now: datetime,
) -> Request:
    """Grant a request and issue its batch, to be printed by whom was asked or by `printed_by`.

    Raises RequestAlreadyDecided, AlreadyWithdrawn, OwnRequest, MoreThanAsked, ReasonNeeded,
    FacilityNotActive, FoodSafetyPaperExpired, ProductNotPublished, AskerSuspended, QuotaOfNone,
    QuotaUsedUp, QuotaExceeded, KeyReused. However many approve at once, one batch comes of a
    request, and all of a facility stay within its quotas; the same key by the same account learns
    of that batch again.
    """
    by = [printed_by] if printed_by else []
    asked = once.once(who, key, "approve", request_id, quantity, reason, *by)
    async with (
        audit.attempt(db, who, "stamps.decide", request_id),
        turn(db.name, f"request {request_id}"),
    ):
        while True:
            if before := await once.answered(db, asked):
                return await requests.get(db, before["id"])
            request = await requests.get(db, request_id)
            facility = await _decidable(db, request, who)
            granted = request.granted(quantity, reason, by=who.account_id, printed_by=printed_by)
            await must_not_be_paused(db, request, facility, now)
            known = await quotas.of(db, facility.id)
            await must_be_left(db, known, request.product_id, granted, now)
            # Drawn last, lest refused attempts use numbers up.
            number = await batches.next_number(db)
            crash_point("stamps.issue.number_drawn")
            approved, batch = request.approve(
                quantity=quantity,
                batch=number,
                by=who.account_id,
                reason=reason,
                now=now,
                printed_by=printed_by,
            )
            # Another process may have decided meanwhile, or the number be taken: look again.
            # Approvals of a facility with quotas would undo one another's work: they queue up.
            waiting = turn(db.name, f"quotas {facility.id}") if known.limits else nullcontext()
            with suppress(EditConflict, batches.NumberTaken):
                async with waiting:
                    await _issue(approved, batch, reason, asked, who=who, db=db)
                crash_point("stamps.issue.after_commit")
                return approved


async def _issue(
    approved: Request,
    batch: Batch,
    reason: str,
    asked: once.Once | None,
    *,
    who: Principal,
    db: Database,
) -> None:
    """Keep and tell a decision and its batch, in one transaction.

    Raises EditConflict if the request is no longer as it was decided upon, NumberTaken, and
    QuotaExceeded or QuotaUsedUp if others were issued what was left.
    """
    at = batch.issued_at
    issued = intervals.issued(batch.number, batch.facility_id, batch.product_id, batch.quantity)

    async def work(tx: Tx) -> None:
        await requests.put(tx, approved)
        known = await quotas.of_using(tx, batch.facility_id)
        await must_be_left(tx, known, batch.product_id, batch.quantity, at)
        await batches.add(tx, batch)
        await segments.add(tx, issued)
        if approved.printed_by == "authority":
            await stock.order(tx, batch, who)
        await once.keep(tx, asked, {"id": approved.id}, at)
        await outbox.append(
            tx, approved.decided(), batch.issued(), *(segment.published(at) for segment in issued)
        )
        await audit.accepted(
            tx,
            who,
            "stamps.decide",
            approved.id,
            reason,
            batch=batch.number,
            quantity=batch.quantity,
            printed_by=approved.printed_by,
        )
        crash_point("stamps.issue.before_commit")

    await transact(db, work)


async def reject(
    request_id: str,
    *,
    reason: str,
    key: str | None = None,
    who: Principal,
    db: Database,
    now: datetime,
) -> Request:
    """Refuse a request with a reason; raises RequestAlreadyDecided, AlreadyWithdrawn,
    ReasonNeeded, KeyReused."""
    asked = once.once(who, key, "reject", request_id, reason)

    async def work(tx: Tx) -> Request:
        if before := await once.answered(tx, asked):
            return await requests.get(tx, before["id"])
        request = await requests.get(tx, request_id)
        await _decidable(tx, request, who)
        rejected = request.reject(by=who.account_id, reason=reason, now=now)
        await requests.put(tx, rejected)
        await once.keep(tx, asked, {"id": request_id}, now)
        await outbox.append(tx, rejected.decided())
        await audit.accepted(tx, who, "stamps.decide", request_id, reason, decision="rejected")
        return rejected

    async with audit.attempt(db, who, "stamps.decide", request_id):
        return await transact(db, work)


async def _decidable(where: Tx | Database, request: Request, who: Principal) -> Facility:
    """The request's facility, if the account may decide there."""
    facility = await facts.facility(where, request.facility_id)
    require(who, "stamps.decide", facility.scope)
    return facility
