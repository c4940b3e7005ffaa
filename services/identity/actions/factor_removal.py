"""A lost device: who manages the account removes the factor, having seen the person (R10).

The old password goes with it: otherwise whoever knows it could enrol a device of their own before
the person does. The account is handed over anew instead, and enrolling begins with that.
"""

from datetime import datetime

from services.identity.actions import history
from services.identity.actions.issue import Issued, new_code, wait_for_person
from services.identity.actions.oneself import contact_of, not_for_oneself
from services.identity.actions.sessions import end_all
from services.identity.domain.access import Did, Origin
from services.identity.domain.management import require_managed
from services.identity.domain.sessions import Ending
from services.identity.store import accounts, factors
from shared import audit
from shared.auth import Principal, require_fresh
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

REMOVE = "account.remove_factor"


async def remove(
    account_id: str,
    reason: str,
    *,
    who: Principal,
    origin: Origin,
    db: Database,
    now: datetime,
    shown: bool = False,
) -> Issued:
    """The account waits for its person, who sets a password and enrols anew; all sessions and the
    old password are void.

    Raises FactorNotEnrolled, ProofNeeded, and what require_managed and not_for_oneself
    raise: never for oneself.
    """
    code = new_code(shown=shown)
    async with audit.attempt(db, who, REMOVE, account_id):

        async def work(tx: Tx) -> Issued:
            account = await accounts.get(tx, account_id)
            require_managed(who, REMOVE, account)
            require_fresh(who, REMOVE, now)
            await not_for_oneself(tx, who, contact_of(account))
            factor = await factors.find(tx, account_id)
            await factors.put(tx, factor.remove(who.account_id, reason, now))
            await wait_for_person(tx, account_id, code, now)
            changed, revoked = account.void_tokens("factor_removed", now)
            await accounts.put(tx, changed)
            await end_all(tx, account_id, Ending.FACTOR_CHANGED, now)
            await outbox.append(tx, revoked)
            await history.note(tx, account_id, Did.FACTOR_REMOVED, origin, now, by=who.account_id)
            await audit.accepted(tx, who, REMOVE, account_id, reason, seen_in_person=True)
            return Issued(changed, code)

        return await transact(db, work)
