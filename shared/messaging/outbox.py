"""The outbox: a service's events, committed with its state, numbered after the commit.

The outbox is also the service's log: rows are kept, and read as a numbered feed. Commit order is
not id order, so a reader that went by ids would lose events; numbers are given only to what is
already committed, by whoever advances the counter, and so have no gaps.
"""

import asyncio
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from pymongo import ASCENDING, DESCENDING, ReturnDocument, UpdateOne

from shared.contracts.event import Event, envelope
from shared.mongo import Database, Tx, Unasked, transact
from shared.telemetry import current_traceparent

ROWS: Final = Unasked("outbox")
COUNTER: Final = Unasked("feed")
HEAD = "head"

# States of a row: committed; numbered, to be published; confirmed by the broker.
NEW, NUMBERED, SENT = "new", "numbered", "sent"

# Rows numbered in one transaction; more take another turn.
NUMBERED_AT_ONCE = 1_000


async def prepare(db: Database) -> None:
    """Create the indexes. A number given twice would be refused by the last of them."""
    rows = db.collection(ROWS)
    await rows.create_index(
        [("state", ASCENDING), ("_id", ASCENDING)],
        name="unnumbered",
        partialFilterExpression={"state": NEW},
    )
    await rows.create_index(
        [("state", ASCENDING), ("number", ASCENDING)],
        name="unsent",
        partialFilterExpression={"state": NUMBERED},
    )
    await rows.create_index(
        "number", name="number", unique=True, partialFilterExpression={"number": {"$gt": 0}}
    )


async def append(tx: Tx, *events: Event) -> None:
    """Add events to the business transaction; they are published once it commits."""
    traceparent = current_traceparent()
    for event in events:
        body = envelope(event)
        if traceparent and "traceparent" not in body:
            body["traceparent"] = traceparent
        tx.outgoing.setdefault(ROWS, []).append({"_id": event.id, "state": NEW, "body": body})
        if event.urgent:
            tx.urgent.append(body)


async def number_committed(db: Database) -> int:
    """Number whatever is committed; the head of the feed afterwards.

    The counter is touched even when there is nothing to number: the majority commit proves that
    the answer comes from the true primary, and so that nothing committed before is missing.
    """
    while True:
        head, count = await transact(db, _number)
        if count < NUMBERED_AT_ONCE:
            return head


async def _number(tx: Tx) -> tuple[int, int]:
    rows = tx.collection(ROWS)
    unnumbered = [
        row["_id"]
        async for row in rows.find({"state": NEW}, {"_id": 1})
        .sort("_id", ASCENDING)
        .limit(NUMBERED_AT_ONCE)
    ]
    counter = await tx.collection(COUNTER).find_one_and_update(
        {"_id": HEAD},
        {"$inc": {"n": len(unnumbered), "touched": 1}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    assert counter is not None
    head = int(counter["n"])
    if unnumbered:
        first = head - len(unnumbered) + 1
        await rows.bulk_write(
            [
                UpdateOne({"_id": row}, {"$set": {"number": first + i, "state": NUMBERED}})
                for i, row in enumerate(unnumbered)
            ],
            ordered=False,
        )
    return head, len(unnumbered)


class Numberer:
    """Numbers on demand; all who wait for a run that has yet to begin share its answer.

    Who asks while a run is under way waits for the next: the running one may have read its
    snapshot before the question.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._next: asyncio.Future[int] | None = None
        self._runner: asyncio.Task[None] | None = None

    async def head(self) -> int:
        """The head of the feed, everything committed before this call included."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
            if self._runner is None or self._runner.done():
                self._runner = asyncio.create_task(self._run())
        return await asyncio.shield(self._next)

    async def _run(self) -> None:
        while self._next is not None:
            waiting, self._next = self._next, None
            try:
                waiting.set_result(await number_committed(self._db))
            except Exception as error:  # The askers are told; the next asker starts a new run.
                waiting.set_exception(error)
                waiting.exception()


async def unsent(db: Database, after: int, limit: int) -> list[dict[str, Any]]:
    """Rows numbered above `after` that no broker has confirmed yet, oldest first."""
    cursor = (
        db.collection(ROWS)
        .find({"state": NUMBERED, "number": {"$gt": after}})
        .sort("number", ASCENDING)
        .limit(limit)
    )
    return [row async for row in cursor]


async def mark_sent(db: Database, ids: list[str]) -> None:
    """Note that the broker keeps these events."""
    await db.collection(ROWS).update_many(
        {"_id": {"$in": ids}}, {"$set": {"state": SENT, "sent_at": datetime.now(UTC)}}
    )


def message(row: dict[str, Any]) -> bytes:
    """What goes on the bus: the event and its number."""
    return msgspec.json.encode({**row["body"], "number": row["number"]})


async def page(db: Database, after: int, limit: int) -> list[dict[str, Any]]:
    """The rows numbered from after+1 on, without a gap, at most `limit`; their contents left out.

    Raises FeedGap if one is missing.
    """
    cursor = (
        db.collection(ROWS)
        .find({"number": {"$gt": after}}, {"number": 1, "state": 1, "body.type": 1})
        .sort("number", ASCENDING)
        .limit(limit)
    )
    rows = [row async for row in cursor]
    if rows and rows[-1]["number"] != after + len(rows):
        raise FeedGap(f"of {len(rows)} events after {after} the last is {rows[-1]['number']}")
    return rows


async def numbered(db: Database, numbers: list[int]) -> list[dict[str, Any]]:
    """The rows of these numbers, in their order."""
    cursor = db.collection(ROWS).find({"number": {"$in": numbers}}).sort("number", ASCENDING)
    return [row async for row in cursor]


async def number_before(db: Database, event_id: str) -> int:
    """The number of the last event made before this id; 0 if there is none."""
    before = {"_id": {"$lt": event_id}, "number": {"$gt": 0}}
    found = await db.collection(ROWS).find_one(before, {"number": 1}, sort=[("_id", DESCENDING)])
    return int(found["number"]) if found else 0


class FeedGap(Exception):
    """The rows read do not match the numbers: this server is not to be believed now."""


async def read(db: Database, after: int, head: int, limit: int) -> list[dict[str, Any]]:
    """The envelopes numbered after+1 … min(head, after+limit), each with its number.

    Raises FeedGap if one is missing, which only a server that lags behind can cause.
    """
    last = min(head, after + limit)
    cursor = (
        db.collection(ROWS)
        .find({"number": {"$gt": after, "$lte": last}}, {"body": 1, "number": 1})
        .sort("number", ASCENDING)
    )
    events = [{**row["body"], "number": row["number"]} async for row in cursor]
    if len(events) != max(0, last - after):
        raise FeedGap(f"expected {last - after} events after {after}, read {len(events)}")
    return events
