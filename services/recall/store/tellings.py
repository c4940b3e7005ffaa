"""Events on their way to contacts: whom each is told to is laid out in pages, told one by one.

A row is there from the transaction that claims the event until its last page is told. What cannot
be told or read is parked (store/parked.py), so that it holds up nothing else.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from pymongo import ASCENDING

from services.recall.domain.delivery import DRILLS, Message
from services.recall.domain.telling import Telling
from services.recall.store.newest import chunks
from services.recall.store.telling_rows import (
    Answering,
    Unfinished,
    row_of,
    unfinished,
    unit_row,
)
from shared.errors import EditConflict
from shared.ids import now
from shared.mongo import Database, Document, Tx, Unasked

log = structlog.get_logger()

TELLINGS = Unasked("tellings")
PAGES = Unasked("telling_pages")
_NAMES: Final = frozenset(str(one) for one in Message)
# What waited so long goes in the order in which it was heard: while growths keep coming, nobody
# would else hear of a lift. Drills wait on.
AGED: Final = timedelta(minutes=2)
# So often an event is tried before others of its case no longer wait for it.
GIVES_WAY: Final = 12
# So often a page is tried before the others go on without it.
PAGE_TRIES: Final = 5
# What cannot be told or read is tried again after so long.
PARKED_FOR: Final = timedelta(minutes=10)
UNREADABLE: Final = (KeyError, TypeError, ValueError, AttributeError)
_UNPARKED: Final = {"parked": None}
_OF_DRILLS: Final = Message.DRILL_STARTED.urgency


async def prepare(db: Database) -> None:
    rows = db.collection(TELLINGS)
    await rows.create_index([("urgency", ASCENDING), ("heard_at", ASCENDING)])
    await rows.create_index([("heard_at", ASCENDING)])
    await rows.create_index([("case_id", ASCENDING)])


async def add(tx: Tx, telling: Telling) -> None:
    """One that is there already stays as far as it is."""
    row = row_of(telling) | {"page": 0, "pages": None, "told_to": 0, "units": []}
    own = {"_id": telling.event_id}
    await tx.collection(TELLINGS).update_one(own, {"$setOnInsert": row}, upsert=True)


async def next_due(db: Database, at: datetime) -> Unfinished | None:
    """An order first, then what waits for long, then the most urgent; of these the one heard
    first. A row that cannot be read is parked."""
    # What only a newer version of this program knows is left to it.
    due: Document = {"next_at": {"$lte": at}, "message": {"$in": sorted(_NAMES)}, **_UNPARKED}
    aged = {"urgency": {"$lt": _OF_DRILLS}, "heard_at": {"$lte": at - AGED}}
    heard = [("heard_at", ASCENDING)]
    turns: Sequence[tuple[Document, list[tuple[str, int]]]] = (
        ({"urgency": 0}, heard),
        (aged, heard),
        ({}, [("urgency", ASCENDING), *heard]),
    )
    for also, order in turns:
        while row := await db.collection(TELLINGS).find_one({**due, **also}, sort=order):
            if (one := await _read(db, row)) is not None:
                return one
    return None


async def _read(db: Database, row: Document) -> Unfinished | None:
    try:
        return unfinished(row)
    except UNREADABLE as error:
        log.exception("an event that is to be told cannot be read", telling=row["_id"])
        parked = {"parked": repr(error)[:500], "again_at": now() + PARKED_FOR}
        await db.collection(TELLINGS).update_one({"_id": row["_id"]}, {"$set": parked})
        return None


async def comes_after_another(db: Database, telling: Telling) -> bool:
    """Whether the order of its case, or the beginning of its drill, is still being told. What has
    failed for long holds up nothing else of its case."""
    before = _first_of(telling)
    if before is None:
        return False
    before |= {"failures": {"$not": {"$gte": GIVES_WAY}}, **_UNPARKED}
    return await db.collection(TELLINGS).find_one(before, {"_id": 1}) is not None


def _first_of(telling: Telling) -> Document | None:
    if telling.message in (Message.ORDERED, Message.DRILL_STARTED):
        return None
    first = Message.DRILL_STARTED if telling.message in DRILLS else Message.ORDERED
    return {"case_id": telling.case_id, "message": str(first)}


async def others_of(db: Database, one: Unfinished, *, most: int) -> list[Unfinished]:
    """Further growths of its case of which nothing is written yet, the earliest first."""
    wanted = {
        "_id": {"$ne": one.id},
        "case_id": one.telling.case_id,
        "message": str(one.telling.message),
        "pages": None,
        **_UNPARKED,
    }
    rows = db.collection(TELLINGS).find(wanted).sort("heard_at", ASCENDING).limit(most)
    found = [await _read(db, row) async for row in rows]
    return [one for one in found if one is not None]


async def lay_out(
    tx: Tx,
    one: Unfinished,
    facilities: Sequence[str],
    units: Sequence[Answering],
    *,
    size: int,
    known: Collection[str] = (),
    others: Sequence[Unfinished] = (),
) -> bool:
    """Keep whom it is told to, a page of so many each; False if another process did. Of those
    `known` already units are told nothing new. `others` are told as one with it from now on.

    Raises EditConflict where another process took one of these."""
    pages = list(chunks(facilities, size))
    told = {
        "pages": len(pages),
        "told_to": len(facilities),
        "units": [unit_row(unit) for unit in units],
        "facilities": [],
        "lots": [],
        "joined": list(one.telling.joined),
        "case_version": one.telling.case_version,
    }
    if not await _change(tx, one, told):
        return False
    if others:
        theirs = {"_id": {"$in": [other.id for other in others]}, "pages": None}
        gone = await tx.collection(TELLINGS).delete_many(theirs)
        if gone.deleted_count != len(others):
            raise EditConflict()
    if pages:
        await tx.collection(PAGES).insert_many(
            [
                {
                    "_id": page_id(one, number),
                    "facilities": list(page),
                    "known": [id_ for id_ in page if id_ in known],
                }
                for number, page in enumerate(pages)
            ]
        )
    return True


@dataclass(frozen=True, slots=True)
class Page:
    """Facilities that are told, and which of them units were told of before."""

    facilities: Sequence[str]
    known: frozenset[str]


async def turn(tx: Tx, one: Unfinished) -> Page | None:
    """Take the page that is next; None if another process took it. Where one broke before, each
    of those that follow is tried once, without a pause."""
    failures = min(one.failures, PAGE_TRIES - 1) if one.passed else 0
    taken = {"page": one.page + 1, "failures": failures, "passed": min(one.passed, 1)}
    if not await _change(tx, one, taken):
        return None
    own = {"_id": page_id(one, one.page)}
    row = await tx.collection(PAGES).find_one(own)
    await tx.collection(PAGES).delete_one(own)
    if row is None:
        return None
    return Page(row["facilities"], frozenset(row["known"]))


async def count(tx: Tx, one: Unfinished, units: Sequence[Answering]) -> None:
    counted = {"units": [unit_row(unit) for unit in units]}
    await tx.collection(TELLINGS).update_one({"_id": one.id}, {"$set": counted})


async def finish(tx: Tx, one: Unfinished) -> None:
    """It is told; ids of deliveries see to it that the event tells nobody twice."""
    await tx.collection(TELLINGS).delete_one({"_id": one.id})


async def put_off(db: Database, one: Unfinished, until: datetime, *, failed: bool = False) -> None:
    """The others do not wait for it. What is no page is smaller the next time, by its failures."""
    cut_off = one.cut_off if one.is_at_a_page else 0
    update: Document = {"$set": {"next_at": until, "cut_off": cut_off}}
    update["$inc"] = {"failures": int(failed)}
    await db.collection(TELLINGS).update_one({"_id": one.id}, update)


async def put_off_whole(db: Database, one: Unfinished, until: datetime) -> None:
    """The server cut it off: it is tried again as it is. That is no failure of the event."""
    update: Document = {"$set": {"next_at": until}, "$inc": {"cut_off": 1}}
    await db.collection(TELLINGS).update_one({"_id": one.id}, update)


async def oldest(db: Database) -> datetime | None:
    """When the one that waits longest was heard; what is parked is counted for itself."""
    order = [("heard_at", ASCENDING)]
    row = await db.collection(TELLINGS).find_one(_UNPARKED, {"heard_at": 1}, sort=order)
    return row["heard_at"] if row is not None else None


async def number(db: Database) -> int:
    return await db.collection(TELLINGS).count_documents(_UNPARKED)


async def of_case(db: Database, case_id: str) -> int:
    """How many events of the case are still being told."""
    return await db.collection(TELLINGS).count_documents({"case_id": case_id})


async def pass_over(tx: Tx, one: Unfinished) -> bool:
    """Go on at the next page; False if another process did. It goes on failing: what breaks for
    every facility holds up the rest of its case no longer than what breaks at one."""
    passed = {"failures": one.failures + 1, "passed": one.passed + 1}
    return await _change(tx, one, {"page": one.page + 1, **passed})


async def halve(tx: Tx, one: Unfinished) -> bool:
    """Two pages instead of the one that is next; False where it is of one facility or cannot be
    read, or another process went on. It keeps its failures: of what breaks for every facility each
    half is tried once."""
    assert one.pages is not None
    own = {"_id": page_id(one, one.page)}
    row = await tx.collection(PAGES).find_one(own)
    halves = _halves(row)
    if row is None or not halves:
        return False
    passed = max(one.passed, int(one.failures + 1 >= PAGE_TRIES))
    halved = {"pages": one.pages + 1, "failures": one.failures, "passed": passed}
    if not await _change(tx, one, halved):
        return False
    first, second = halves
    await tx.collection(PAGES).update_one(own, {"$set": first})
    await tx.collection(PAGES).insert_one({**row, **second, "_id": page_id(one, one.pages)})
    return True


def _halves(row: Document | None) -> list[Document]:
    try:
        if row is None or len(row["facilities"]) < 2:
            return []
        half = (len(row["facilities"]) + 1) // 2
        return [
            {"facilities": some, "known": [id_ for id_ in row["known"] if id_ in some]}
            for some in (row["facilities"][:half], row["facilities"][half:])
        ]
    except UNREADABLE:
        return []


async def _change(tx: Tx, one: Unfinished, fields: dict[str, Any]) -> bool:
    """Write only what is as this process saw it: two at once would skip a page."""
    seen = {"_id": one.id, "page": one.page, "pages": one.pages}
    changed = {"failures": 0, "cut_off": 0, **fields}
    result = await tx.collection(TELLINGS).update_one(seen, {"$set": changed})
    return bool(result.matched_count)


def page_id(one: Unfinished, number: int) -> str:
    return f"{one.id}:{number}"
