"""Imports in MongoDB: one document for the whole, one for every row."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from pymongo import ASCENDING, DESCENDING, ReturnDocument, UpdateOne

from services.registry.domain.imports import WORKING, Import, Outcome, Stage, Verdict
from services.registry.domain.records import Aggregate
from services.registry.store.codec import plain
from shared.auth import DENIED, Principal
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

IMPORTS = "imports"
ROWS = "import_rows"

_imports = TypeAdapter(Import)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file. `cells` as read; `content` and `before` are contents in BSON types."""

    number: int
    line: int
    cells: list[Any]
    marks: list[Document] = field(default_factory=list)
    verdict: str = ""
    record_id: str = ""
    record_version: int = 0
    label: str = ""
    content: Document | None = None
    before: Document | None = None
    errors: list[Document] = field(default_factory=list)
    notes: list[Document] = field(default_factory=list)
    candidates: list[Document] = field(default_factory=list)
    twin: int = 0
    resolution: str = ""
    outcome: str = ""
    refusal: Document | None = None
    decided: str = ""


async def prepare(db: Database) -> None:
    await db.collection(IMPORTS).create_index([("stage", ASCENDING), ("leased_until", ASCENDING)])
    await db.collection(IMPORTS).create_index(
        [("uploader.unit_id", ASCENDING), ("_id", DESCENDING)]
    )
    rows = db.collection(ROWS)
    await rows.create_index([("import_id", ASCENDING), ("number", ASCENDING)], unique=True)
    await rows.create_index(
        [("import_id", ASCENDING), ("verdict", ASCENDING), ("number", ASCENDING)]
    )
    await rows.create_index(
        [("import_id", ASCENDING), ("outcome", ASCENDING), ("number", ASCENDING)]
    )
    await rows.create_index([("import_id", ASCENDING), ("key", ASCENDING)])


def _document(one: Import) -> Document:
    body: Document = _imports.dump_python(one)
    body["_id"] = body.pop("id")
    for name in ("uploader", "actor"):
        # The database knows no sets.
        for key, value in body[name].items():
            if isinstance(value, frozenset):
                body[name][key] = sorted(value)
    body["kind"], body["stage"] = one.kind.value, one.stage.value
    body["scopes"] = [list(pair) for pair in one.scopes]
    return body


def _import(row: Document) -> Import:
    known = {key: value for key, value in row.items() if key in Import.__slots__}
    return _imports.validate_python({**known, "id": row["_id"]})


async def insert(tx: Tx, one: Import) -> None:
    await tx.collection(IMPORTS).insert_one({**_document(one), "leased_until": one.at})


async def get(source: Database | Tx, import_id: str) -> Import:
    """The import; raises NotFound."""
    row = await source.collection(IMPORTS).find_one({"_id": import_id})
    if row is None:
        raise NotFound()
    return _import(row)


async def put(tx: Tx, before: Import, after: Import) -> None:
    """Replace it if it is as it was read; raises EditConflict."""
    body = _document(after)
    body.pop("_id")
    result = await tx.collection(IMPORTS).update_one(
        {"_id": before.id, "version": before.version, "stage": before.stage.value},
        {"$set": {**body, "leased_until": after.updated_at}},
    )
    if result.matched_count != 1:
        raise EditConflict()


async def listed(
    db: Database, who: Principal, aggregate: Aggregate | None, skip: int, limit: int
) -> tuple[list[Import], int]:
    """Those of the account's own unit, and finished ones that lie wholly in its area."""
    own: Document = {"uploader.unit_id": who.unit_id}
    inside: Document = {"stage": Stage.DONE.value, "scopes": {"$ne": []}}
    if "*" not in who.communes:
        inside["scopes.0"] = {"$exists": True}
        inside["communes"] = {"$not": {"$elemMatch": {"$nin": list(who.communes)}}}
    if who.sector != "*":
        inside["sectors"] = {"$not": {"$elemMatch": {"$ne": who.sector}}}
    wanted: Document = {"$or": [own, inside]}
    if aggregate is not None:
        wanted["kind"] = aggregate.value
    rows = db.collection(IMPORTS)
    cursor = rows.find(wanted).sort("_id", DESCENDING).skip(skip).limit(limit)
    return [_import(row) async for row in cursor], await rows.count_documents(wanted)


async def claim(db: Database, now: datetime, lease: timedelta) -> Import | None:
    """The oldest import that waits for a worker; its own for the time of the lease."""
    row = await db.collection(IMPORTS).find_one_and_update(
        {"stage": {"$in": [stage.value for stage in WORKING]}, "leased_until": {"$lte": now}},
        {"$set": {"leased_until": now + lease}},
        sort=[("_id", ASCENDING)],
        return_document=ReturnDocument.AFTER,
    )
    return _import(row) if row is not None else None


async def progress(
    source: Database | Tx, one: Import, *, done: int, until: datetime, more: Mapping[str, Any]
) -> None:
    """How far the present stage is; keeps the lease."""
    await source.collection(IMPORTS).update_one(
        {"_id": one.id, "stage": one.stage.value},
        {"$set": {"done": done, "leased_until": until, **more}},
    )


