"""Which events have reached a queue's consumer, so that what got lost on the way is known exactly.

Per queue one document: for each publisher `after`, up to which number everything meant for the
queue is here, and beyond it a bit for each event that is. It is kept in the consumer's own
database, in the transaction of the events' effects, and so is lost or restored together with them.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
import structlog
from bson import Int64

from shared.contracts.event import Undecodable, open_envelope
from shared.ids import new_id
from shared.mongo import Database, Tx, Unasked, transact

log = structlog.get_logger()

COLLECTION: Final = Unasked("arrivals")
# Bits that share a field: BSON's integers are signed and have 64.
WORD = 60
# What was sent so often, each time confirmed by the broker, and never came through is not asked
# for any more: it kills its consumer, and the broker has parked it.
MOST_TRIES = 3
# An inventory goes the way of the events that it lists, so it wears their envelope.
TYPE = "txng.inventory.v1"


class Question(msgspec.Struct, omit_defaults=True):
    """A consumer asks what its queue ought to have been given.

    `marks` says per publisher up to which number everything is here. A publisher it does not name
    begins at its first event, or with `since` at those that are younger than this id. `wanted`
    are numbers that did not arrive and are to be sent once more.
    """

    queue: str
    patterns: list[str]
    marks: dict[str, int]
    since: str = ""
    wanted: list[int] = []


class Inventory(msgspec.Struct):
    """A publisher's answer: all of its events in (after, upto] that the queue should have had.

    Each was confirmed by the broker before the inventory is sent, so it comes behind them. `more`
    says that there may be later ones, `again` that the wanted ones were just sent.
    """

    publisher: str
    after: int
    upto: int
    numbers: list[int]
    more: bool
    again: bool

    def encode(self) -> bytes:
        attributes = {"specversion": "1.0", "id": new_id(), "source": f"/{self.publisher}"}
        return msgspec.json.encode({**attributes, "type": TYPE, "data": self})


async def note(where: Tx | Database, queue: str, envelopes: Iterable[dict[str, Any]]) -> None:
    """These are here. One blind write, that may be repeated; events without number have none."""
    words: dict[str, int] = {}
    for envelope in envelopes:
        number = envelope.get("number")
        if isinstance(number, int):
            field = f"{envelope['type'].split('.', 1)[0]}.words.{number // WORD}"
            words[field] = words.get(field, 0) | 1 << number % WORD
    if words:
        bits = {field: {"or": Int64(word)} for field, word in words.items()}
        await where.collection(COLLECTION).update_one({"_id": queue}, {"$bit": bits}, upsert=True)


async def note_parked(db: Database, queue: str, body: bytes) -> None:
    """This one is kept elsewhere: to send it once more would only park it once more."""
    try:
        await note(db, queue, [open_envelope(body)])
    except Undecodable:
        return


async def marks(db: Database, queue: str) -> dict[str, int]:
    """Per publisher the number up to which everything is here; none for who never answered."""
    document = await db.collection(COLLECTION).find_one({"_id": queue}) or {}
    return {
        publisher: known["after"]
        for publisher, known in document.items()
        if publisher != "_id" and "after" in known
    }


async def settle(db: Database, queue: str, told: Inventory) -> list[int] | None:
    """The listed numbers to be asked for; if there are none, the mark moves on to `upto`.

    None if the mark has long moved on: the answer to an older question.
    """

    async def work(tx: Tx) -> list[int] | None:
        document = await tx.collection(COLLECTION).find_one({"_id": queue}) or {}
        known = document.get(told.publisher, {})
        after = known.get("after")
        if after is not None and not told.after <= after < told.upto:
            return None
        missing = _missing(known, told)
        tries = known.get("tries", 0) + told.again
        if not missing or tries >= MOST_TRIES:
            await _move(tx, queue, known, told)
        elif told.again:
            tried = {"$set": {f"{told.publisher}.tries": tries}}
            await tx.collection(COLLECTION).update_one({"_id": queue}, tried)
        if not missing or tries < MOST_TRIES:
            return missing
        log.error(
            "events do not come through, see `txng dlq`",
            queue=queue,
            publisher=told.publisher,
            numbers=missing[:20],
        )
        return []

    return await transact(db, work)


def _missing(known: dict[str, Any], told: Inventory) -> list[int]:
    words, after = known.get("words", {}), known.get("after", 0)
    return [
        number
        for number in told.numbers
        if number > after and not words.get(str(number // WORD), 0) >> number % WORD & 1
    ]


async def _move(tx: Tx, queue: str, known: dict[str, Any], told: Inventory) -> None:
    """Everything up to `upto` is here; the bits up to there are of no more use."""
    publisher = told.publisher
    done = [w for w in known.get("words", {}) if (int(w) + 1) * WORD <= told.upto + 1]
    gone = {f"{publisher}.words.{word}": "" for word in done} | {f"{publisher}.tries": ""}
    await tx.collection(COLLECTION).update_one(
        {"_id": queue}, {"$set": {f"{publisher}.after": told.upto}, "$unset": gone}, upsert=True
    )
