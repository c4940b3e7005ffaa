"""Messages about a case that grows: while one is not sent yet, what comes joins it.

A recall whose goods reach two thousand shops one by one would else fill a mailbox with as many
messages, and none of them would be read.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from pymongo import UpdateOne

from services.recall.domain.delivery import Delivery, Message, State, delivery_id
from services.recall.store import deliveries
from services.recall.store.deliveries import DELIVERIES
from services.recall.store.delivery_rows import delivery_of
from shared.mongo import Document, Tx

# So long more may join a message to somebody who knows of the case already.
GATHERED: Final = timedelta(minutes=10)
_NOT_BEGUN: Final = (str(State.QUEUED), str(State.FAILED))
# What was sent once may have been taken though no answer came, and a receiver takes an id once.
_NEVER_SENT: Final = {"state": {"$in": list(_NOT_BEGUN)}, "attempts": 0}


async def add(tx: Tx, made: Sequence[Delivery]) -> None:
    """All about the same events of one case. What was told before or joined a message changes
    nothing, however often it comes."""
    if not made:
        return
    found = tx.collection(DELIVERIES).find(touched_by(made))
    rows = [delivery_of(row) async for row in found]
    kept: dict[str, list[Delivery]] = {}
    for row in rows:
        kept.setdefault(row.contact_id, []).append(row)
    new, writes = [], []
    for one in made:
        before = kept.get(one.contact_id, [])
        told = {id_ for row in before for id_ in (row.event_id, *row.joined)}
        events = [id_ for id_ in (one.event_id, *one.joined) if id_ not in told]
        if not events:
            continue
        unsent = (row for row in before if row.state in _NOT_BEGUN and not row.attempts)
        waiting = next(unsent, None)
        if waiting is None:
            new.append(_of_events(one, events))
        else:
            writes.append(_joined(waiting, one, events))
    await deliveries.add(tx, new)
    if writes:
        await tx.collection(DELIVERIES).bulk_write(writes, ordered=False)


def touched_by(made: Sequence[Delivery]) -> Document:
    """What may be joined, and what told of these events already: each by an index of its own, since
    a case that grows for weeks leaves thousands of messages behind. Events and contacts are named
    one by one: of each event with each contact the question would be too large to ask."""
    contacts = sorted({one.contact_id for one in made})
    events = sorted({id_ for one in made for id_ in (one.event_id, *one.joined)})
    growth = {
        "message": str(Message.SCOPE_CHANGED),
        "case_id": {"$in": sorted({one.case_id for one in made})},
        "contact_id": {"$in": contacts},
    }
    return {
        "$or": [
            {**growth, "open": True, **_NEVER_SENT},
            {**growth, "event_id": {"$in": events}},
            {**growth, "joined": {"$in": events}},
        ]
    }


def _of_events(one: Delivery, events: Sequence[str]) -> Delivery:
    """The message about those of its events that were not told yet."""
    first, *others = events
    return replace(one, id=delivery_id(first, one.contact_id), event_id=first, joined=tuple(others))


def _joined(waiting: Delivery, one: Delivery, events: Sequence[str]) -> UpdateOne:
    """A facility that made several of the lots is counted once as long as all are named."""
    all_named = len(waiting.facilities) == waiting.facilities_total
    more = [id_ for id_ in one.facilities if id_ not in waiting.facilities]
    unnamed = one.facilities_total - len(one.facilities)
    added = len(more) + unnamed if all_named else one.facilities_total
    named = [*waiting.facilities, *more][: max(len(waiting.facilities), deliveries.NAMED)]
    total = waiting.facilities_total if waiting.owner_kind == "facility" else None
    return UpdateOne(
        {"_id": waiting.id, **_NEVER_SENT},
        {
            "$push": {"joined": {"$each": list(events)}},
            "$max": {"case_version": one.case_version},
            "$set": {
                "facilities": named,
                "facilities_total": total or waiting.facilities_total + added,
            },
        },
    )
