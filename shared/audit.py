"""The audit record of official acts: an accepted one in its own transaction, a refused one alone.

Records leave as events and are chained in reporting's ledger (Decree 85/2016; R10).
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from shared.auth import Principal
from shared.contracts.acts import BY_SERVICE, Actor, Words
from shared.errors import Phrase, Refusal
from shared.ids import now
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.telemetry import current_trace_id

# The tier of programs, whose names are not personal data.
PROGRAM = "client"
PARTED = "names_parted_from_acts"


async def prepare(db: Database) -> None:
    """Once: acts recorded before names were left out of them lose those names in the outbox."""
    done = db.collection("migrations")
    if await done.find_one({"_id": PARTED}):
        return
    named = {
        "body.type": f"{db.service}.act_recorded.v1",
        "body.data.actor.name": {"$gt": ""},
        "body.data.actor.tier": {"$ne": PROGRAM},
    }
    blank = {"$set": {"body.data.actor.name": ""}}
    await db.collection(outbox.ROWS).update_many(named, blank)
    await done.update_one({"_id": PARTED}, {"$set": {"at": now()}}, upsert=True)


def actor_of(who: Principal | None) -> Actor:
    """The account as the ledger knows it; an empty one for the system or the public.

    A person's name is left out: records are kept for good, and names must be erasable. Whoever
    shows the record looks the name up by the account's id.
    """
    if who is None:
        return Actor()
    return Actor(
        account_id=who.account_id,
        name=who.name if who.tier == PROGRAM else "",
        tier=who.tier,
        unit_id=who.unit_id,
        facility_id=who.facility_id,
    )


async def accepted(
    tx: Tx, who: Principal | None, action: str, subject: str, reason: str = "", **facts: object
) -> None:
    """Record an act in the transaction that carries it out. Never put secrets or codes in facts."""
    await _append(tx, who, action, subject, "accepted", reason, facts)


async def refused(
    db: Database, who: Principal | None, action: str, subject: str, refusal: Refusal
) -> None:
    """Record that an act was refused, in a transaction of its own."""
    refusal.recorded = True

    async def work(tx: Tx) -> None:
        await _append(
            tx, who, action, subject, refusal.code, "", refusal.params, said=refusal.message
        )

    await transact(db, work)


@asynccontextmanager
async def attempt(
    db: Database, who: Principal | None, action: str, subject: str
) -> AsyncIterator[None]:
    """Around an act: if it is refused, the refusal is recorded and raised on."""
    try:
        yield
    except Refusal as refusal:
        await refused(db, who, action, subject, refusal)
        raise


async def _append(
    tx: Tx,
    who: Principal | None,
    action: str,
    subject: str,
    outcome: str,
    reason: str,
    facts: Mapping[str, object],
    said: str = "",
) -> None:
    service = tx.db.service
    record = BY_SERVICE[service](
        subject=subject or "-",
        version=1,
        time=now(),
        actor=actor_of(who),
        action=action,
        outcome=outcome,
        reason=reason,
        trace_id=current_trace_id(),
        facts=_texts(facts),
        said=said,
        phrases=_phrases(facts),
    )
    await outbox.append(tx, record)


def _texts(facts: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value)[:500] for name, value in facts.items()}


def _phrases(facts: Mapping[str, object]) -> dict[str, Words]:
    return {
        name: Words(said=value.message, facts=_texts(value.params), phrases=_phrases(value.params))
        for name, value in facts.items()
        if isinstance(value, (Phrase, Refusal))
    }
