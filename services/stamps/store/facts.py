"""What stamps was told by others: facilities, products, lots, notices. The newest version stays."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, Final

import structlog
from pymongo import ASCENDING, DESCENDING, UpdateOne

from services.stamps.domain.known import Facility, Lot, Paper, Product
from services.stamps.store.codec import from_document
from shared.auth import Scope
from shared.mongo import Database, Tx, containing
from shared.spelling import fold

log = structlog.get_logger()
# Facilities whose text for searching is written at once.
AT_ONCE: Final = 500


async def prepare(db: Database) -> None:
    """Make facilities searchable by what they are called now: those that were told of before they
    could be searched without marks, or by a replica of a release before, which knows of no such
    text and leaves it as it was."""
    rows = db.collection("facilities")
    behind = {"name": {"$exists": True}, "$expr": {"$ne": ["$searched_version", "$version"]}}
    writes: list[UpdateOne] = []
    async for row in rows.find(behind, {"code": 1, "name": 1, "version": 1}):
        code, name = row.get("code", ""), row["name"]
        if not (isinstance(code, str) and isinstance(name, str)):
            log.error("a facility is called by what is no text", facility=str(row["_id"]))
            continue
        told = search_fields(code, name, row.get("version"))
        # Unless it was told of anew meanwhile, with a text of its own.
        writes.append(UpdateOne({"_id": row["_id"], "version": row.get("version")}, {"$set": told}))
        if len(writes) == AT_ONCE:
            await rows.bulk_write(writes, ordered=False)
            writes = []
    if writes:
        await rows.bulk_write(writes, ordered=False)


def search_fields(code: str, name: str, version: int | None) -> dict[str, Any]:
    """What a search looks in, and of which version of the facility it is."""
    return {"search": searched(code, name), "searched_version": version}


def searched(*texts: str) -> str:
    """What a search looks in: `hop tac xa` finds Hợp tác xã."""
    return " ".join(fold(*texts).split())


async def note(
    tx: Tx,
    collection: str,
    key: str,
    version: int,
    *,
    content: dict[str, Any] | None = None,
    active: bool | None = None,
) -> None:
    """Keep what an event of this version tells, each part unless a later event told it already.

    Content and standing have versions of their own, since some events tell only one of them: a
    withdrawal that overtakes the publication must not hide the name for good.
    """
    known = await tx.collection(collection).find_one({"_id": key}) or {}
    changes: dict[str, Any] = {}
    if content is not None and known.get("version", 0) < version:
        changes |= {**content, "version": version}
    if active is not None and known.get("active_version", 0) < version:
        changes |= {"active": active, "active_version": version}
    if changes:
        await tx.collection(collection).update_one({"_id": key}, {"$set": changes}, upsert=True)


async def note_lapsed(tx: Tx, facility_id: str, paper: dict[str, Any]) -> None:
    """One more food-safety paper that ran out; telling it again changes nothing."""
    await tx.collection("facilities").update_one(
        {"_id": facility_id}, {"$addToSet": {"lapsed": paper}}, upsert=True
    )


async def facility(where: Tx | Database, facility_id: str) -> Facility:
    """What is known of a facility; one never heard of is not active and lies nowhere."""
    found = await where.collection("facilities").find_one({"_id": facility_id})
    return _facility(found or {"_id": facility_id})


async def with_ended_paper(
    db: Database, wanted: dict[str, Any], today: date, limit: int
) -> list[Facility]:
    """Facilities in use (filtered by `facility_id`) of which some food-safety paper has ended."""
    ended = {"$lt": today.isoformat()}
    query: dict[str, Any] = {
        "active": True,
        "$or": [{"papers.until": ended}, {"lapsed.until": ended}],
    }
    if "facility_id" in wanted:
        query["_id"] = wanted["facility_id"]
    cursor = db.collection("facilities").find(query).sort("name", ASCENDING).limit(limit)
    return [_facility(one) async for one in cursor]


def _facility(row: dict[str, Any]) -> Facility:
    papers = row.get("papers")
    told = {
        "papers": None if papers is None else _papers(papers),
        "lapsed": _papers(row.get("lapsed", [])),
    }
    return from_document(Facility, {**row, **told})


def _papers(rows: list[dict[str, Any]]) -> tuple[Paper, ...]:
    return tuple(
        Paper(row["number"], date.fromisoformat(row["until"]) if row["until"] else None)
        for row in rows
    )


async def scope_of(where: Tx | Database, facility_id: str) -> Scope:
    return (await facility(where, facility_id)).scope


async def is_account_active(where: Tx | Database, account_id: str) -> bool:
    """Of an account that nobody told of, nothing speaks against it."""
    found = await where.collection("accounts").find_one({"_id": account_id}, {"active": 1})
    return found is None or bool(found["active"])


async def product(where: Tx | Database, product_id: str) -> Product | None:
    found = await where.collection("products").find_one({"_id": product_id})
    return from_document(Product, found) if found else None


async def lot(where: Tx | Database, lot_id: str) -> Lot | None:
    found = await where.collection("lots").find_one({"_id": lot_id})
    return from_document(Lot, found) if found else None


async def facilities_in(db: Database, area: dict[str, Any]) -> list[str]:
    """The ids of the facilities that match a filter on commune and sector."""
    return [f["_id"] async for f in db.collection("facilities").find(area, {"_id": 1})]


async def facilities_named(
    db: Database, wanted: dict[str, Any], text: str, limit: int
) -> list[Facility]:
    """Facilities (filtered by `facility_id`) whose name or code holds this text, with or without
    its marks, by name."""
    # What a replica of the release before has told since is found as it is written.
    behind = {"$expr": {"$ne": ["$searched_version", "$version"]}}
    as_written = [{name: containing(text.strip(), any_case=True)} for name in ("name", "code")]
    query: dict[str, Any] = {
        "commune": {"$ne": None},
        "$or": [{"search": containing(searched(text))}, {**behind, "$or": as_written}],
    }
    if "facility_id" in wanted:
        query["_id"] = wanted["facility_id"]
    cursor = db.collection("facilities").find(query).sort("name", ASCENDING).limit(limit)
    return [_facility(one) async for one in cursor]


async def products_of(db: Database, wanted: dict[str, Any], limit: int = 500) -> list[Product]:
    """Published products, by name, for choosing among them."""
    cursor = db.collection("products").find({**wanted, "active": True}).sort("name", ASCENDING)
    return [from_document(Product, one) async for one in cursor.limit(limit)]


async def lots_of(db: Database, wanted: dict[str, Any], limit: int = 500) -> list[Lot]:
    """Published lots, the newest first, for choosing among them."""
    cursor = db.collection("lots").find({**wanted, "active": True}).sort("produced_on", DESCENDING)
    return [from_document(Lot, one) async for one in cursor.limit(limit)]


async def names(db: Database, collection: str, ids: Iterable[str]) -> dict[str, str]:
    """How people call these facilities, products (by name) and lots (by code), where known."""
    cursor = db.collection(collection).find({"_id": {"$in": list(ids)}}, {"name": 1, "code": 1})
    return {one["_id"]: one.get("name") or one.get("code") or one["_id"] async for one in cursor}


async def is_recalled(tx: Tx, *, lot_id: str, product_id: str, facility_id: str) -> bool:
    """Whether an active recall or withdrawal notice names any of these."""
    return await _noticed(
        tx, [{"lots": lot_id}, {"products": product_id}, {"facilities": facility_id}]
    )


async def are_stamps_recalled(tx: Tx, batch: int, first: int, last: int) -> bool:
    """Whether an active recall or withdrawal notice names the batch or any of its serials."""
    touching = {"batch": batch, "first": {"$lte": last}, "last": {"$gte": first}}
    return await _noticed(tx, [{"batches": batch}, {"stamps": {"$elemMatch": touching}}])


async def _noticed(tx: Tx, named: Collection[dict[str, Any]]) -> bool:
    binding = {"active": True, "kind": {"$in": ["recall", "withdrawal"]}}
    found = await tx.collection("notices").find_one({**binding, "$or": list(named)}, {"_id": 1})
    return found is not None
