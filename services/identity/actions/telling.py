"""What identity keeps about a person, told to them, for people and programs to read (R10)."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from services.identity.domain import personal
from services.identity.domain.access import KEPT_DAYS, Access
from services.identity.domain.accounts import Account
from services.identity.store import (
    accesses,
    accounts,
    applications,
    factors,
    papers,
    readers,
    units,
)
from services.identity.store import sessions as session_store
from services.identity.store.accounts import Listed
from services.identity.store.readers import Reader
from shared.auth import Principal
from shared.mongo import Database

MOST_EXPORTED = 10_000


async def told(who: Principal, *, db: Database, now: datetime) -> dict[str, Any]:
    """Everything that identity keeps about the asker, but for fingerprints and hashes."""
    listed = await accounts.listed(db, who.account_id)
    account = listed.account
    unit = await units.find(db, account.unit_id)
    found = await accesses.of_account(db, account.id, skip=0, limit=MOST_EXPORTED + 1)
    readers_found = await readers_of(db, account, MOST_EXPORTED + 1)
    living = await session_store.alive(db, account.id, now)
    return {
        "told_at": now.isoformat(),
        "account": _account(listed, unit.name if unit else account.unit_id),
        "second_factor": await _second_factor(db, account.id),
        "papers": [
            {
                "number": one.number,
                "added_at": one.at.isoformat(),
                "media_type": one.media_type,
                "bytes": one.size,
                "address": f"/account/papers/{one.id}",
            }
            for one in await papers.of_account(db, account.id)
        ],
        "application": await _application(db, account),
        "sessions": [
            {"started_at": one.started_at.isoformat(), "place": one.place, "device": one.device}
            for one in living
        ],
        "accesses_kept_days": KEPT_DAYS,
        # Whoever takes this away knows whether it is all, or the latest of more.
        "accesses_complete": len(found) <= MOST_EXPORTED,
        "accesses": [_access(one) for one in found[:MOST_EXPORTED]],
        "readers_complete": len(readers_found) <= MOST_EXPORTED,
        "readers": [_reader(one) for one in readers_found[:MOST_EXPORTED]],
    }


async def readers_of(db: Database, account: Account, limit: int) -> list[Reader]:
    """Who opened the account's record, or the application that it was issued for."""
    ids = await _records_of(db, account)
    return await readers.of(db, ids, account.id, account.facility_id, limit=limit)


async def count_readers(db: Database, account: Account) -> int:
    return await readers.count(db, await _records_of(db, account), account.id)


async def _records_of(db: Database, account: Account) -> list[str]:
    applied = await applications.of_account(db, account.id)
    return [account.id, *([applied.id] if applied else [])]


def _account(listed: Listed, unit: str) -> dict[str, Any]:
    account = listed.account
    given = account.assignment
    return {
        "id": account.id,
        "username": account.username,
        **{name: getattr(account, name) for name in personal.FIELDS},
        "tier": account.tier,
        "kinds": sorted(account.kinds),
        "unit": unit,
        "facility_id": account.facility_id,
        "assignment": {"number": given.number, "date": _time(given.date)} if given else None,
        "status": account.status,
        "issued_at": account.issued_at.isoformat(),
        "last_sign_in_at": _time(listed.last_sign_in_at),
        "last_used_at": _time(listed.last_seen_at),
    }


async def _second_factor(db: Database, account_id: str) -> dict[str, Any]:
    factor = await factors.find(db, account_id)
    removal = factor.removal
    return {
        "enrolled_at": _time(factor.enrolled_at),
        "last_used_at": _time(factor.last_used_at),
        "recovery_codes_left": len(factor.recovery),
        "removed": {"at": _time(removal.at), "by": removal.by, "reason": removal.reason}
        if removal
        else None,
    }


async def _application(db: Database, account: Account) -> dict[str, Any] | None:
    """The application that the account was issued for. What several have sent may hold others'
    data, so of those only that they were there."""
    found = await applications.of_account(db, account.id)
    if found is None:
        return None
    sent = found.submissions
    filled = {**asdict(sent[0].filled)} if len(sent) == 1 else None
    return {
        "submitted_at": found.submitted_at.isoformat(),
        "times_sent": len(sent),
        "decided_at": _time(found.decided_at),
        "filled": filled,
    }


def _access(one: Access) -> dict[str, Any]:
    return {
        "at": one.at.isoformat(),
        "what": one.did.value,
        "outcome": one.outcome,
        "place": one.place,
        "device": one.device,
        "by": one.by,
    }


def _reader(one: Reader) -> dict[str, Any]:
    return {
        "first_at": one.since.isoformat(),
        "last_at": one.until.isoformat(),
        "who": one.name,
        "unit": one.unit,
        "times": one.times,
        "times_exact": one.exact,
        "address": one.address,
    }


def _time(moment: datetime | date | None) -> str | None:
    return moment.isoformat() if moment else None