async def next_stage(db: Database, one: Import, stage: Stage, now: datetime, **more: Any) -> None:
    """The end of a worker's stage; done only once however many workers think so."""
    scopes = more.get("scopes")
    if scopes is not None:
        more["communes"] = sorted({commune for commune, _ in scopes})
        more["sectors"] = sorted({sector for _, sector in scopes})
    await db.collection(IMPORTS).update_one(
        {"_id": one.id, "stage": one.stage.value},
        {
            "$set": {"stage": stage.value, "updated_at": now, "leased_until": now, **more},
            "$inc": {"version": 1},
        },
    )


async def note_counts(tx: Tx, import_id: str, counts: Mapping[str, int]) -> None:
    await tx.collection(IMPORTS).update_one({"_id": import_id}, {"$set": {"counts": counts}})


async def forget_decisions(tx: Tx, import_id: str) -> None:
    """A new decision goes over all that was written."""
    await tx.collection(ROWS).update_many(
        {"import_id": import_id, "decided": {"$ne": ""}}, {"$set": {"decided": ""}}
    )


async def is_denied(db: Database, who: Principal) -> bool:
    """Whether the account was suspended after it gave the order."""
    row = await db.collection(DENIED).find_one({"_id": who.account_id})
    return row is not None and who.issued_at < row["not_before"].timestamp()


# Rows


async def replace_rows(db: Database, import_id: str) -> None:
    """Forget what was read of the file: reading starts anew after a restart."""
    await db.collection(ROWS).delete_many({"import_id": import_id})


async def add_rows(db: Database, import_id: str, rows: Sequence[Row]) -> None:
    await db.collection(ROWS).insert_many(
        [{**_row_document(row), "import_id": import_id} for row in rows], ordered=False
    )


async def rows_after(
    source: Database | Tx, import_id: str, number: int, limit: int, wanted: Document | None = None
) -> list[Row]:
    """Rows in order, beginning after `number`."""
    query = {"import_id": import_id, "number": {"$gt": number}, **(wanted or {})}
    cursor = source.collection(ROWS).find(query).sort("number", ASCENDING).limit(limit)
    return [_row(row) async for row in cursor]


async def every_row(db: Database, import_id: str, wanted: Document) -> AsyncIterator[Row]:
    cursor = db.collection(ROWS).find({"import_id": import_id, **wanted}).sort("number", ASCENDING)
    async for row in cursor:
        yield _row(row)


async def row_page(
    db: Database, import_id: str, wanted: Document, skip: int, limit: int
) -> tuple[list[Row], int]:
    rows = db.collection(ROWS)
    query = {"import_id": import_id, **wanted}
    cursor = rows.find(query).sort("number", ASCENDING).skip(skip).limit(limit)
    return [_row(row) async for row in cursor], await rows.count_documents(query)


async def get_row(source: Database | Tx, import_id: str, number: int) -> Row:
    row = await source.collection(ROWS).find_one({"import_id": import_id, "number": number})
    if row is None:
        raise NotFound()
    return _row(row)


async def write_rows(
    where: Database | Tx, import_id: str, changed: Iterable[tuple[int, Document]]
) -> None:
    """Set fields of rows, by number."""
    updates = [
        UpdateOne({"import_id": import_id, "number": number}, {"$set": fields})
        for number, fields in changed
    ]
    if updates:
        await where.collection(ROWS).bulk_write(updates, ordered=False)


async def keys_before(
    db: Database, import_id: str, keys: Iterable[str], number: int
) -> dict[str, int]:
    """Which of these row keys an earlier row of the file had, with that row's line."""
    cursor = db.collection(ROWS).find(
        {"import_id": import_id, "key": {"$in": list(keys)}, "number": {"$lte": number}},
        {"key": 1, "line": 1},
    )
    return {key: row["line"] async for row in cursor for key in row["key"]}


async def tally(source: Database | Tx, import_id: str, by: str) -> dict[str, int]:
    """How many rows there are of each verdict, outcome or decision."""
    cursor = await source.collection(ROWS).aggregate(
        [
            {"$match": {"import_id": import_id, by: {"$ne": ""}}},
            {"$group": {"_id": f"${by}", "number": {"$sum": 1}}},
        ]
    )
    return {row["_id"]: row["number"] async for row in cursor}


async def scopes(db: Database, import_id: str) -> list[list[str]]:
    cursor = await db.collection(ROWS).aggregate(
        [
            {"$match": {"import_id": import_id, "scope": {"$exists": True}}},
            {"$group": {"_id": "$scope"}},
        ]
    )
    return sorted([row["_id"] async for row in cursor])


WRITTEN: Document = {"outcome": {"$in": [Outcome.ENTERED.value, Outcome.EDITED.value]}}
TO_WRITE: Document = {"verdict": {"$in": [Verdict.NEW.value, Verdict.CHANGED.value]}, "outcome": ""}
WITH_NOTES: Document = {"notes": {"$ne": []}}
PROBLEMS: Document = {
    "$or": [
        {"verdict": {"$in": [Verdict.ERROR.value, Verdict.DUPLICATE.value]}},
        {"outcome": {"$in": [Outcome.CONFLICT.value, Outcome.REFUSED.value]}},
    ]
}


def _row_document(row: Row) -> Document:
    found: Document = plain(row)
    return found


def _row(row: Document) -> Row:
    return Row(**{name: row[name] for name in Row.__slots__ if name in row})
