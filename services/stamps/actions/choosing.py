"""Who prints the stamps of a request, changed before anything is printed (R40)."""

from datetime import datetime

from services.stamps.actions.noting import note
from services.stamps.domain.moves import Act
from services.stamps.domain.requests import AlreadyPrinted, PrintedBy, Request
from services.stamps.domain.stock import ordered
from services.stamps.store import batches, facts, print_jobs, requests, stock
from shared import audit
from shared.auth import Principal, require
from shared.errors import NotFound
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.turns import turn


async def choose_printer(
    request_id: str,
    *,
    printed_by: PrintedBy,
    reason: str = "",
    who: Principal,
    db: Database,
    now: datetime,
) -> Request:
    """Another prints than was said: by who may ask until it is decided, then by who decides.

    Raises NothingToPrint, OwnRequest, SamePrinter, ReasonNeeded, AlreadyPrinted.
    """

    async def work(tx: Tx) -> Request:
        request = await requests.get(tx, request_id)
        right = request.printing_right
        require(who, right, await facts.scope_of(tx, request.facility_id))
        chosen = request.print_by(printed_by, by=who.account_id, reason=reason)
        if chosen.batch is not None:
            await _must_be_unprinted(tx, chosen.batch)
            await _change_stock(tx, chosen.batch, printed_by, reason, who, now)
        await requests.put(tx, chosen)
        await outbox.append(tx, chosen.told_of_printing(reason, now))
        told = {"printed_by": printed_by, **({"batch": chosen.batch} if chosen.batch else {})}
        await audit.accepted(tx, who, right, request_id, reason, **told)
        return chosen

    async with (
        audit.attempt(db, who, await _right_of(db, request_id), request_id),
        turn(db.name, f"request {request_id}"),
    ):
        return await transact(db, work)


async def _must_be_unprinted(tx: Tx, number: int) -> None:
    """Raise AlreadyPrinted where somebody has, or may have, stamps of the batch on paper."""
    await batches.note_order(tx, number)
    batch = await batches.get(tx, number)
    if batch.changes or batch.codes_taken or await print_jobs.any_made(tx, number):
        raise AlreadyPrinted()


async def _change_stock(
    tx: Tx, number: int, printed_by: PrintedBy, reason: str, who: Principal, now: datetime
) -> None:
    before = await stock.kept(tx, number)
    if before is None:
        after = ordered(await batches.get(tx, number))
    else:
        after = before.left_to(printed_by, now=now)
    act: Act = "order" if printed_by == "authority" else "leave"
    await note(tx, None, after, act, who, now, reason=reason)


async def _right_of(db: Database, request_id: str) -> str:
    """The right that who changes it uses, for the ledger."""
    try:
        return (await requests.get(db, request_id)).printing_right
    except NotFound:
        return "stamps.request"
