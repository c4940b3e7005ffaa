"""Personal data of accounts: edited from above, erased (R4, R10); told: telling.py."""

from datetime import datetime, timedelta

from services.identity.actions import history
from services.identity.domain import personal
from services.identity.domain.access import Did, Origin
from services.identity.domain.accounts import Account
from services.identity.domain.management import require_managed
from services.identity.domain.personal import PersonalData
from services.identity.store import accounts, erasing, papers
from services.identity.store.papers import Kept
from shared import audit
from shared.auth import Principal
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

EDIT = "account.edit"
ERASE = "account.erase"
ERASED_AT_ONCE = 100


async def edit(
    account_id: str,
    data: PersonalData,
    *,
    who: Principal,
    origin: Origin,
    db: Database,
    now: datetime,
) -> Account:
    """Raises NotFound, Forbidden and the refusals of domain.management and domain.personal."""
    async with audit.attempt(db, who, EDIT, account_id):

        async def work(tx: Tx) -> Account:
            account = await accounts.get(tx, account_id)
            require_managed(who, EDIT, account)
            changed, published, names = personal.edit(account, data, now)
            await accounts.put(tx, changed)
            await outbox.append(tx, published)
            await history.note(tx, account_id, Did.EDITED, origin, now, by=who.account_id)
            await audit.accepted(tx, who, EDIT, account_id, changed=",".join(names))
            return changed

        return await transact(db, work)


async def erase(
    account_id: str, reason: str, *, who: Principal, origin: Origin, db: Database, now: datetime
) -> Account:
    """At the person's request; only of an account that is revoked."""
    async with audit.attempt(db, who, ERASE, account_id):

        async def work(tx: Tx) -> Account:
            account = await accounts.get(tx, account_id)
            require_managed(who, EDIT, account)
            changed = await _erase(tx, account, now)
            await history.note(tx, account_id, Did.ERASED, origin, now, by=who.account_id)
            await audit.accepted(tx, who, ERASE, account_id, reason)
            return changed

        # The files go after the rows that name them: GridFS takes part in no transaction.
        kept = await papers.of_account(db, account_id)
        changed = await transact(db, work)
        await _drop(db, kept)
        return changed


async def erase_due(years: int, *, db: Database, now: datetime) -> int:
    """Erase what has been revoked for so long; how many accounts it were."""
    due = await erasing.due(db, now - timedelta(days=round(365.25 * years)), ERASED_AT_ONCE)
    for account_id in due:

        async def work(tx: Tx, account_id: str = account_id) -> None:
            await _erase(tx, await accounts.get(tx, account_id), now)
            await history.note(tx, account_id, Did.ERASED, Origin(), now)
            await audit.accepted(tx, None, ERASE, account_id, f"revoked for {years} years")

        kept = await papers.of_account(db, account_id)
        await transact(db, work)
        await _drop(db, kept)
    return len(due)


async def _erase(tx: Tx, account: Account, now: datetime) -> Account:
    changed, published = personal.erase(account, now)
    await accounts.put(tx, changed)
    await erasing.forget(tx, account.id)
    await papers.forget(tx, account.id)
    await outbox.append(tx, published)
    return changed


async def _drop(db: Database, kept: list[Kept]) -> None:
    for paper in kept:
        await papers.drop_file(db, paper.file)
