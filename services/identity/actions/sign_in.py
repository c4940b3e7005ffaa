"""Signing in: a user name and a password become a session."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.identity.actions import attempts, history
from services.identity.actions.attempts import Attempt
from services.identity.domain import secrets, sessions
from services.identity.domain.access import Did
from services.identity.domain.accounts import Account
from services.identity.domain.units import Unit
from services.identity.guard import Guard
from services.identity.store import accounts, credentials, units
from services.identity.store import sessions as session_store
from shared import audit
from shared.auth import Principal
from shared.errors import Kind, Refusal
from shared.ids import new_id
from shared.mongo import Database, Tx, transact

ACTION = "session.sign_in"


class SignInRefused(Refusal):
    """The same for an unknown name, a wrong password and an account without a password."""

    code = "sign_in_refused"
    kind = Kind.UNAUTHENTICATED
    message = (
        "Tên đăng nhập hoặc mật khẩu không đúng. Hãy kiểm tra bộ gõ và phím Caps Lock rồi thử lại."
    )


class AccountNotActive(Refusal):
    """Only told to somebody who gave the right password."""

    code = "account_not_active"
    kind = Kind.FORBIDDEN
    message = (
        "Tài khoản của bạn đang tạm ngừng hoặc đã bị thu hồi. "
        "Hãy liên hệ đơn vị quản lý tài khoản để biết lý do."
    )


@dataclass(frozen=True, slots=True)
class Grant:
    """What a sign-in or a refresh gives."""

    principal: Principal
    access_token: str
    refresh_token: str
    access_seconds: int
    refresh_seconds: int


async def sign_in(
    attempt: Attempt, password: str, *, db: Database, guard: Guard, now: datetime
) -> Grant:
    """Raises TooManyAttempts, SignInRefused, AccountNotActive, TooManySignIns."""
    admitted = await attempts.admit(attempt, db=db, guard=guard, now=now)
    account = await accounts.by_username(db, attempt.username)
    credential = await credentials.find(db, account.id if account else "-")
    right = await guard.hasher.matches(credential.password_hash, password)
    try:
        if account is None or not right:
            raise SignInRefused()
        grant = await _open(attempt, account.id, credential.password_hash, db, guard, now)
    except Refusal as refusal:
        known = account.id if account else None
        await attempts.failed(
            attempt, known, Did.SIGN_IN, ACTION, refusal, db=db, guard=guard, now=now
        )
        raise
    await attempts.succeeded(admitted, db=db, now=now)
    if guard.hasher.outdated(credential.password_hash):
        stronger = await guard.hasher.hash(password)
        await credentials.strengthen(db, account.id, credential.password_hash, stronger)
    return grant


async def _open(
    attempt: Attempt, account_id: str, proven: str, db: Database, guard: Guard, now: datetime
) -> Grant:
    secret = secrets.new_secret()
    session_id = new_id()

    async def work(tx: Tx) -> Grant:
        account = await accounts.get(tx, account_id)
        if (await credentials.find(tx, account_id)).password_hash != proven:
            raise SignInRefused()
        unit = await working_unit(tx, account)
        session = sessions.start(
            session_id,
            account.id,
            secret,
            idle=timedelta(seconds=guard.refresh_seconds),
            place=attempt.origin.place,
            device=attempt.origin.device,
            now=now,
        )
        await session_store.insert(tx, session)
        await accounts.seen(tx, account.id, now, signed_in=True)
        grant = make_grant(account, unit, session.id, secret, guard=guard, now=now)
        await history.note(tx, account.id, Did.SIGN_IN, attempt.origin, now)
        await audit.accepted(tx, grant.principal, ACTION, account.id)
        return grant

    return await transact(db, work)


async def working_unit(tx: Tx, account: Account) -> Unit:
    """The unit of an account that may be used now; raises AccountNotActive."""
    unit = await units.find(tx, account.unit_id)
    if account.status != "active" or unit is None or not unit.works:
        raise AccountNotActive()
    return unit


def make_grant(
    account: Account, unit: Unit, session_id: str, secret: bytes, *, guard: Guard, now: datetime
) -> Grant:
    """Tokens that say what the account is now."""
    issued = account.token_time(now)
    principal = Principal(
        account_id=account.id,
        name=account.name,
        tier=account.tier,
        kinds=account.kinds,
        unit_id=account.unit_id,
        session_id=session_id,
        facility_id=account.facility_id,
        communes=() if account.facility_id else unit.reach.communes,
        sector=account.sector or unit.reach.sector,
        issued_at=issued,
        expires_at=issued + guard.access_seconds,
    )
    return Grant(
        principal=principal,
        access_token=guard.keys.sign(principal),
        refresh_token=secrets.write_token(session_id, secret),
        access_seconds=guard.access_seconds,
        refresh_seconds=guard.refresh_seconds,
    )
