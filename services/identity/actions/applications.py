"""Applications for an account: handed in by the public, decided by the competent unit (R5)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.identity.actions import issue
from services.identity.actions.issue import Issued, Order
from services.identity.actions.oneself import not_for_oneself
from services.identity.domain import secrets
from services.identity.domain.access import Origin
from services.identity.domain.accounts import AccountIsRevoked
from services.identity.domain.application_refusals import CommuneNotServed
from services.identity.domain.applications import Application, Filled, State, Submission
from services.identity.domain.oneself import Contact
from services.identity.guard import Guard
from services.identity.store import accounts, rates
from services.identity.store import applications as store
from services.identity.store import units as unit_store
from shared import audit, once
from shared.auth import Principal, require
from shared.errors import EditConflict, Kind, NotFound, Refusal
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

DECIDE = "application.decide"
READ = "application.read"
SUBMIT = "application.submit"
REPLY = "application.reply"

# A network may be a whole village behind one carrier address, or somebody's program.
SUBMISSIONS_A_DAY = 20
LOOKS = 120
LOOKS_WINDOW = timedelta(minutes=10)


class TooOften(Refusal):
    code = "too_often"
    kind = Kind.LIMIT
    message = "Nơi bạn đang truy cập đã gửi quá nhiều lần. Hãy thử lại sau {minutes} phút."


@dataclass(frozen=True, slots=True)
class Handed:
    """An application with the tracking code of this very submission; it is shown once."""

    application: Application
    code: str


async def submit(
    filled: Filled,
    *,
    origin: Origin,
    db: Database,
    guard: Guard,
    now: datetime,
    repeat_key: str | None = None,
) -> Handed:
    """Hand it in; one that is open for the same facility is joined.

    Raises TooOften, CommuneNotServed, TooManySubmissions and what is wrong with the form.
    """
    await limit("submit", SUBMISSIONS_A_DAY, timedelta(days=1), origin, db, guard, now)
    # The same form sent twice from the same page gets the same code.
    same = f"{repeat_key}\n{filled!r}"
    code = guard.code_of(same) if repeat_key else secrets.new_setup_code()
    fingerprint = fingerprint_of(code)
    application_id = new_id()
    async with audit.attempt(db, None, SUBMIT, application_id):
        checked = filled.checked()

        async def work(tx: Tx) -> Application:
            try:
                return await store.by_code(tx, fingerprint)
            except NotFound:
                pass
            served = await unit_store.of_tier(tx, "commune")
            if not any(checked.commune in unit.reach.communes for unit in served):
                raise CommuneNotServed("commune")
            submission = Submission(now, fingerprint, checked)
            before = await store.open_of(tx, checked.key)
            if before is not None:
                application = before.join(submission)
                await store.put(tx, application)
            else:
                application = Application(application_id, 1, (submission,), State.WAITING)
                await store.insert(tx, application)
            await outbox.append(tx, application.published(now))
            await audit.accepted(
                tx, None, SUBMIT, application.id, wish=checked.wish, joined=before is not None
            )
            return application

        return Handed(await insisting(db, work), code)


async def insisting(db: Database, work: Callable[[Tx], Awaitable[Application]]) -> Application:
    """Two for one facility at the very same moment: the later one finds what the other did."""
    try:
        return await transact(db, work)
    except EditConflict:
        return await transact(db, work)


async def track(
    code: str, *, origin: Origin, db: Database, guard: Guard, now: datetime
) -> Application:
    """The application of a tracking code; raises NotFound, TooOften."""
    await limit("track", LOOKS, LOOKS_WINDOW, origin, db, guard, now)
    return await store.by_code(db, fingerprint_of(code))


async def reply(
    code: str, text: str, *, origin: Origin, db: Database, guard: Guard, now: datetime
) -> Application:
    """The applicant's answer to what the unit asked for."""
    await limit("track", LOOKS, LOOKS_WINDOW, origin, db, guard, now)
    found = await store.by_code(db, fingerprint_of(code))
    async with audit.attempt(db, None, REPLY, found.id):

        async def work(tx: Tx) -> Application:
            changed = (await store.get(tx, found.id)).reply(text, now)
            await store.put(tx, changed)
            await outbox.append(tx, changed.published(now))
            await audit.accepted(tx, None, REPLY, changed.id)
            return changed

        return await transact(db, work)


async def ask_for_more(
    application_id: str, what: str, *, who: Principal, db: Database, now: datetime
) -> Application:
    """The applicant reads `what` behind the tracking code."""
    return await _decide(application_id, "ask", what, who=who, db=db, now=now)


async def reject(
    application_id: str, reason: str, *, who: Principal, db: Database, now: datetime
) -> Application:
    """The applicant reads the reason behind the tracking code."""
    return await _decide(application_id, "reject", reason, who=who, db=db, now=now)


