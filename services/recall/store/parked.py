"""Messages that cannot be written: parked by name, and tried again every ten minutes and when a
program starts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

import structlog

from services.recall.store.newest import chunks
from services.recall.store.telling_rows import Unfinished, row_of, unfinished, unit_row
from services.recall.store.tellings import (
    PAGES,
    PARKED_FOR,
    TELLINGS,
    UNREADABLE,
    page_id,
    pass_over,
)
from shared.errors import EditConflict
from shared.ids import new_id, now
from shared.mongo import Database, Document, Tx, is_cut_off, is_outage, transact

log = structlog.get_logger()

_PARKED: Final[Document] = {"parked": {"$type": "string"}}
# Facilities of a page that is put back.
_AT_ONCE: Final = 500
# Pages that are put back in one transaction, which the server ends after some seconds.
_PAGES_AT_ONCE: Final = 100
_AGAIN: Final[Document] = {"$unset": {"parked": "", "again_at": ""}, "$set": {"failures": 0}}
_PUTTING_BACK: Final = "being put back"


@dataclass(frozen=True, slots=True)
class Parked:
    """How many events cannot be read, and how many facilities of other events were passed over."""

    events: int
    facilities: int


async def page(tx: Tx, one: Unfinished, why: str, at: datetime) -> int:
    """Pass over the page that is next and keep it; for the how many-th time, 0 if another process
    went on."""
    if not await pass_over(tx, one):
        return 0
    of = row_of(replace(one.telling, facilities=(), lots=()))
    # Units are told of the page's facilities once these can be told.
    units = [unit_row(replace(unit, count=0, named=())) for unit in one.units]
    kept = {"parked": why[:500], "of": of, "units": units, "again_at": at + PARKED_FOR}
    own = {"_id": page_id(one, one.page)}
    await tx.collection(PAGES).update_one(own, {"$set": kept, "$inc": {"times": 1}})
    row = await tx.collection(PAGES).find_one(own, {"times": 1})
    return int(row["times"]) if row else 0


async def number(db: Database) -> Parked:
    size = {"$cond": [{"$isArray": "$facilities"}, {"$size": "$facilities"}, 0]}
    pipeline: list[Document] = [
        {"$match": _PARKED},
        {"$group": {"_id": None, "facilities": {"$sum": size}}},
    ]
    rows = [row async for row in await db.collection(PAGES).aggregate(pipeline)]
    events = await db.collection(TELLINGS).count_documents(_PARKED)
    return Parked(events, rows[0]["facilities"] if rows else 0)


async def put_back(db: Database, at: datetime | None = None) -> int:
    """Try once more what is due by then, or everything; how many events. Each by itself: what
    cannot be put back waits on alone.

    All pages of one event go together, as an event of its own: those who were told of it before are
    not told again, and units hear of all these facilities at once. They are read and put back a few
    at a time, and the event is told once all of them are there; what a process that dies has put
    back by then is told by the next.
    """
    due = _PARKED if at is None else {**_PARKED, "again_at": {"$not": {"$gt": at}}}
    done = 0
    for id_ in [row["_id"] async for row in db.collection(TELLINGS).find(due, {"_id": 1})]:
        done += await _read_again(db, id_)
    # Of all that is due the names alone.
    together: dict[str, list[str]] = {}
    async for row in db.collection(PAGES).find(due, {"of.event_id": 1}):
        together.setdefault(str(row.get("of")), []).append(row["_id"])
    for ids in together.values():
        done += await _told_again(db, ids)
    return done


async def _told_again(db: Database, ids: Sequence[str]) -> int:
    """The pages of one event."""
    telling: Document | None = None
    put_back = 0
    for some in chunks(ids, _PAGES_AT_ONCE):
        pages = await _readable(db, some)
        if not pages:
            continue
        if telling is None:
            telling = _telling(pages[0]) | {"pages": 0, "parked": _PUTTING_BACK}
            telling["again_at"] = now() + PARKED_FOR
        try:
            put_back += await transact(
                db, partial(_back, telling=telling, at=put_back, pages=pages)
            )
        except EditConflict:
            break  # Another process puts them back.
        except Exception as error:
            if is_outage(error) and not is_cut_off(error):
                raise
            for kept in pages:
                await _put_off(db, PAGES, kept, error)
    if telling is not None and put_back:
        told = {"_id": telling["_id"], **_PARKED}
        await db.collection(TELLINGS).update_one(told, _AGAIN)
    return int(put_back > 0)


async def _readable(db: Database, ids: Sequence[str]) -> list[Document]:
    """Those of these pages that are parked still; what cannot be read is put off."""
    found = []
    async for kept in db.collection(PAGES).find({"_id": {"$in": list(ids)}, **_PARKED}):
        try:
            _check(kept)
            found.append(kept)
        except UNREADABLE as error:
            await _put_off(db, PAGES, kept, error)
    return found


def _check(kept: Document) -> None:
    """Raises one of UNREADABLE for a page that lacks what is read of it as it is put back."""
    unfinished(_telling(kept))
    for name in ("facilities", "known"):
        if not isinstance(kept[name], list):
            raise TypeError(name)


async def _read_again(db: Database, id_: str) -> int:
    own = {"_id": id_, **_PARKED}
    row = await db.collection(TELLINGS).find_one(own)
    if row is None:
        return 0
    try:
        unfinished(row)
    except UNREADABLE as error:
        await _put_off(db, TELLINGS, row, error)
        return 0
    await db.collection(TELLINGS).update_one(own, _AGAIN)
    return 1


async def _put_off(db: Database, name: str, row: Document, error: Exception) -> None:
    """Said once, however often it is tried."""
    if "unread" not in row:
        log.error("what was set aside cannot be put back", row=row["_id"], exc_info=error)
    later = {"unread": repr(error)[:500], "again_at": now() + PARKED_FOR}
    await db.collection(name).update_one({"_id": row["_id"]}, {"$set": later})


async def _back(tx: Tx, *, telling: Document, at: int, pages: Sequence[Document]) -> int:
    """As pages of the telling from the `at`-th on; how many.

    Raises EditConflict where another process did so."""
    ids = [kept["_id"] for kept in pages]
    gone = await tx.collection(PAGES).delete_many({"_id": {"$in": ids}, **_PARKED})
    if gone.deleted_count != len(ids):
        raise EditConflict()
    facilities = sorted({id_ for kept in pages for id_ in kept["facilities"]})
    known = {id_ for kept in pages for id_ in kept["known"]}
    some = list(chunks(facilities, _AT_ONCE))
    more = {"pages": len(some), "told_to": len(facilities)}
    if at == 0:
        await tx.collection(TELLINGS).insert_one(telling | more)
    else:
        waits = {"_id": telling["_id"], "pages": at, **_PARKED}
        found = await tx.collection(TELLINGS).update_one(waits, {"$inc": more})
        if not found.matched_count:
            raise EditConflict()
    times = max(kept.get("times", 1) for kept in pages)
    await tx.collection(PAGES).insert_many(
        [
            {
                "_id": f"{telling['_id']}:{number}",
                "facilities": list(page),
                "known": [id_ for id_ in page if id_ in known],
                "times": times,
            }
            for number, page in enumerate(some, at)
        ]
    )
    return len(some)


def _telling(kept: Document) -> Document:
    told = {"page": 0, "pages": 1, "told_to": 0, "units": kept.get("units", [])}
    return {"_id": f"{kept['of']['event_id']}:{new_id()}", **kept["of"], **told}
