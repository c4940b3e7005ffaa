"""What registry told about facilities: where they lie and whether they are stopped."""

from services.identity.domain.accounts import Facility
from shared.auth import Principal, area_filter
from shared.mongo import Database, Document, Tx, containing

FACILITIES = "facilities"


async def prepare(db: Database) -> None:
    await db.collection(FACILITIES).create_index([("commune", 1), ("name", 1)])
    await db.collection(FACILITIES).create_index("code")


async def find(source: Database | Tx, facility_id: str) -> Facility | None:
    """None also while only a stop is known of it: events come in any order."""
    document = await source.collection(FACILITIES).find_one(
        {"_id": facility_id, "version": {"$gt": 0}}
    )
    return _facility(document) if document else None


async def note(
    tx: Tx, facility_id: str, version: int, name: str, commune: str, sector: str, code: str
) -> bool:
    """Keep the newest description; False if a newer one is here."""
    return await _newer(
        tx,
        facility_id,
        "version",
        version,
        {"name": name, "commune": commune, "sector": sector, "code": code},
    )


async def note_status(tx: Tx, facility_id: str, version: int, *, stopped: bool) -> bool:
    """Keep the newest word on whether it is stopped; False if a newer one is here."""
    return await _newer(tx, facility_id, "status_version", version, {"stopped": stopped})


async def _newer(tx: Tx, facility_id: str, field: str, version: int, facts: Document) -> bool:
    facilities = tx.collection(FACILITIES)
    document = await facilities.find_one({"_id": facility_id})
    if document is None:
        document = {
            "_id": facility_id,
            "version": 0,
            "status_version": 0,
            "name": "",
            "commune": "",
            "sector": "",
            "stopped": False,
        }
        await facilities.insert_one(document)
    if document[field] >= version:
        return False
    await facilities.update_one({"_id": facility_id}, {"$set": {field: version, **facts}})
    return True


async def touch(tx: Tx, facility_id: str) -> None:
    """Write to it, so that a transaction that changes it at the same time conflicts."""
    await tx.collection(FACILITIES).update_one({"_id": facility_id}, {"$inc": {"accounts": 1}})


async def search(db: Database, who: Principal, text: str, *, limit: int) -> list[Facility]:
    """Facilities in scope whose name or id holds the text, by name."""
    query = {"version": {"$gt": 0}, **area_filter(who, facility="_id")}
    if text:
        query["name"] = containing(text, any_case=True)
    cursor = db.collection(FACILITIES).find(query).sort("name", 1).limit(limit)
    return [_facility(document) async for document in cursor]


async def in_scope(db: Database, who: Principal, facility_id: str) -> Facility | None:
    """A facility that the account may know of."""
    query = {
        "$and": [{"_id": facility_id, "version": {"$gt": 0}}, area_filter(who, facility="_id")]
    }
    document = await db.collection(FACILITIES).find_one(query)
    return _facility(document) if document else None


async def by_code(db: Database, who: Principal, code: str) -> Facility | None:
    """The facility in scope that has this identification code (R12)."""
    if not code:
        return None
    query = {"$and": [{"code": code, "version": {"$gt": 0}}, area_filter(who, facility="_id")]}
    document = await db.collection(FACILITIES).find_one(query)
    return _facility(document) if document else None


async def names(db: Database, ids: set[str]) -> dict[str, str]:
    cursor = db.collection(FACILITIES).find({"_id": {"$in": list(ids)}}, {"name": 1})
    return {document["_id"]: document["name"] async for document in cursor}


def _facility(document: Document) -> Facility:
    return Facility(
        id=document["_id"],
        name=document["name"],
        commune=document["commune"],
        sector=document["sector"],
        stopped=document["stopped"],
        code=document.get("code", ""),
    )
