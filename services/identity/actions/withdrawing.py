"""An application withdrawn by its sender: consent taken back, nothing kept (Law 91/2025/QH15)."""

from datetime import datetime

from services.identity.actions.applications import LOOKS, LOOKS_WINDOW, fingerprint_of, limit
from services.identity.domain.access import Origin
from services.identity.domain.applications import State
from services.identity.domain.enclosed import Enclosed
from services.identity.guard import Guard
from services.identity.store import applications as store
from services.identity.store import enclosed as files
from shared import audit
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

WITHDRAW = "application.withdraw"


async def withdraw(code: str, *, origin: Origin, db: Database, guard: Guard, now: datetime) -> None:
    """What was sent with this tracking code is deleted, and the code leads nowhere any more.

    Raises NotFound, TooOften, ApplicationDecided: a decision is kept for a year.
    """
    await limit("track", LOOKS, LOOKS_WINDOW, origin, db, guard, now)
    fingerprint = fingerprint_of(code)
    found = await store.by_code(db, fingerprint)
    async with audit.attempt(db, None, WITHDRAW, found.id):

        async def work(tx: Tx) -> tuple[Enclosed, ...]:
            application = await store.get(tx, found.id)
            left = application.withdraw(fingerprint)
            if left.state is State.WITHDRAWN:
                await store.forget(tx, left)
            else:
                await store.put(tx, left)
            await outbox.append(tx, left.published(now))
            await audit.accepted(tx, None, WITHDRAW, found.id)
            return application.sent_with(fingerprint)

        gone = await transact(db, work)
    for paper in gone:
        await files.drop_file(db, paper.file)
