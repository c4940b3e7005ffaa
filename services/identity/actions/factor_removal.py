"""A lost device: who manages the account removes the factor, having seen the person (R10).

The old password goes with it: otherwise whoever knows it could enrol a device of their own before
the person does. The one-time code that is handed over instead is what enrolling begins with.
"""

from datetime import datetime

from services.identity.actions import history
from services.identity.actions.issue import Issued
from services.identity.actions.sessions import end_all
from services.identity.domain import secrets
from services.identity.domain.access import Did, Origin
from services.identity.domain.management import require_managed
from services.identity.domain.sessions import Ending
from services.identity.store import accounts, credentials, factors
from shared import audit
from shared.auth import Principal, require_fresh
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

REMOVE = "account.remove_factor"


async def remove(
    account_id: str, reason: str, *, who: Principal, origin: Origin, db: Database, now: datetime
) -> Issued:
    """A one-time code for the person, who sets a password with it and enrols anew; all sessions
    and the old password are void.

    Raises FactorNotEnrolled, ProofNeeded, and what require_managed raises: never for oneself.
    """
    code = secrets.new_setup_code()
    async with audit.attempt(db, who, REMOVE, account_id):

        async def work(tx: Tx) -> Issued:
            account = await accounts.get(tx, account_id)
            require_managed(who, REMOVE, account)
            require_fresh(who, REMOVE, now)
            factor = await factors.find(tx, account_id)
            await factors.put(tx, factor.remove(who.account_id, reason, now))
            setup = secrets.fingerprint(secrets.read_setup_code(code))
            await credentials.expect_setup(tx, account_id, setup, now)
            changed, revoked = account.void_tokens("factor_removed", now)
            await accounts.put(tx, changed)
            await end_all(tx, account_id, Ending.FACTOR_CHANGED, now)
            await outbox.append(tx, revoked)
            await history.note(tx, account_id, Did.FACTOR_REMOVED, origin, now, by=who.account_id)
            await audit.accepted(tx, who, REMOVE, account_id, reason, seen_in_person=True)
            return Issued(changed, code)

        return await transact(db, work)
