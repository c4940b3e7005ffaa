"""Designs of stamps, what was approved of them, and their logos, as stored."""

from typing import Any

from pymongo import ASCENDING, DESCENDING

from services.stamps.domain.designs import Design, Face, Revision
from services.stamps.store.codec import from_document, to_document
from services.stamps.store.lists import page_of
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Tx


async def prepare(db: Database) -> None:
    await db.collection("designs").create_index([("facility_id", ASCENDING), ("_id", DESCENDING)])
    await db.collection("design_revisions").create_index("design")


async def add(tx: Tx, design: Design) -> None:
    await tx.collection("designs").insert_one(to_document(design))


async def get(where: Tx | Database, design_id: str) -> Design:
    found = await where.collection("designs").find_one({"_id": design_id})
    if found is None:
        raise NotFound()
    return _design(found)


async def put(tx: Tx, design: Design) -> None:
    """Replace the version before; raises EditConflict if somebody else did."""
    answer = await tx.collection("designs").replace_one(
        {"_id": design.id, "version": design.version - 1}, to_document(design)
    )
    if answer.matched_count != 1:
        raise EditConflict()


async def find(db: Database, wanted: dict[str, Any], *, page: int = 1) -> tuple[list[Design], int]:
    """One page of designs, newest first, and how many there are."""
    documents, total = await page_of(db, "designs", wanted, page)
    return [_design(one) for one in documents], total


async def printable_by(db: Database, facility_id: str, limit: int = 100) -> list[Design]:
    """What a facility may print with: approved, its own or an authority's for all."""
    wanted = {"facility_id": {"$in": [facility_id, ""]}, "revision": {"$gt": 0}}
    cursor = db.collection("designs").find(wanted).sort("_id", DESCENDING).limit(limit)
    return [_design(one) async for one in cursor]


async def add_revision(tx: Tx, revision: Revision) -> None:
    await tx.collection("design_revisions").insert_one(to_document(revision))


async def revision(where: Tx | Database, revision_id: str) -> Revision:
    found = await where.collection("design_revisions").find_one({"_id": revision_id})
    if found is None:
        raise NotFound()
    return _revision(found)


async def revisions_of(db: Database, design_id: str) -> list[Revision]:
    """Everything that was approved of a design, newest first."""
    cursor = db.collection("design_revisions").find({"design": design_id})
    return [_revision(one) async for one in cursor.sort("revision", DESCENDING).limit(100)]


async def keep_logo(tx: Tx, logo_id: str, png: bytes) -> None:
    """A logo is known by its owner and content, so the same one is kept once."""
    await tx.collection("design_logos").update_one(
        {"_id": logo_id}, {"$setOnInsert": {"png": png}}, upsert=True
    )


async def logo(where: Tx | Database, logo_id: str) -> bytes:
    found = await where.collection("design_logos").find_one({"_id": logo_id})
    if found is None:
        raise NotFound()
    return bytes(found["png"])


def _design(found: dict[str, Any]) -> Design:
    approved = found.get("approved")
    faces = {"draft": Face(**found["draft"]), "approved": Face(**approved) if approved else None}
    return from_document(Design, {**found, **faces, "hands": tuple(found.get("hands", ()))})


def _revision(found: dict[str, Any]) -> Revision:
    return from_document(Revision, {**found, "face": Face(**found["face"])})
