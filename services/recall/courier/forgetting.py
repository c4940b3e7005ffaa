"""Addresses that serve nobody any more are removed: they were kept for one purpose only."""

from datetime import datetime, timedelta
from typing import Final

from services.recall.domain.contact import READER_DAYS, Owner
from services.recall.store import contacts, deliveries, ended_owners
from shared import audit
from shared.mongo import Database, Tx, transact

ACT: Final = "recall.contacts"
# A facility that was stopped by mistake goes on where it was; one that was merged has time to be
# told of what still runs.
ENDED_FOR: Final = timedelta(days=30)
_AT_ONCE: Final = 100


async def sweep(db: Database, at: datetime) -> int:
    """How many were removed: of owners who ended, and where the reader asked for no more."""
    removed = 0
    stopped_before = at - timedelta(days=READER_DAYS)
    for contact_id in await contacts.stopped_by_reader(db, stopped_before, most=_AT_ONCE):
        removed += await _remove(db, contact_id, "reader")
    for kind, id_ in await ended_owners.before(db, at - ENDED_FOR, most=_AT_ONCE):
        for one in await contacts.of_owner(db, Owner(kind, id_)):
            removed += await _remove(db, one.id, "owner_ended")
        await ended_owners.forget(db, kind, id_)
    return removed


async def _remove(db: Database, contact_id: str, why: str) -> int:
    async def work(tx: Tx) -> int:
        if await contacts.find(tx, contact_id) is None:
            return 0
        await contacts.remove(tx, contact_id)
        await deliveries.drop(tx, contact_id)
        await audit.accepted(tx, None, ACT, contact_id, done="removed", why=why)
        return 1

    return await transact(db, work)
