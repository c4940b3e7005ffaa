"""Proving once more who one is, in the midst of a session: for acts that need a fresh proof."""

from dataclasses import dataclass
from datetime import datetime

from services.identity.actions import attempts, codes, history
from services.identity.actions.attempts import Attempt
from services.identity.actions.grants import Grant, make_grant, working_unit
from services.identity.domain.access import Did, Origin
from services.identity.domain.factors import SecondFactorRefused
from services.identity.guard import Guard
from services.identity.store import accounts, credentials, factors
from services.identity.store import sessions as session_store
from shared import audit
from shared.auth import Principal
from shared.errors import Kind, Refusal, Unauthenticated
from shared.mongo import Database, Tx, transact

PROVE = "session.prove"


class PasswordWrong(Refusal):
    code = "password_wrong"
    kind = Kind.UNAUTHENTICATED
    message = "Mật khẩu không đúng. Hãy kiểm tra bộ gõ và phím Caps Lock rồi nhập lại."


@dataclass(frozen=True, slots=True)
class Given:
    """What a signed-in person types to prove who they are, and where it comes from."""

    origin: Origin
    code: str = ""
    password: str = ""
    known_device: str = ""


async def prove(
    given: Given, *, who: Principal, db: Database, guard: Guard, now: datetime
) -> Grant:
    """A new access token, proven now: by a code, or by the password where there is no factor.

    The refresh token stays (the grant's is empty). Raises TooManyAttempts, SecondFactorRefused,
    CodeAlreadyUsed, PasswordWrong, Unauthenticated if the session is over.
    """
    by_factor = (await factors.find(db, who.account_id)).enrolled

    async def work(tx: Tx) -> Grant:
        account = await accounts.get(tx, who.account_id)
        unit = await working_unit(tx, account)
        session = await session_store.find(tx, who.session_id)
        if session is None or not session.alive(now):
            raise Unauthenticated()
        did = Did.PROVEN
        if by_factor:
            did = await codes.spend(tx, account.id, given.code, guard, now)
        proven = session.prove(now, by_factor=by_factor)
        await session_store.put(tx, proven, was=session.generation)
        await history.note(tx, account.id, did, given.origin, now)
        await audit.accepted(tx, who, PROVE, account.id, by_factor=by_factor)
        return make_grant(account, unit, proven, b"", guard=guard, now=now)

    async with audit.attempt(db, who, PROVE, who.account_id):
        username = (await accounts.get(db, who.account_id)).username
        attempt = Attempt(username, given.origin, given.known_device)
        admitted = await attempts.admit(attempt, db=db, guard=guard, now=now)
        try:
            if not by_factor:
                await _check_password(who.account_id, given.password, db, guard)
            grant = await transact(db, work)
        except (*codes.WRONG, PasswordWrong) as refusal:
            await history.note(
                db, who.account_id, Did.PROVEN, given.origin, now, outcome=refusal.code
            )
            raise
        await attempts.succeeded(admitted, db=db, now=now)
        return grant


async def check_all(
    given: Given, *, who: Principal, db: Database, guard: Guard, now: datetime
) -> None:
    """The password, and a code too if the account has a factor: before its factor is changed.

    Raises TooManyAttempts, PasswordWrong, SecondFactorRefused, CodeAlreadyUsed. The code is used
    up by it.
    """
    username = (await accounts.get(db, who.account_id)).username
    attempt = Attempt(username, given.origin, given.known_device)
    admitted = await attempts.admit(attempt, db=db, guard=guard, now=now)
    await _check_password(who.account_id, given.password, db, guard)

    async def work(tx: Tx) -> None:
        if (await factors.find(tx, who.account_id)).enrolled:
            if not given.code:
                raise SecondFactorRefused("code")
            await codes.spend(tx, who.account_id, given.code, guard, now)

    await transact(db, work)
    await attempts.succeeded(admitted, db=db, now=now)


async def _check_password(account_id: str, password: str, db: Database, guard: Guard) -> None:
    credential = await credentials.find(db, account_id)
    if not await guard.hasher.matches(credential.password_hash, password):
        raise PasswordWrong("password")
