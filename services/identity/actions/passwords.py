"""Passwords: set once with a setup code, changed by their owner; chosen by nobody else."""

from datetime import datetime

from services.identity.actions import attempts, history
from services.identity.actions.attempts import Attempt
from services.identity.actions.sessions import end_all
from services.identity.domain import passwords, secrets
from services.identity.domain.access import Did, Origin
from services.identity.domain.accounts import Account
from services.identity.domain.sessions import Ending
from services.identity.guard import Guard
from services.identity.store import accounts, credentials
from services.identity.store.credentials import Credential
from shared import audit
from shared.auth import Principal
from shared.errors import Kind, Refusal
from shared.mongo import Database, Tx, transact

SET = "password.set"
CHANGE = "password.change"


class SetupRefused(Refusal):
    """The same for an unknown name and a wrong, used or expired code."""

    code = "setup_refused"
    kind = Kind.UNAUTHENTICATED
    message = (
        "Tên đăng nhập hoặc mã thiết lập không đúng, đã dùng hoặc đã hết hạn. "
        "Hãy kiểm tra lại; nếu cần mã mới, hãy liên hệ đơn vị quản lý tài khoản."
    )


class OldPasswordWrong(Refusal):
    code = "old_password_wrong"
    kind = Kind.INVALID
    message = "Mật khẩu hiện tại không đúng. Hãy nhập lại."


async def set_password(
    attempt: Attempt, setup_code: str, password: str, *, db: Database, guard: Guard, now: datetime
) -> None:
    """Use a setup code up. A password against the rules leaves the code as it was.

    Raises TooManyAttempts, SetupRefused and the refusals of domain.passwords.
    """
    admitted = await attempts.admit(attempt, db=db, guard=guard, now=now)
    account = await accounts.by_username(db, attempt.username)
    shown = secrets.fingerprint(secrets.read_setup_code(setup_code))
    try:
        credential = await credentials.find(db, account.id if account else "-")
        if account is None or not _opens(account, credential, shown, now):
            raise SetupRefused()
        passwords.check(password, username=account.username, tier=account.tier)
        password_hash = await guard.hasher.hash(password)
        await _use_code(attempt, account.id, shown, password_hash, db, now)
    except Refusal as refusal:
        known = account.id if account else None
        if not isinstance(refusal, SetupRefused):
            # The code was right: trying passwords against the rules is no guessing.
            await attempts.forgive(admitted, db=db, now=now)
        await attempts.failed(
            attempt, known, Did.PASSWORD_SET, SET, refusal, db=db, guard=guard, now=now
        )
        raise
    await attempts.succeeded(admitted, db=db, now=now)


def _opens(account: Account, credential: Credential, shown: bytes, now: datetime) -> bool:
    """Whether the code is the account's unused one, in time. A suspended account keeps its code."""
    expires = credential.setup_expires_at
    in_time = expires is not None and now < expires
    right = secrets.same(credential.setup or b"", shown)
    return right and in_time and not account.revoked


async def _use_code(
    attempt: Attempt, account_id: str, shown: bytes, password_hash: str, db: Database, now: datetime
) -> None:
    async def work(tx: Tx) -> None:
        account = await accounts.get(tx, account_id)
        if not _opens(account, await credentials.find(tx, account_id), shown, now):
            raise SetupRefused()
        await credentials.set_password(tx, account_id, password_hash)
        await history.note(tx, account_id, Did.PASSWORD_SET, attempt.origin, now)
        await audit.accepted(tx, None, SET, account_id)

    await transact(db, work)


async def change_password(
    old: str,
    new: str,
    *,
    who: Principal,
    origin: Origin,
    db: Database,
    guard: Guard,
    now: datetime,
) -> None:
    """Replace one's own password; every other session of the account ends.

    Raises TooManyAttempts, OldPasswordWrong and the refusals of domain.passwords.
    """
    async with audit.attempt(db, who, CHANGE, who.account_id):
        account = await accounts.get(db, who.account_id)
        attempt = Attempt(account.username, origin)
        admitted = await attempts.admit(attempt, db=db, guard=guard, now=now)
        credential = await credentials.find(db, account.id)
        if not await guard.hasher.matches(credential.password_hash, old):
            raise OldPasswordWrong("old")
        await attempts.succeeded(admitted, db=db, now=now)
        passwords.check(new, username=account.username, tier=account.tier)
        password_hash = await guard.hasher.hash(new)

        async def work(tx: Tx) -> None:
            if (await credentials.find(tx, account.id)) != credential:
                raise OldPasswordWrong("old")
            await credentials.set_password(tx, account.id, password_hash)
            await end_all(tx, account.id, Ending.PASSWORD_CHANGED, now, but=who.session_id)
            await history.note(tx, account.id, Did.PASSWORD_CHANGED, origin, now)
            await audit.accepted(tx, who, CHANGE, account.id)

        await transact(db, work)
