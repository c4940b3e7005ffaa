"""Issuing accounts (cấp mới) and issuing them anew (cấp lại), each with a one-time setup code."""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from services.identity.actions import history
from services.identity.actions.oneself import contact_of, not_for_oneself
from services.identity.actions.sessions import end_all
from services.identity.domain import secrets
from services.identity.domain.access import Did, Origin
from services.identity.domain.accounts import Account, AccountIsRevoked
from services.identity.domain.issuing import (
    FacilityNeeded,
    FacilityNotKnown,
    Person,
    issue_official,
    issue_to_facility,
)
from services.identity.domain.management import require_managed
from services.identity.domain.sessions import Ending
from services.identity.domain.units import Unit, require_below
from services.identity.store import accounts, credentials, facilities, units
from services.identity.tiers import tiers
from shared import audit, once
from shared.auth import Principal, Scope, require
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.once import Once

ISSUE = "account.issue"


@dataclass(frozen=True, slots=True)
class Order:
    """Whom to issue an account to, and where; without a unit it is the issuer's own."""

    person: Person
    tier: str
    unit_id: str | None = None
    facility_id: str | None = None

    def __repr__(self) -> str:
        """Every word of it, in an order that does not change: repeated requests are told by it."""
        kinds = sorted(self.person.kinds)
        person = replace(self.person, kinds=frozenset())
        return f"Order{(person, kinds, self.tier, self.unit_id, self.facility_id)!r}"


@dataclass(frozen=True, slots=True)
class Issued:
    """An account that waits for its person; `setup_code` is "" unless the installation shows codes
    to who issues (TXNG_SETUP_CODES_SHOWN): then it sets the password once, and is kept nowhere."""

    account: Account
    setup_code: str


async def issue_account(
    order: Order,
    *,
    who: Principal,
    origin: Origin,
    db: Database,
    now: datetime,
    repeat_key: str | None = None,
    shown: bool = False,
) -> Issued:
    """Raises NotFound, Forbidden and the refusals of domain.accounts.

    The same `repeat_key` of the same issuer gets the first answer again.
    """
    account_id, code = new_id(), new_code(shown=shown)
    asked = once.once(who, repeat_key, "account", order)
    async with audit.attempt(db, who, ISSUE, account_id):

        async def work(tx: Tx) -> Issued:
            require(who, ISSUE)
            if before := await answered(tx, asked, repeat_key):
                return before
            account = await enter(tx, order, account_id, code, who=who, origin=origin, now=now)
            return await kept(tx, asked, Issued(account, code), repeat_key, now)

        return await transact(db, work)


async def enter(
    tx: Tx,
    order: Order,
    account_id: str,
    code: str,
    *,
    who: Principal,
    origin: Origin,
    now: datetime,
) -> Account:
    """The account issued within an act that may do more than that."""
    account = await _decide(tx, order, account_id, who, now)
    require_managed(who, ISSUE, account)
    await not_for_oneself(tx, who, contact_of(account))
    await accounts.insert(tx, account)
    await wait_for_person(tx, account.id, code, now)
    await outbox.append(tx, account.published(now))
    await history.note(tx, account.id, Did.ISSUED, origin, now, by=who.account_id)
    facts = {"tier": account.tier, "kinds": ",".join(sorted(account.kinds))}
    await audit.accepted(tx, who, ISSUE, account.id, unit=account.unit_id, **facts)
    return account


async def reissue(
    account_id: str,
    reason: str,
    *,
    who: Principal,
    origin: Origin,
    db: Database,
    now: datetime,
    shown: bool = False,
) -> Issued:
    """It waits for its person anew; the old password, code and sessions are void at once."""
    code = new_code(shown=shown)
    async with audit.attempt(db, who, "account.reissue", account_id):

        async def work(tx: Tx) -> Issued:
            changed = await renew(tx, account_id, reason, code, who=who, origin=origin, now=now)
            return Issued(changed, code)

        return await transact(db, work)


async def renew(
    tx: Tx,
    account_id: str,
    reason: str,
    code: str,
    *,
    who: Principal,
    origin: Origin,
    now: datetime,
) -> Account:
    """The account issued anew within an act that may do more than that."""
    account = await accounts.get(tx, account_id)
    require_managed(who, ISSUE, account)
    await not_for_oneself(tx, who, contact_of(account))
    if account.revoked:
        raise AccountIsRevoked()
    changed, revoked = account.void_tokens("reissued", now)
    await accounts.put(tx, changed)
    await end_all(tx, account_id, Ending.PASSWORD_CHANGED, now)
    await wait_for_person(tx, account_id, code, now)
    await outbox.append(tx, revoked)
    await history.note(tx, account_id, Did.REISSUED, origin, now, by=who.account_id)
    await audit.accepted(tx, who, "account.reissue", account_id, reason)
    return changed


async def _decide(tx: Tx, order: Order, account_id: str, who: Principal, now: datetime) -> Account:
    unit = await units.get(tx, order.unit_id or who.unit_id)
    require_below(who, unit)
    if order.facility_id is not None:
        return await _for_facility(tx, order, order.facility_id, account_id, unit, who, now)
    known = tiers().get(order.tier)
    if known is not None and known.facility:
        raise FacilityNeeded("facility_id")
    by = who.account_id
    return issue_official(account_id, order.person, order.tier, unit, by=by, now=now)


async def _for_facility(
    tx: Tx,
    order: Order,
    facility_id: str,
    account_id: str,
    unit: Unit,
    who: Principal,
    now: datetime,
) -> Account:
    facility = await facilities.find(tx, facility_id)
    if facility is None:
        raise FacilityNotKnown("facility_id")
    if not who.covers(ISSUE, Scope(facility.id, facility.commune, facility.sector)):
        raise FacilityNotKnown("facility_id")
    # A stop of the facility at this very moment must see this account, or be seen by it.
    await facilities.touch(tx, facility_id)
    by = who.account_id
    return issue_to_facility(account_id, order.person, order.tier, unit, facility, by=by, now=now)


def new_code(*, shown: bool) -> str:
    """A setup code for an installation that shows them, else "": none is there to be known."""
    return secrets.new_setup_code() if shown else ""


async def wait_for_person(tx: Tx, account_id: str, code: str, now: datetime) -> None:
    """What opened the account before is void; a password is set by a claim, or by the code."""
    setup = secrets.fingerprint(secrets.read_setup_code(code)) if code else None
    await credentials.expect_setup(tx, account_id, setup, now)


async def answered(tx: Tx, asked: Once | None, repeat_key: str | None) -> Issued | None:
    """What the same request was answered with before, the setup code too."""
    before = await once.answered(tx, asked)
    if before is None:
        return None
    code = _sealed(before["sealed"], repeat_key).decode()
    return Issued(await accounts.get(tx, before["id"]), code)


async def kept(
    tx: Tx, asked: Once | None, issued: Issued, repeat_key: str | None, now: datetime
) -> Issued:
    """The same, kept for whoever repeats the request."""
    sealed = _sealed(issued.setup_code.encode(), repeat_key)
    await once.keep(tx, asked, {"id": issued.account.id, "sealed": sealed}, now)
    return issued


def _sealed(code: bytes, repeat_key: str | None) -> bytes:
    """A setup code readable with the request's key alone; undone by itself."""
    if not code:
        return b""
    key = sha256(f"seal\n{repeat_key or ''}".encode()).digest()
    return secrets.seal(code, key, "txng-setup")
