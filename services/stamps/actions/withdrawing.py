"""Taking back a request for stamps that nobody has decided on yet (R36)."""

from datetime import datetime

from services.stamps.domain.requests import Request
from services.stamps.store import facts, requests
from shared import audit
from shared.auth import Principal, require
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.turns import turn

ACT = "stamps.withdraw"


async def withdraw(
    request_id: str, *, reason: str, who: Principal, db: Database, now: datetime
) -> Request:
    """The request ends, and what it asked for is no longer counted against the facility's quotas.

    Of it and a decision at the same moment one stands. Raises RequestOfOthers,
    RequestAlreadyDecided, AlreadyWithdrawn.
    """

    async def work(tx: Tx) -> Request:
        request = await requests.get(tx, request_id)
        require(who, "stamps.request", await facts.scope_of(tx, request.facility_id))
        withdrawn, event = request.withdraw(
            by=who.account_id, facility_id=who.facility_id, reason=reason, now=now
        )
        await requests.put(tx, withdrawn)
        await outbox.append(tx, event)
        await audit.accepted(tx, who, ACT, request_id, reason, quantity=request.quantity)
        return withdrawn

    async with audit.attempt(db, who, ACT, request_id), turn(db.name, f"request {request_id}"):
        return await transact(db, work)