async def accept(
    application_id: str,
    order: Order,
    *,
    who: Principal,
    origin: Origin,
    db: Database,
    now: datetime,
    repeat_key: str,
    by_page: bool = False,
    shown: bool = False,
) -> Issued:
    """Issue the account that is asked for; both or neither. `by_page`: see Application.accept; a
    code that comes back is then of no use, for collecting replaces it.

    The same `repeat_key` of the same officer gets the first answer again.
    """
    account_id, code = new_id(), issue.new_code(shown=shown)
    asked = once.once(who, repeat_key, "application", application_id, order, by_page)
    async with audit.attempt(db, who, DECIDE, application_id):

        async def work(tx: Tx) -> Issued:
            application = await _seen(tx, application_id, who)
            if before := await issue.answered(tx, asked, repeat_key):
                return before
            account = await issue.enter(
                tx,
                _with_contact(order, application),
                account_id,
                code,
                who=who,
                origin=origin,
                now=now,
            )
            await _accepted(tx, application, account.id, who, now, by_page=by_page)
            return await issue.kept(tx, asked, Issued(account, code), repeat_key, now)

        return await transact(db, work)


async def accept_reissue(
    application_id: str,
    account_id: str,
    *,
    who: Principal,
    origin: Origin,
    db: Database,
    now: datetime,
    repeat_key: str,
    by_page: bool = False,
    shown: bool = False,
) -> Issued:
    """Issue an account of the facility anew for it; `by_page` as in `accept`."""
    code = issue.new_code(shown=shown)
    asked = once.once(who, repeat_key, "application", application_id, account_id, by_page)
    async with audit.attempt(db, who, DECIDE, application_id):

        async def work(tx: Tx) -> Issued:
            application = await _seen(tx, application_id, who)
            if before := await issue.answered(tx, asked, repeat_key):
                return before
            account = await accounts.get(tx, account_id)
            if account.facility_id is None:
                raise NotFound()
            if account.revoked:
                raise AccountIsRevoked("account_id")
            account = await issue.renew(
                tx, account_id, "application", code, who=who, origin=origin, now=now
            )
            await _accepted(tx, application, account.id, who, now, by_page=by_page)
            return await issue.kept(tx, asked, Issued(account, code), repeat_key, now)

        return await transact(db, work)


def _with_contact(order: Order, application: Application) -> Order:
    """With telephone and e-mail address of who applied; of several nobody knows whose."""
    if len(application.submissions) > 1:
        return order
    told = application.newest
    return replace(order, person=replace(order.person, phone=told.phone, email=told.email))


async def _decide(
    application_id: str, how: str, words: str, *, who: Principal, db: Database, now: datetime
) -> Application:
    async with audit.attempt(db, who, DECIDE, application_id):

        async def work(tx: Tx) -> Application:
            application = await _seen(tx, application_id, who)
            act = application.ask if how == "ask" else application.reject
            changed = act(words, by=who.account_id, now=now)
            await store.put(tx, changed)
            await outbox.append(tx, changed.published(now))
            # What is asked of an applicant is between the two, and goes with the application.
            reason = words if how == "reject" else ""
            await audit.accepted(tx, who, DECIDE, changed.id, reason, decision=changed.state)
            return changed

        return await transact(db, work)


async def _seen(tx: Tx, application_id: str, who: Principal) -> Application:
    application = await store.get(tx, application_id)
    require(who, DECIDE, application.scope)
    return application


async def _accepted(
    tx: Tx,
    application: Application,
    account_id: str,
    who: Principal,
    now: datetime,
    *,
    by_page: bool,
) -> None:
    senders = (Contact(one.filled.phone, one.filled.email) for one in application.submissions)
    await not_for_oneself(tx, who, *senders)
    changed = application.accept(account_id, by=who.account_id, now=now, by_page=by_page)
    await store.put(tx, changed)
    await outbox.append(tx, changed.published(now))
    await audit.accepted(tx, who, DECIDE, changed.id, decision=changed.state, account=account_id)


async def limit(
    what: str,
    most: int,
    window: timedelta,
    origin: Origin,
    db: Database,
    guard: Guard,
    now: datetime,
) -> None:
    """Raise TooOften where a network has done this too often within the window."""
    key = f"apply:{what}:{guard.mark('address', origin.network)}"
    if wait := await rates.count(db, key, most, window, now):
        raise TooOften(retry_after=wait, minutes=-(-wait // 60))


def fingerprint_of(code: str) -> bytes:
    """What is kept of a tracking code, however it was typed."""
    return secrets.fingerprint(secrets.read_setup_code(code))
