"""What stands before every attempt to prove who one is: limits by name and by address."""

from dataclasses import dataclass
from datetime import datetime

from prometheus_client import Counter

from services.identity.actions import history
from services.identity.domain.access import Did, Origin
from services.identity.guard import Guard
from services.identity.store import throttle
from shared import audit
from shared.errors import Kind, Refusal
from shared.mongo import Database

outcomes = Counter("txng_sign_ins_total", "Attempts to sign in or to set a password", ["outcome"])


class TooManyAttempts(Refusal):
    code = "too_many_attempts"
    kind = Kind.LIMIT
    message = (
        "Đã nhập sai nhiều lần. Hãy đợi {retry_after} giây rồi thử lại; "
        "nếu quên mật khẩu, hãy liên hệ đơn vị quản lý tài khoản để được cấp lại."
    )


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody claims a user name. `known_device` is the mark of an earlier success, if shown."""

    username: str
    origin: Origin
    known_device: str = ""


@dataclass(frozen=True, slots=True)
class Admitted:
    """An attempt that may go on, with the keys it was counted under."""

    name_key: str
    address_key: str


async def admit(attempt: Attempt, *, db: Database, guard: Guard, now: datetime) -> Admitted:
    """Count the attempt; raises TooManyAttempts.

    It is the same for names that exist and names that do not. Attempts refused here were not
    looked at; they appear in the metrics, not in the ledger, which a flood would fill.
    """
    address_key = f"address:{guard.mark('address', attempt.origin.network)}"
    device = guard.knows_device(attempt.username, attempt.known_device)
    name_key = f"device:{device}" if device else f"name:{guard.mark('name', attempt.username)}"
    wait = await throttle.count_address(db, address_key, now)
    if not wait:
        wait = await throttle.reserve(db, name_key, now)
    if wait:
        outcomes.labels(TooManyAttempts.code).inc()
        raise TooManyAttempts(retry_after=wait)
    return Admitted(name_key, address_key)


async def forgive(admitted: Admitted, *, db: Database, now: datetime) -> None:
    """Earlier failures are forgotten: this was no guess."""
    await throttle.clear(db, admitted.name_key)
    await throttle.uncount_address(db, admitted.address_key, now)


async def half_done(admitted: Admitted, *, db: Database, now: datetime) -> None:
    """The password was right and a code is still to come: earlier failures stand until it does.

    Otherwise somebody who has the password would wipe out their wrong codes with it.
    """
    await throttle.uncount(db, admitted.name_key, now)
    await throttle.uncount_address(db, admitted.address_key, now)


async def succeeded(admitted: Admitted, *, db: Database, now: datetime) -> None:
    """The attempt proved who it is."""
    await forgive(admitted, db=db, now=now)
    outcomes.labels("accepted").inc()


async def failed(
    attempt: Attempt,
    account_id: str | None,
    did: Did,
    action: str,
    refusal: Refusal,
    *,
    db: Database,
    guard: Guard,
    now: datetime,
) -> None:
    """Record a refused attempt, in the same steps whether the name exists or not.

    A name that is nobody's is recorded as a keyed hash: people type passwords into that field.
    """
    outcomes.labels(refusal.code).inc()
    subject = account_id or f"unknown:{guard.mark('name', attempt.username)}"
    await history.note(db, account_id, did, attempt.origin, now, outcome=refusal.code)
    await audit.refused(db, None, action, subject, refusal)
