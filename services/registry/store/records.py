"""Records and their versions in MongoDB: read, inserted, replaced only if nobody was faster."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from services.registry.domain.codes import NUMBERS, generated
from services.registry.domain.growing_area import AreaCodeTaken
from services.registry.domain.lot import LotCodeTaken
from services.registry.domain.product import GtinTaken
from services.registry.domain.records import Aggregate, Author, Owner, State
from services.registry.store.codec import (
    COLLECTIONS,
    AnyRecord,
    Content,
    content_from,
    from_document,
    owner_document,
    plain,
    to_document,
)
from shared.errors import EditConflict, NotFound, Refusal
from shared.mongo import Database, Document, Tx

VERSIONS = "versions"
LOCKS = "locks"


async def prepare(db: Database) -> None:
    """Indexes of what must be unique, and of what records refer to."""
    for aggregate, name in COLLECTIONS.items():
        rows = db.collection(name)
        if aggregate is Aggregate.FACILITY:
            await rows.create_index("published.tax_number")
            await rows.create_index("draft.tax_number")
        if aggregate is Aggregate.LOT:
            await rows.create_index(
                [("owner.facility_id", ASCENDING), ("derived.codes", ASCENDING)],
                unique=True,
                name="lot_code",
            )
            await rows.create_index("published.inputs")
            await rows.create_index("published.supplies", sparse=True)
            await rows.create_index("published.product_id")
            await rows.create_index("draft.product_id")
        else:
            await rows.create_index("code", unique=True)
            await rows.create_index(
                "derived.claim",
                unique=True,
                name="claim",
                partialFilterExpression={"derived.claim": {"$exists": True}},
            )
    await db.collection(VERSIONS).create_index(
        [("record_id", ASCENDING), ("version", ASCENDING)], unique=True
    )


async def get(source: Database | Tx, aggregate: Aggregate, record_id: str) -> AnyRecord:
    """The record; raises NotFound."""
    found = await find(source, aggregate, record_id)
    if found is None:
        raise NotFound()
    return found


async def find(source: Database | Tx, aggregate: Aggregate, record_id: str) -> AnyRecord | None:
    document = await source.collection(COLLECTIONS[aggregate]).find_one({"_id": record_id})
    return from_document(aggregate, document) if document is not None else None


async def by_code(source: Database | Tx, aggregate: Aggregate, code: str) -> AnyRecord | None:
    """The record of an identification code; lots have theirs within a facility only."""
    document = await source.collection(COLLECTIONS[aggregate]).find_one({"code": code})
    return from_document(aggregate, document) if document is not None else None


async def find_many(
    source: Database | Tx, aggregate: Aggregate, ids: tuple[str, ...]
) -> dict[str, AnyRecord]:
    """Those of the records that exist, by id."""
    cursor = source.collection(COLLECTIONS[aggregate]).find({"_id": {"$in": list(ids)}})
    return {row["_id"]: from_document(aggregate, row) async for row in cursor}


async def insert(tx: Tx, record: AnyRecord, *, by: Author) -> None:
    """Add a new record and its first version; raises the refusal of what it doubles."""
    try:
        await tx.collection(COLLECTIONS[record.aggregate]).insert_one(to_document(record))
    except DuplicateKeyError as error:
        raise _taken(record, error) from error
    await _keep_version(tx, record, act="entered", by=by, reason="")


async def put(
    tx: Tx, before: AnyRecord, record: AnyRecord, *, act: str, by: Author, reason: str = ""
) -> None:
    """Replace the record if it is still as it was read; raises EditConflict."""
    try:
        result = await tx.collection(COLLECTIONS[record.aggregate]).replace_one(
            {"_id": record.id, "version": before.version}, to_document(record)
        )
    except DuplicateKeyError as error:
        raise _taken(record, error) from error
    if result.matched_count != 1:
        raise EditConflict()
    await _keep_version(tx, record, act=act, by=by, reason=reason)


async def follow_owner(tx: Tx, owner: Owner) -> None:
    """Tell a facility's own records its name, place and whether it is active."""
    told = {"facility": owner.name, "commune": owner.commune, "sector": owner.sector}
    await tx.collection("trace_events").update_many(
        {"facility_id": owner.facility_id}, {"$set": told}
    )
    for aggregate, name in COLLECTIONS.items():
        if aggregate is not Aggregate.FACILITY:
            await tx.collection(name).update_many(
                {"owner.facility_id": owner.facility_id}, {"$set": {"owner": owner_document(owner)}}
            )


