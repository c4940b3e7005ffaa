"""Quotas as stored: one document per facility with those in force, and every change for good."""

from dataclasses import asdict
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.stamps.domain.quotas import Quota, QuotaChange, Quotas, Span
from services.stamps.store.codec import from_document
from services.stamps.store.lists import PAGE
from shared.errors import EditConflict
from shared.mongo import Database, Tx


async def prepare(db: Database) -> None:
    await db.collection("batches").create_index(
        [("facility_id", ASCENDING), ("issued_at", ASCENDING)]
    )
    await db.collection("requests").create_index(
        [("facility_id", ASCENDING), ("product_id", ASCENDING), ("quantity", ASCENDING)],
        name="waiting_of_facility",
        partialFilterExpression={"state": "submitted"},
    )
    await db.collection("quota_changes").create_index(
        [("facility_id", ASCENDING), ("number", DESCENDING)],
        name="one_change_a_number",
        unique=True,
    )


async def of(where: Tx | Database, facility_id: str) -> Quotas:
    """A facility's quotas; without any where none was ever set."""
    return _quotas(facility_id, await where.collection("quotas").find_one({"_id": facility_id}))


async def of_using(tx: Tx, facility_id: str) -> Quotas:
    """The same for whoever issues or asks in this transaction: of two that do at once for a
    facility with quotas one is run again, and counts what the other issued or asked for."""
    found = await tx.collection("quotas").find_one_and_update(
        {"_id": facility_id}, {"$inc": {"issues": 1}}, return_document=ReturnDocument.AFTER
    )
    return _quotas(facility_id, found)


async def put(tx: Tx, quotas: Quotas, change: QuotaChange) -> None:
    """Keep a change and what holds after it; raises EditConflict if somebody else made it first."""
    limits = [asdict(one) for one in quotas.limits]
    row = {"facility_id": quotas.facility_id, "changes": quotas.changes, "limits": limits}
    try:
        answer = await tx.collection("quotas").update_one(
            {"_id": quotas.facility_id, "changes": quotas.changes - 1},
            {"$set": row},
            upsert=quotas.changes == 1,
        )
        await tx.collection("quota_changes").insert_one({"_id": change.id, **asdict(change)})
    except DuplicateKeyError as error:
        raise EditConflict() from error
    if answer.matched_count != 1 and answer.upserted_id is None:
        raise EditConflict()


async def issued(where: Tx | Database, facility_id: str, during: Span) -> dict[str, int]:
    """Stamps of each product that were issued to a facility from the first instant on and before
    the second."""
    since, until = during
    steps: list[dict[str, Any]] = [
        {"$match": {"facility_id": facility_id, "issued_at": {"$gte": since, "$lt": until}}},
        {"$group": {"_id": "$product_id", "n": {"$sum": "$quantity"}}},
    ]
    rows = await where.collection("batches").aggregate(steps)
    return {row["_id"]: int(row["n"]) async for row in rows}


async def waiting(where: Tx | Database, facility_id: str) -> dict[str, int]:
    """Stamps of each product that a facility's undecided requests ask for."""
    steps: list[dict[str, Any]] = [
        {"$match": {"facility_id": facility_id, "state": "submitted"}},
        {"$group": {"_id": "$product_id", "n": {"$sum": "$quantity"}}},
    ]
    rows = await where.collection("requests").aggregate(steps)
    return {row["_id"]: int(row["n"]) async for row in rows}


async def find(db: Database, wanted: dict[str, Any], *, page: int) -> tuple[list[Quotas], int]:
    """One page of the facilities that quotas bind, and how many there are."""
    query = {**wanted, "limits.0": {"$exists": True}}
    found = db.collection("quotas")
    cursor = found.find(query).sort("_id", ASCENDING).skip((page - 1) * PAGE).limit(PAGE)
    rows = [_quotas(row["_id"], row) async for row in cursor]
    return rows, await found.count_documents(query)


async def changes_of(db: Database, facility_id: str, *, page: int) -> tuple[list[QuotaChange], int]:
    """One page of the changes of a facility's quotas, newest first, and how many there are."""
    found, wanted = db.collection("quota_changes"), {"facility_id": facility_id}
    cursor = found.find(wanted).sort("number", DESCENDING).skip((page - 1) * PAGE).limit(PAGE)
    rows = [from_document(QuotaChange, row) async for row in cursor]
    return rows, await found.count_documents(wanted)


async def change(where: Tx | Database, change_id: str) -> QuotaChange:
    found = await where.collection("quota_changes").find_one({"_id": change_id})
    assert found is not None  # Changes are never taken away.
    return from_document(QuotaChange, found)


def _quotas(facility_id: str, row: dict[str, Any] | None) -> Quotas:
    if row is None:
        return Quotas(facility_id)
    limits = tuple(Quota(**one) for one in row["limits"])
    return Quotas(facility_id, row["changes"], limits)
