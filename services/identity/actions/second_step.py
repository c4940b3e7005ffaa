"""The second step of a sign-in: a code, or the first code of a factor just enrolled."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from services.identity.actions import attempts, codes, history
from services.identity.actions.attempts import Attempt
from services.identity.actions.grants import (
    SIGN_IN,
    Grant,
    Opening,
    SignInRefused,
    open_session,
)
from services.identity.domain import factors as domain
from services.identity.domain import secrets, totp
from services.identity.domain.access import Did, Origin
from services.identity.domain.tickets import Purpose, StepIsOver, Ticket
from services.identity.guard import Guard
from services.identity.store import factors, tickets
from shared import audit
from shared.errors import Refusal
from shared.ids import new_id
from shared.mongo import Database, Tx, transact

T = TypeVar("T")

ENROL = "factor.enrol"


@dataclass(frozen=True, slots=True)
class Enrolling:
    """What an app is told: the seed as text, and as the address that the QR code holds."""

    seed: str
    address: str

    @property
    def groups(self) -> list[str]:
        """The seed in groups of four, for typing."""
        return totp.groups(self.seed)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A session, and the recovery codes, which are told this once."""

    grant: Grant
    recovery_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A ticket and a code, and where they come from."""

    ticket: str
    code: str
    origin: Origin
    known_device: str = ""


async def purpose_of(ticket: str, *, db: Database, now: datetime) -> Purpose | None:
    """Which step the ticket leads to; None if it leads nowhere any more."""
    found = await tickets.find(db, secrets.ticket_id(ticket))
    return found.purpose if found and found.good_for(found.purpose, now) else None


async def enrolling(
    ticket: str, purpose: Purpose, *, db: Database, guard: Guard, now: datetime
) -> Enrolling:
    """The new seed, as often as its owner looks at it before confirming; raises StepIsOver."""
    found = await _good(db, ticket, purpose, now)
    seed = guard.factors.open(found.account_id, found.sealed or b"")
    return Enrolling(seed, totp.address(seed, found.username))


async def finish(shown: Shown, *, db: Database, guard: Guard, now: datetime) -> Grant:
    """Raises TooManyAttempts, StepIsOver, SecondFactorRefused, CodeAlreadyUsed, SignInRefused."""
    opening = Opening(new_id(), secrets.new_secret(), shown.origin, by_factor=True)

    async def work(tx: Tx, ticket: Ticket) -> Grant:
        did = await codes.spend(tx, ticket.account_id, shown.code, guard, now)
        if did is Did.RECOVERY_USED:
            await history.note(tx, ticket.account_id, did, shown.origin, now)
        return await open_session(tx, ticket.account_id, ticket.password, opening, guard, now)

    return await attempted(shown, Purpose.CODE, SIGN_IN, work, db=db, guard=guard, now=now)


async def enrol(shown: Shown, *, db: Database, guard: Guard, now: datetime) -> Enrolled:
    """The first code proves that the app has the seed: from now on it is asked for.

    Raises TooManyAttempts, StepIsOver, SecondFactorRefused, SignInRefused.
    """
    opening = Opening(new_id(), secrets.new_secret(), shown.origin, by_factor=True)
    recovery = domain.new_recovery_codes()

    async def work(tx: Tx, ticket: Ticket) -> Enrolled:
        if (await factors.find(tx, ticket.account_id)).enrolled:
            raise StepIsOver()
        await codes.enrol(tx, ticket, shown.code, recovery, guard, now)
        grant = await open_session(tx, ticket.account_id, ticket.password, opening, guard, now)
        await history.note(tx, ticket.account_id, Did.FACTOR_ENROLLED, shown.origin, now)
        await audit.accepted(tx, grant.principal, ENROL, ticket.account_id)
        return Enrolled(grant, recovery)

    return await attempted(shown, Purpose.ENROL, ENROL, work, db=db, guard=guard, now=now)


async def attempted(
    shown: Shown,
    purpose: Purpose,
    action: str,
    work: Callable[[Tx, Ticket], Awaitable[T]],
    *,
    db: Database,
    guard: Guard,
    now: datetime,
) -> T:
    """Use the ticket up within `work`'s transaction. A wrong code is counted like a wrong
    password, and leaves the ticket for another try, five times at most."""
    ticket = await _good(db, shown.ticket, purpose, now)
    attempt = Attempt(ticket.username, shown.origin, shown.known_device)
    admitted = await attempts.admit(attempt, db=db, guard=guard, now=now)

    async def once(tx: Tx) -> T:
        if not await tickets.use_up(tx, ticket.id):
            raise StepIsOver()
        return await work(tx, ticket)

    try:
        done = await transact(db, once)
    except Refusal as refusal:
        if isinstance(refusal, codes.WRONG):
            await tickets.count_wrong(db, ticket.id)
        await attempts.failed(
            attempt, ticket.account_id, Did.SIGN_IN, action, refusal, db=db, guard=guard, now=now
        )
        if isinstance(refusal, SignInRefused):
            # The password was replaced between the two steps.
            raise StepIsOver() from refusal
        raise
    await attempts.succeeded(admitted, db=db, now=now)
    return done


async def _good(db: Database, ticket: str, purpose: Purpose, now: datetime) -> Ticket:
    found = await tickets.find(db, secrets.ticket_id(ticket))
    if found is None or not found.good_for(purpose, now):
        raise StepIsOver()
    return found