async def free_code(tx: Tx, aggregate: Aggregate, prefix: str) -> str:
    """A drawn identification code that no record has; the unique index is the last judge."""
    while True:
        code = generated(prefix, secrets.randbelow(NUMBERS))
        if await tx.collection(COLLECTIONS[aggregate]).find_one({"code": code}) is None:
            return code


async def claimed(tx: Tx, record: AnyRecord, claim: str) -> bool:
    """Whether another published record holds this GTIN or growing-area code."""
    other = await tx.collection(COLLECTIONS[record.aggregate]).find_one(
        {"derived.claim": claim, "_id": {"$ne": record.id}}, {"_id": 1}
    )
    return other is not None


async def lock(tx: Tx, name: str) -> None:
    """Make acts of one name follow one another: two at once conflict, and one is run again."""
    await tx.collection(LOCKS).update_one({"_id": name}, {"$inc": {"taken": 1}}, upsert=True)


@dataclass(frozen=True, slots=True)
class Version:
    """One change of a record: what it was after it, who made it and why."""

    version: int
    at: datetime
    act: str
    by: Author
    state: State
    reason: str
    content: Content


async def versions(db: Database, aggregate: Aggregate, record_id: str) -> list[Version]:
    """The whole history, newest first."""
    cursor = db.collection(VERSIONS).find({"record_id": record_id}).sort("version", DESCENDING)
    return [_version(aggregate, row) async for row in cursor]


async def version(
    source: Database | Tx, aggregate: Aggregate, record_id: str, number: int
) -> Version | None:
    """The newest version up to `number`: an act told by two events leaves a number out."""
    row = await source.collection(VERSIONS).find_one(
        {"record_id": record_id, "version": {"$lte": number}}, sort=[("version", DESCENDING)]
    )
    return _version(aggregate, row) if row is not None else None


def _version(aggregate: Aggregate, row: Document) -> Version:
    return Version(
        version=row["version"],
        at=row["at"],
        act=row["act"],
        by=Author(**row["by"]),
        state=State(row["state"]),
        reason=row["reason"],
        content=content_from(aggregate, row["content"]),
    )


async def _keep_version(tx: Tx, record: AnyRecord, *, act: str, by: Author, reason: str) -> None:
    await tx.collection(VERSIONS).insert_one(version_row(record, act=act, by=by, reason=reason))


def version_row(record: AnyRecord, *, act: str, by: Author, reason: str) -> Document:
    """A row of `versions`: what the record was after an act."""
    return {
        "_id": f"{record.id}/{record.version}",
        "record_id": record.id,
        "version": record.version,
        "at": record.updated_at,
        "act": act,
        "by": plain(by),
        "state": record.state.value,
        "reason": reason,
        "content": plain(record.content),
    }


def _taken(record: AnyRecord, error: DuplicateKeyError) -> Refusal | DuplicateKeyError:
    pattern = (error.details or {}).get("keyPattern", {})
    if "derived.codes" in pattern:
        return LotCodeTaken("code", lot_code=record.content.code)
    if "derived.claim" in pattern and record.aggregate is Aggregate.PRODUCT:
        return GtinTaken("gtin", gtin=record.content.gtin)
    if "derived.claim" in pattern:
        return AreaCodeTaken("code", area_code=record.content.code)
    return error
