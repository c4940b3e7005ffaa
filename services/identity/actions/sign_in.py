"""Signing in: a user name and a password become a session, or a ticket to the second step."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.identity.actions import attempts
from services.identity.actions.attempts import Attempt
from services.identity.actions.grants import (
    SIGN_IN,
    Grant,
    Opening,
    SignInRefused,
    open_session,
    password_mark,
    working_unit,
)
from services.identity.domain import secrets, totp
from services.identity.domain.access import Did
from services.identity.domain.accounts import Account
from services.identity.domain.factors import Factor, needed
from services.identity.domain.tickets import LIFE, Purpose, Ticket
from services.identity.guard import Guard
from services.identity.store import accounts, credentials, factors, tickets
from services.identity.store.credentials import Credential
from shared.errors import Refusal
from shared.ids import new_id
from shared.mongo import Database, Tx, transact


@dataclass(frozen=True, slots=True)
class Step:
    """That a second step is needed. `ticket` goes to who showed the password, and works once."""

    ticket: str
    purpose: Purpose
    seconds: int = int(LIFE.total_seconds())


async def sign_in(
    attempt: Attempt, password: str, *, db: Database, guard: Guard, now: datetime
) -> Grant | Step:
    """Raises TooManyAttempts, SignInRefused, AccountNotActive, TooManySignIns."""
    admitted = await attempts.admit(attempt, db=db, guard=guard, now=now)
    account = await accounts.by_username(db, attempt.username)
    credential = await credentials.find(db, account.id if account else "-")
    right = await guard.hasher.matches(credential.password_hash, password)
    try:
        if account is None or not right:
            raise SignInRefused()
        credential = await _strengthened(credential, password, db, guard)
        given = await _after_password(attempt, account, credential, db, guard, now)
    except Refusal as refusal:
        known = account.id if account else None
        await attempts.failed(
            attempt, known, Did.SIGN_IN, SIGN_IN, refusal, db=db, guard=guard, now=now
        )
        raise
    if isinstance(given, Step):
        await attempts.half_done(admitted, db=db, now=now)
    else:
        await attempts.succeeded(admitted, db=db, now=now)
    return given


async def _after_password(
    attempt: Attempt,
    account: Account,
    credential: Credential,
    db: Database,
    guard: Guard,
    now: datetime,
) -> Grant | Step:
    shown = password_mark(credential.password_hash)
    opening = Opening(new_id(), secrets.new_secret(), attempt.origin, by_factor=False)
    ticket, seed = secrets.new_ticket(), totp.new_seed()

    async def work(tx: Tx) -> Grant | Step:
        factor = await factors.find(tx, account.id)
        if not needed(account.tier, factor):
            return await open_session(tx, account.id, shown, opening, guard, now)
        await working_unit(tx, await accounts.get(tx, account.id))
        made = _ticket(ticket, account, factor, guard.factors.seal(account.id, seed), shown, now)
        await tickets.insert(tx, made)
        return Step(ticket, made.purpose)

    return await transact(db, work)


def _ticket(
    secret: str, account: Account, factor: Factor, sealed: bytes, shown: bytes, now: datetime
) -> Ticket:
    return Ticket(
        id=secrets.ticket_id(secret),
        account_id=account.id,
        username=account.username,
        purpose=Purpose.CODE if factor.enrolled else Purpose.ENROL,
        password=shown,
        expires_at=now + LIFE,
        sealed=None if factor.enrolled else sealed,
    )


async def _strengthened(
    credential: Credential, password: str, db: Database, guard: Guard
) -> Credential:
    """With a hash of today's cost; the ticket of the next step will remember this one."""
    before = credential.password_hash
    if not guard.hasher.outdated(before):
        return credential
    stronger = await guard.hasher.hash(password)
    await credentials.strengthen(db, credential.account_id, before, stronger)
    return replace(credential, password_hash=stronger)
