"""Sessions after the sign-in: renewed, signed out, ended."""

from datetime import datetime, timedelta

from services.identity.actions import history
from services.identity.actions.grants import Grant, make_grant, working_unit
from services.identity.domain import secrets
from services.identity.domain.access import Did, Origin
from services.identity.domain.sessions import Ending, Session, Showing
from services.identity.guard import Guard
from services.identity.store import accounts
from services.identity.store import sessions as store
from services.identity.tiers import tiers
from shared import audit
from shared.auth import Principal
from shared.errors import Kind, NotFound, Refusal, Unauthenticated
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact


class SessionTokenReused(Refusal):
    """A used-up refresh token was shown: it was copied, so the whole session is over."""

    code = "session_token_reused"
    kind = Kind.UNAUTHENTICATED
    message = "Phiên làm việc đã kết thúc để bảo vệ tài khoản của bạn. Hãy đăng nhập lại."


async def refresh(
    token: str, *, origin: Origin, db: Database, guard: Guard, now: datetime
) -> Grant:
    """New tokens for a living session; raises Unauthenticated, SessionTokenReused,
    AccountNotActive."""
    read = secrets.read_token(token)
    if read is None:
        raise Unauthenticated()
    session_id, shown = read
    fresh = secrets.new_secret()

    async def work(tx: Tx) -> Grant | None:
        session = await store.find(tx, session_id)
        if session is None or not session.alive(now):
            raise Unauthenticated()
        showing = session.judge(shown, now)
        if showing is Showing.REUSED:
            await _end(tx, session, Ending.REUSED, now)
            await history.note(
                tx, session.account_id, Did.TOKEN_REUSED, origin, now, outcome="refused"
            )
            return None
        account = await accounts.get(tx, session.account_id)
        unit = await working_unit(tx, account)
        if tiers()[account.tier].second_factor and not session.by_factor:
            # Opened before its tier had to have a second factor: it signs in anew.
            raise Unauthenticated()
        secret = shown
        if showing is Showing.JUST_ROTATED:
            secret = session.repeated(shown)
        elif showing is Showing.CURRENT:
            secret = fresh
            idle = timedelta(seconds=guard.refresh_seconds)
            rotated = session.rotate(shown, fresh, idle=idle, now=now)
            await store.put(tx, rotated, was=session.generation)
            session = rotated
        await accounts.seen(tx, account.id, now)
        return make_grant(account, unit, session, secret, guard=guard, now=now)

    grant = await transact(db, work)
    if grant is None:
        refusal = SessionTokenReused()
        await audit.refused(db, None, "session.refresh", session_id, refusal)
        raise refusal
    return grant


async def owner_of(token: str, *, db: Database) -> Principal | None:
    """Whose session this was, though it may be over; None unless the token is its last one.

    Good for finding what the person left behind, never for letting anybody in.
    """
    read = secrets.read_token(token)
    if read is None:
        return None
    session = await store.find(db, read[0])
    if session is None or not secrets.same(session.current, secrets.fingerprint(read[1])):
        return None
    return Principal(
        account_id=session.account_id,
        name="",
        tier="",
        kinds=frozenset(),
        unit_id="",
        session_id=session.id,
    )


async def sign_out(who: Principal, *, origin: Origin, db: Database, now: datetime) -> None:
    """End the session one is in; nothing happens if it has ended already."""

    async def work(tx: Tx) -> None:
        session = await store.find(tx, who.session_id)
        if session is None or session.ended_at is not None:
            return
        await _end(tx, session, Ending.SIGNED_OUT, now)
        await history.note(tx, who.account_id, Did.SIGN_OUT, origin, now)
        await audit.accepted(tx, who, "session.sign_out", who.session_id)

    await transact(db, work)


async def end_own(
    session_id: str, *, who: Principal, origin: Origin, db: Database, now: datetime
) -> None:
    """End one of one's own sessions; another's does not exist."""
    async with audit.attempt(db, who, "session.end", session_id):

        async def work(tx: Tx) -> None:
            session = await store.find(tx, session_id)
            if session is None or session.account_id != who.account_id:
                raise NotFound()
            if not session.alive(now):
                return
            await _end(tx, session, Ending.ENDED_BY_OWNER, now)
            await history.note(tx, who.account_id, Did.SESSION_ENDED, origin, now)
            await audit.accepted(tx, who, "session.end", session_id)

        await transact(db, work)


async def end_others(who: Principal, *, origin: Origin, db: Database, now: datetime) -> int:
    """End all of one's own sessions but the present one; how many there were."""

    async def work(tx: Tx) -> int:
        ended = await end_all(tx, who.account_id, Ending.ENDED_BY_OWNER, now, but=who.session_id)
        if ended:
            await history.note(tx, who.account_id, Did.SESSION_ENDED, origin, now)
            await audit.accepted(tx, who, "session.end_others", who.account_id, count=ended)
        return ended

    return await transact(db, work)


async def end_all(tx: Tx, account_id: str, why: Ending, now: datetime, *, but: str = "") -> int:
    """End the account's living sessions within an act; how many there were."""
    living = [one for one in await store.alive(tx, account_id, now) if one.id != but]
    for session in living:
        await _end(tx, session, why, now)
    return len(living)


async def _end(tx: Tx, session: Session, why: Ending, now: datetime) -> None:
    ended, event = session.end(why, now)
    await store.put(tx, ended, was=session.generation)
    await outbox.append(tx, event)
