"""Personal data of accounts: edited from above, told to its owner, erased (R4, R10)."""

from datetime import datetime, timedelta
from typing import Any

from services.identity.actions import history
from services.identity.domain import personal
from services.identity.domain.access import KEPT_DAYS, Did, Origin
from services.identity.domain.accounts import Account
from services.identity.domain.management import require_managed
from services.identity.domain.personal import PersonalData
from services.identity.store import accesses, accounts, erasing, papers, units
from services.identity.store import sessions as session_store
from services.identity.store.papers import Kept
from shared import audit
from shared.auth import Principal
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

EDIT = "account.edit"
ERASE = "account.erase"
ERASED_AT_ONCE = 100
MOST_EXPORTED = 10_000


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


async def told(who: Principal, *, db: Database, now: datetime) -> dict[str, Any]:
    """Everything that identity keeps about the asker, to be read by people and programs."""
    listed = await accounts.listed(db, who.account_id)
    account = listed.account
    unit = await units.find(db, account.unit_id)
    given = account.assignment
    found = await accesses.of_account(db, account.id, skip=0, limit=MOST_EXPORTED)
    living = await session_store.alive(db, account.id, now)
    return {
        "told_at": now.isoformat(),
        "account": {
            "id": account.id,
            "username": account.username,
            **{name: getattr(account, name) for name in personal.FIELDS},
            "tier": account.tier,
            "kinds": sorted(account.kinds),
            "unit": unit.name if unit else account.unit_id,
            "facility_id": account.facility_id,
            "assignment": {"number": given.number, "date": given.date.isoformat()}
            if given
            else None,
            "status": account.status,
            "issued_at": account.issued_at.isoformat(),
            "last_sign_in_at": _time(listed.last_sign_in_at),
            "last_used_at": _time(listed.last_seen_at),
        },
        "sessions": [
            {
                "started_at": one.started_at.isoformat(),
                "place": one.place,
                "device": one.device,
            }
            for one in living
        ],
        "accesses_kept_days": KEPT_DAYS,
        "accesses": [
            {
                "at": one.at.isoformat(),
                "what": one.did.value,
                "outcome": one.outcome,
                "place": one.place,
                "device": one.device,
                "by": one.by,
            }
            for one in found
        ],
    }


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


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
