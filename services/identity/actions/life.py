"""The life of an account after its issue: suspend (tạm ngừng), activate, revoke (thu hồi)."""

from collections.abc import Sequence
from datetime import datetime

from services.identity.actions import history
from services.identity.actions.sessions import end_all
from services.identity.domain.access import Did, Origin
from services.identity.domain.accounts import Account
from services.identity.domain.management import hold_of, liftable, require_managed
from services.identity.domain.sessions import Ending
from services.identity.store import accounts
from shared import audit
from shared.auth import Principal
from shared.contracts.event import Event
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

PERMISSION = "account.suspend"
REVOKE = "account.revoke"


async def suspend(
    account_id: str, reason: str, *, who: Principal, origin: Origin, db: Database, now: datetime
) -> Account:
    """Out of every service within seconds, until it is activated."""
    action = "account.suspend"
    async with audit.attempt(db, who, action, account_id):

        async def work(tx: Tx) -> Account:
            account = await accounts.get(tx, account_id)
            require_managed(who, PERMISSION, account)
            changed, *events = account.suspend(hold_of(who), reason, now)
            await stop(tx, changed, events, now)
            await history.note(tx, account_id, Did.SUSPENDED, origin, now, by=who.account_id)
            await audit.accepted(tx, who, action, account_id, reason)
            return changed

        return await transact(db, work)


async def activate(
    account_id: str, reason: str, *, who: Principal, origin: Origin, db: Database, now: datetime
) -> Account:
    """In again; its person signs in anew."""
    action = "account.activate"
    async with audit.attempt(db, who, action, account_id):

        async def work(tx: Tx) -> Account:
            account = await accounts.get(tx, account_id)
            require_managed(who, PERMISSION, account)
            changed, published = account.lift(liftable(who), now)
            await accounts.put(tx, changed)
            await outbox.append(tx, published)
            await history.note(tx, account_id, Did.ACTIVATED, origin, now, by=who.account_id)
            await audit.accepted(tx, who, action, account_id, reason)
            return changed

        return await transact(db, work)


async def revoke(
    account_id: str, reason: str, *, who: Principal, origin: Origin, db: Database, now: datetime
) -> Account:
    """Out for good."""
    async with audit.attempt(db, who, REVOKE, account_id):

        async def work(tx: Tx) -> Account:
            account = await accounts.get(tx, account_id)
            require_managed(who, REVOKE, account)
            changed, *events = account.revoke(reason, now)
            await stop(tx, changed, events, now)
            await history.note(tx, account_id, Did.REVOKED, origin, now, by=who.account_id)
            await audit.accepted(tx, who, REVOKE, account_id, reason)
            return changed

        return await transact(db, work)


async def stop(tx: Tx, changed: Account, events: Sequence[Event], now: datetime) -> None:
    """Keep an account that is no longer active, end its sessions and tell everybody."""
    await accounts.put(tx, changed)
    await end_all(tx, changed.id, Ending.ACCOUNT_STOPPED, now)
    await outbox.append(tx, *events)
