"""Writing the access history from within an act."""

from datetime import datetime

from services.identity.domain.access import Access, Did, Origin
from services.identity.store import accesses
from shared.ids import new_id
from shared.mongo import Database, Tx


async def note(
    target: Database | Tx,
    account_id: str | None,
    did: Did,
    origin: Origin,
    now: datetime,
    *,
    outcome: str = "accepted",
    by: str = "",
) -> None:
    """One entry; `by` is the account that acted, if it was another."""
    await accesses.add(
        target,
        Access(
            id=new_id(),
            at=now,
            account_id=account_id,
            did=did,
            outcome=outcome,
            place=origin.place,
            device=origin.device,
            by=by,
        ),
    )
