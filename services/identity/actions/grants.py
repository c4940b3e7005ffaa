"""What somebody who has proven who they are gets: a session, and tokens that say what they are."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.identity.actions import history
from services.identity.actions.oneself import contact_of
from services.identity.domain import secrets, sessions
from services.identity.domain.access import Did, Origin
from services.identity.domain.accounts import Account
from services.identity.domain.sessions import Session
from services.identity.domain.units import Unit
from services.identity.guard import Guard
from services.identity.store import accounts, credentials, units
from services.identity.store import sessions as session_store
from shared import audit
from shared.auth import Principal
from shared.errors import Kind, Refusal
from shared.mongo import Tx

SIGN_IN = "session.sign_in"


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


@dataclass(frozen=True, slots=True)
class Opening:
    """A session about to be opened: made outside the transaction, which may run again."""

    session_id: str
    secret: bytes
    origin: Origin
    by_factor: bool


def password_mark(password_hash: str) -> bytes:
    """What a ticket remembers of the password that was shown."""
    return secrets.fingerprint(password_hash)


async def open_session(
    tx: Tx, account_id: str, password: bytes, opening: Opening, guard: Guard, now: datetime
) -> Grant:
    """Open a session within an act; `password` is the mark of the one that was shown.

    Raises SignInRefused if it has been replaced since, AccountNotActive.
    """
    account = await accounts.get(tx, account_id)
    if password_mark((await credentials.find(tx, account_id)).password_hash) != password:
        raise SignInRefused()
    unit = await working_unit(tx, account)
    session = sessions.start(
        opening.session_id,
        account.id,
        opening.secret,
        idle=timedelta(seconds=guard.refresh_seconds),
        place=opening.origin.place,
        device=opening.origin.device,
        by_factor=opening.by_factor,
        now=now,
    )
    await session_store.insert(tx, session)
    await accounts.seen(tx, account.id, now, signed_in=True)
    grant = make_grant(account, unit, session, opening.secret, guard=guard, now=now)
    await history.note(tx, account.id, Did.SIGN_IN, opening.origin, now)
    await audit.accepted(tx, grant.principal, SIGN_IN, account.id, by_factor=opening.by_factor)
    return grant


async def working_unit(tx: Tx, account: Account) -> Unit:
    """The unit of an account that may be used now; raises AccountNotActive."""
    unit = await units.find(tx, account.unit_id)
    if account.status != "active" or unit is None or not unit.works:
        raise AccountNotActive()
    return unit


def make_grant(
    account: Account, unit: Unit, session: Session, secret: bytes, *, guard: Guard, now: datetime
) -> Grant:
    """Tokens that say what the account is now."""
    issued = account.token_time(now)
    principal = Principal(
        account_id=account.id,
        name=account.name,
        tier=account.tier,
        kinds=account.kinds,
        unit_id=account.unit_id,
        session_id=session.id,
        facility_id=account.facility_id,
        communes=() if account.facility_id else unit.reach.communes,
        sector=account.sector or unit.reach.sector,
        issued_at=issued,
        expires_at=issued + guard.access_seconds,
        proven_at=int(session.proven_at.timestamp()) if session.proven_at else 0,
        has_factor=session.by_factor,
        person=frozenset(guard.mark("person", one) for one in contact_of(account).marks),
    )
    return Grant(
        principal=principal,
        access_token=guard.keys.sign(principal),
        refresh_token=secrets.write_token(session.id, secret) if secret else "",
        access_seconds=guard.access_seconds,
        refresh_seconds=guard.refresh_seconds,
    )
