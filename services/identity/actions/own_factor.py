"""What a signed-in person does with their own second factor: on, to a new device, codes, off."""

from datetime import datetime

from services.identity.actions import codes, history
from services.identity.actions.grants import Grant, make_grant, password_mark, working_unit
from services.identity.actions.proof import Given, check_all
from services.identity.actions.second_step import Enrolled, Shown, attempted
from services.identity.actions.sessions import end_all
from services.identity.domain import factors as domain
from services.identity.domain import secrets, totp
from services.identity.domain.access import Did
from services.identity.domain.factors import FactorNotEnrolled
from services.identity.domain.sessions import Ending
from services.identity.domain.tickets import LIFE, Purpose, StepIsOver, Ticket
from services.identity.guard import Guard
from services.identity.store import accounts, credentials, factors, tickets
from services.identity.store import sessions as session_store
from shared import audit
from shared.auth import Principal
from shared.mongo import Database, Tx, transact

SET_UP, OFF, RECOVERY = "factor.set_up", "factor.off", "factor.recovery_codes"


async def begin(given: Given, *, who: Principal, db: Database, guard: Guard, now: datetime) -> str:
    """A ticket to enrol a new seed: the first one, or that of a new device."""
    async with audit.attempt(db, who, SET_UP, who.account_id):
        await check_all(given, who=who, db=db, guard=guard, now=now)
        account = await accounts.get(db, who.account_id)
        credential = await credentials.find(db, account.id)
        secret = secrets.new_ticket()
        ticket = Ticket(
            id=secrets.ticket_id(secret),
            account_id=account.id,
            username=account.username,
            purpose=Purpose.SETUP,
            password=password_mark(credential.password_hash),
            expires_at=now + LIFE,
            sealed=guard.factors.seal(account.id, totp.new_seed()),
            session_id=who.session_id,
        )
        await tickets.insert(db, ticket)
        return secret


async def finish(
    shown: Shown, *, who: Principal, db: Database, guard: Guard, now: datetime
) -> Enrolled:
    """The first code of the new seed; every other session of the account ends.

    Raises TooManyAttempts, StepIsOver, SecondFactorRefused.
    """
    recovery = domain.new_recovery_codes()

    async def work(tx: Tx, ticket: Ticket) -> Enrolled:
        if (ticket.account_id, ticket.session_id) != (who.account_id, who.session_id):
            raise StepIsOver()
        await codes.enrol(tx, ticket, shown.code, recovery, guard, now)
        await end_all(tx, who.account_id, Ending.FACTOR_CHANGED, now, but=who.session_id)
        grant = await _proven(tx, who, guard, now)
        await history.note(tx, who.account_id, Did.FACTOR_ENROLLED, shown.origin, now)
        await audit.accepted(tx, who, SET_UP, who.account_id)
        return Enrolled(grant, recovery)

    return await attempted(shown, Purpose.SETUP, SET_UP, work, db=db, guard=guard, now=now)


async def renew_recovery(
    given: Given, *, who: Principal, db: Database, guard: Guard, now: datetime
) -> tuple[str, ...]:
    """Ten new recovery codes, told this once; those before are void."""
    recovery = domain.new_recovery_codes()

    async def work(tx: Tx) -> None:
        factor = await factors.find(tx, who.account_id)
        marks = codes.marks_of(who.account_id, recovery, guard)
        await factors.put(tx, factor.renew_recovery(marks, now, guard.factors.current))
        await history.note(tx, who.account_id, Did.RECOVERY_MADE, given.origin, now)
        await audit.accepted(tx, who, RECOVERY, who.account_id)

    async with audit.attempt(db, who, RECOVERY, who.account_id):
        if not (await factors.find(db, who.account_id)).enrolled:
            raise FactorNotEnrolled()
        await check_all(given, who=who, db=db, guard=guard, now=now)
        await transact(db, work)
    return recovery


async def turn_off(
    given: Given, *, who: Principal, db: Database, guard: Guard, now: datetime
) -> Grant:
    """Back to the password alone, where the tier leaves the choice; every other session ends.

    Raises FactorRequired, FactorNotEnrolled and what `check_all` raises.
    """

    async def work(tx: Tx) -> Grant:
        factor = await factors.find(tx, who.account_id)
        await factors.put(tx, factor.turn_off(who.tier))
        await end_all(tx, who.account_id, Ending.FACTOR_CHANGED, now, but=who.session_id)
        await history.note(tx, who.account_id, Did.FACTOR_OFF, given.origin, now)
        await audit.accepted(tx, who, OFF, who.account_id)
        return await _proven(tx, who, guard, now, by_factor=False)

    async with audit.attempt(db, who, OFF, who.account_id):
        (await factors.find(db, who.account_id)).turn_off(who.tier)
        await check_all(given, who=who, db=db, guard=guard, now=now)
        return await transact(db, work)


async def _proven(
    tx: Tx, who: Principal, guard: Guard, now: datetime, *, by_factor: bool = True
) -> Grant:
    """The present session, proven at this moment."""
    account = await accounts.get(tx, who.account_id)
    session = await session_store.find(tx, who.session_id)
    if session is None or not session.alive(now):
        raise StepIsOver()
    proven = session.prove(now, by_factor=by_factor)
    await session_store.put(tx, proven, was=session.generation)
    unit = await working_unit(tx, account)
    return make_grant(account, unit, proven, b"", guard=guard, now=now)
