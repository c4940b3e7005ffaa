"""What a person does about a message that was not told: try it again, or rest its contact."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.recall.domain.contact import State as ContactState
from services.recall.domain.delivery import (
    QUESTIONS,
    AskedElsewhere,
    ContactGone,
    ContactRests,
    Delivery,
    NothingToRetry,
    State,
)
from services.recall.queries.deliveries import RETELL, one, scope_of, visible_to
from services.recall.store import contacts, deliveries, held, retries
from shared import audit
from shared.auth import Principal, require
from shared.mongo import Database, Tx, transact

RETRIED: Final = (str(State.FAILED), str(State.GIVEN_UP))


async def retry(delivery_id: str, *, who: Principal, db: Database, at: datetime) -> None:
    """Due now, and for three days more. Raises NothingToRetry, ContactGone, ContactRests, and
    AskedElsewhere for a question: those that ask strangers are counted."""

    async def work(tx: Tx) -> None:
        found = await deliveries.get(tx, delivery_id)
        if found.state not in (State.QUEUED, State.FAILED, State.GIVEN_UP):
            raise NothingToRetry()
        if found.message in QUESTIONS:
            raise AskedElsewhere()
        contact = await contacts.find(tx, found.contact_id)
        if contact is None:
            raise ContactGone()
        if contact.state is ContactState.PAUSED:
            raise ContactRests()
        if not await deliveries.retry(tx, found, at=at):
            raise NothingToRetry()
        await audit.accepted(tx, who, RETELL, delivery_id, done="retried", **_about(found))

    async with audit.attempt(db, who, RETELL, delivery_id):
        await _may(delivery_id, who, db)
        await transact(db, work)


@dataclass(frozen=True, slots=True)
class Retried:
    """How many are sent once more; `is_all` where none is left for another time."""

    number: int
    is_all: bool


async def retry_all(
    state: str, case_id: str, *, who: Principal, db: Database, at: datetime
) -> Retried:
    """The messages in a state that were not told, of a case or of all, that the person may see:
    due now, and for three days more. Those of contacts that rest, and those about what is over,
    stay as they are.

    Raises NothingToRetry where there is none.
    """

    async def work(tx: Tx) -> int:
        number = await retries.again(tx, found, wanted, at=at)
        if not number:
            raise NothingToRetry()
        await audit.accepted(
            tx, who, RETELL, case_id, done="retried_all", state=state, messages=number
        )
        return number

    async with audit.attempt(db, who, RETELL, case_id):
        require(who, RETELL)
        if state not in RETRIED:
            raise NothingToRetry()
        wanted = {**visible_to(who), **({"case_id": case_id} if case_id else {}), "state": state}
        found = await retries.sendable(db, wanted, at=at)
        return Retried(await transact(db, work), found.is_all)


async def pause(delivery_id: str, *, who: Principal, db: Database) -> None:
    """Nothing more goes to the contact of this message until somebody resumes it."""
    await _rest(delivery_id, who=who, db=db, at=None)


async def resume(delivery_id: str, *, who: Principal, db: Database, at: datetime) -> None:
    """The contact is told again, first of all what waited."""
    await _rest(delivery_id, who=who, db=db, at=at)


async def _rest(delivery_id: str, *, who: Principal, db: Database, at: datetime | None) -> None:
    async def work(tx: Tx) -> None:
        found = await deliveries.get(tx, delivery_id)
        contact = await contacts.find(tx, found.contact_id)
        if contact is None:
            raise ContactGone()
        by = "owner" if who.facility_id is not None else "official"
        after = contact.paused(by) if at is None else contact.resumed()
        await contacts.put(tx, after)
        if at is None:
            await held.hold(tx, contact.id)
        else:
            await held.release(tx, contact.id, at)
        done = "paused" if at is None else "resumed"
        await audit.accepted(tx, who, RETELL, contact.id, done=done, **_about(found))

    async with audit.attempt(db, who, RETELL, delivery_id):
        await _may(delivery_id, who, db)
        await transact(db, work)


async def _may(delivery_id: str, who: Principal, db: Database) -> None:
    require(who, RETELL, scope_of(await one(who, delivery_id, db=db), who))


def _about(found: Delivery) -> dict[str, str]:
    """What a record of the act says besides: the facility that is told, never its address."""
    return {"facility": found.owner_id} if found.owner_kind == "facility" else {}
