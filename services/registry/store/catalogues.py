"""Changes of shared catalogues: proposals, decisions, and what is valid on a day."""

from datetime import date, datetime

from pydantic import TypeAdapter
from pymongo.errors import DuplicateKeyError

from services.registry.domain.catalogue_changes import Change, ChangeOpen, ChangeState
from services.registry.domain.catalogues import Catalogue, Row
from services.registry.store.codec import plain
from shared.errors import NotFound
from shared.mongo import Database, Document, Tx

CHANGES = "catalogue_changes"
_change = TypeAdapter(Change)


async def prepare(db: Database) -> None:
    changes = db.collection(CHANGES)
    await changes.create_index(
        [("catalogue", 1), ("key", 1)],
        unique=True,
        name="one_open",
        partialFilterExpression={"state": ChangeState.PROPOSED.value},
    )
    await changes.create_index([("catalogue", 1), ("proposed_at", -1)])
    await changes.create_index([("state", 1), ("decided_at", 1)])


def _document(change: Change) -> Document:
    body: Document = plain(change)
    # Keys of `values` are the program's own names of fields.
    body["values"] = dict(change.values)
    body["_id"] = body.pop("id")
    return body


def _from(row: Document) -> Change:
    body = dict(row)
    body["id"] = body.pop("_id")
    return _change.validate_python(body)


async def insert(tx: Tx, change: Change) -> None:
    try:
        await tx.collection(CHANGES).insert_one(_document(change))
    except DuplicateKeyError as error:
        raise ChangeOpen() from error


async def get(source: Database | Tx, change_id: str) -> Change:
    row = await source.collection(CHANGES).find_one({"_id": change_id})
    if row is None:
        raise NotFound()
    return _from(row)


async def put(tx: Tx, change: Change) -> None:
    await tx.collection(CHANGES).replace_one({"_id": change.id}, _document(change))


async def history(
    db: Database, catalogue: Catalogue, key: str = "", *, state: str = "", limit: int = 200
) -> list[Change]:
    """Changes of a catalogue or of one of its rows, newest first."""
    wanted: Document = {"catalogue": catalogue.value}
    if key:
        wanted["key"] = key
    if state:
        wanted["state"] = state
    cursor = db.collection(CHANGES).find(wanted).sort("proposed_at", -1).limit(limit)
    return [_from(row) async for row in cursor]


async def approved(db: Database, catalogue: Catalogue) -> list[Change]:
    """All approved changes of a catalogue in the order of their approval: its versions 1, 2, …"""
    wanted = {"catalogue": catalogue.value, "state": ChangeState.APPROVED.value}
    cursor = db.collection(CHANGES).find(wanted).sort([("decided_at", 1), ("_id", 1)])
    return [_from(row) async for row in cursor]


async def standing(db: Database) -> dict[str, tuple[int, datetime]]:
    """Of each catalogue that was ever changed: its version, and when the last was approved."""
    cursor = await db.collection(CHANGES).aggregate(
        [
            {"$match": {"state": ChangeState.APPROVED.value}},
            {
                "$group": {
                    "_id": "$catalogue",
                    "number": {"$sum": 1},
                    "last": {"$max": "$decided_at"},
                }
            },
        ]
    )
    return {row["_id"]: (row["number"], row["last"]) async for row in cursor}


async def count_open(db: Database) -> dict[str, int]:
    """How many proposals wait, by catalogue."""
    cursor = await db.collection(CHANGES).aggregate(
        [
            {"$match": {"state": ChangeState.PROPOSED.value}},
            {"$group": {"_id": "$catalogue", "number": {"$sum": 1}}},
        ]
    )
    return {row["_id"]: row["number"] async for row in cursor}


async def valid_on(db: Database, day: date) -> list[Row]:
    """Approved rows that hold on a day, those that began or were approved later coming later."""
    wanted = {"state": ChangeState.APPROVED.value, "valid_from": {"$lte": day.isoformat()}}
    cursor = db.collection(CHANGES).find(wanted).sort([("valid_from", 1), ("decided_at", 1)])
    return [_from(row).row() async for row in cursor]
