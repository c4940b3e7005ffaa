"""Who reads whose acts (R10): everybody their own, system accounts those of their scope."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.reporting import reading
from services.reporting.queries import named
from services.reporting.reading import Read
from services.reporting.store import acts, ledger, scope
from shared.auth import Principal, require
from shared.days import day_begins
from shared.errors import Forbidden, NotFound, OutOfReach
from shared.mongo import Database, Document

OWN = "own_act.read"
READ = "act.read"
ACCEPTED = "accepted"
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Sought:
    """What a list is narrowed to; `outcome` accepted, refused or a refusal's code; days are days
    in Vietnam, the last one included."""

    action: str = ""
    outcome: str = ""
    since: date | None = None
    until: date | None = None

    def query(self) -> Document:
        # A time is always asked for: an index that begins with it is used for the rest only so.
        at = {"$gte": _begins(self.since or EARLIEST)}
        if self.until:
            at["$lt"] = _begins(self.until, later=1)
        wanted: Document = {"at": {sign: time for sign, time in at.items() if time is not None}}
        if self.action:
            wanted["act.action"] = self.action
        if self.outcome:
            refused = self.outcome == "refused"
            wanted["act.outcome"] = {"$ne": ACCEPTED} if refused else self.outcome
        return wanted


def _begins(day: date, *, later: int = 0) -> datetime | None:
    """Earlier days the database cannot count as a time, and there were no acts."""
    return day_begins(max(day, EARLIEST), later=later)


@dataclass(frozen=True, slots=True)
class Act:
    """One act: what is stored of it, and how it is told."""

    row: dict[str, Any]
    told: Read


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a list. `total` counts no further than one above `store.acts.MOST`."""

    acts: list[Act]
    total: int
    page: int


async def mine(who: Principal, sought: Sought, *, db: Database, page: int = 1) -> Found:
    require(who, OWN)
    return await _found(db, who, {acts.ACCOUNT: who.account_id, **sought.query()}, page)


async def within_scope(who: Principal, sought: Sought, *, db: Database, page: int = 1) -> Found:
    """Acts of all accounts of the asker's scope."""
    require(who, READ)
    accounts = await scope.accounts_within(db, who)
    return await _found(db, who, {acts.ACCOUNT: {"$in": accounts}, **sought.query()}, page)


async def of_account(
    who: Principal, account_id: str, sought: Sought, *, db: Database, page: int = 1
) -> Found:
    """Raises OutOfReach of an account beyond the asker's scope, NotFound of one nobody has."""
    stands = await scope.standing(db, account_id)
    if stands is None:
        raise NotFound()
    _require_seen(who, account_id, stands)
    return await _found(db, who, {acts.ACCOUNT: account_id, **sought.query()}, page)


async def one(who: Principal, seq: int, *, db: Database) -> Act:
    """Raises OutOfReach of a link that is no act of an account in the asker's scope."""
    row = await ledger.get(db, seq)
    if row is None:
        raise NotFound()
    account_id = (row.get("act") or {}).get("account_id", "")
    stands = await scope.standing(db, account_id) if account_id else None
    _require_seen(who, account_id, stands)
    (act,) = await _told(db, who, [row])
    return act


def _require_seen(who: Principal, account_id: str, stands: scope.Standing | None) -> None:
    if account_id == who.account_id:
        require(who, OWN)
        return
    if stands is None or not stands.within(who):
        raise OutOfReach()
    if not who.may(READ):
        raise Forbidden()


async def _found(db: Database, who: Principal, wanted: Document, page: int) -> Found:
    rows = await acts.page(db, wanted, page)
    return Found(await _told(db, who, rows), await acts.count(db, wanted), page)


async def _told(db: Database, who: Principal, rows: list[dict[str, Any]]) -> list[Act]:
    """In words, but without the names of what the reader may not know of: whoever tries another's
    id is not told by the record of it what that is. What one did oneself one knows."""
    own = {row["subject"] for row in rows if _done_by(who, row)}
    tried = {row["subject"] for row in rows} - own
    hidden = await scope.beyond(db, who, tried)
    told = await reading.read(db, who, await named(db, rows), unnamed=hidden)
    return [Act(row, words) for row, words in zip(rows, told, strict=True)]


def _done_by(who: Principal, row: dict[str, Any]) -> bool:
    act = row["act"]
    return bool(act["account_id"] == who.account_id and act["outcome"] == ACCEPTED)
