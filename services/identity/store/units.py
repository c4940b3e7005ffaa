"""Units in MongoDB."""

from pymongo import ASCENDING

from services.identity.domain.units import Past, Reach, Unit
from shared.auth import Principal
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

UNITS = "units"


async def prepare(db: Database) -> None:
    await db.collection(UNITS).create_index([("path", ASCENDING)])


async def get(source: Database | Tx, unit_id: str) -> Unit:
    """Raises NotFound."""
    found = await find(source, unit_id)
    if found is None:
        raise NotFound()
    return found


async def find(source: Database | Tx, unit_id: str) -> Unit | None:
    document = await source.collection(UNITS).find_one({"_id": unit_id})
    return _unit(document) if document else None


async def insert(tx: Tx, unit: Unit) -> None:
    await tx.collection(UNITS).insert_one(_document(unit))


async def put(tx: Tx, unit: Unit) -> None:
    """Replace the version before; raises EditConflict if somebody was quicker."""
    before = {"_id": unit.id, "version": unit.version - 1}
    result = await tx.collection(UNITS).replace_one(before, _document(unit))
    if not result.matched_count:
        raise EditConflict()


async def below(source: Database | Tx, who: Principal) -> list[Unit]:
    """The account's own unit and all below it, a parent before its children."""
    return await _sorted(source, {"path": who.unit_id})


async def under(tx: Tx, unit_id: str) -> list[Unit]:
    """The unit and all below it, a parent before its children."""
    return await _sorted(tx, {"path": unit_id})


async def children(tx: Tx, unit: Unit) -> list[Unit]:
    return await _sorted(tx, {"parent_id": unit.id})


async def of_tier(source: Database | Tx, tier: str) -> list[Unit]:
    return await _sorted(source, {"tier": tier, "active": True})


async def merged_communes(source: Database | Tx) -> dict[str, set[str]]:
    """By unit: the communes it answers for because the units of these were merged into it."""
    found: dict[str, set[str]] = {}
    async for row in source.collection(UNITS).find({"successor_id": {"$gt": ""}}):
        found.setdefault(row["successor_id"], set()).update(row["communes"])
    return found


async def merged_into_others(db: Database) -> list[Unit]:
    """Units that are no more, in the order of the tree."""
    return await _sorted(db, {"successor_id": {"$gt": ""}})


async def names(db: Database, ids: set[str]) -> dict[str, str]:
    cursor = db.collection(UNITS).find({"_id": {"$in": list(ids)}}, {"name": 1})
    return {document["_id"]: document["name"] async for document in cursor}


async def _sorted(source: Database | Tx, query: Document) -> list[Unit]:
    found = [_unit(document) async for document in source.collection(UNITS).find(query)]
    names = {unit.id: unit.name for unit in found}
    return sorted(found, key=lambda unit: [names.get(id_, "") + id_ for id_ in unit.path])


def _document(unit: Unit) -> Document:
    return {
        "_id": unit.id,
        "version": unit.version,
        "name": unit.name,
        "tier": unit.tier,
        "parent_id": unit.parent_id,
        "path": list(unit.path),
        "communes": list(unit.reach.communes),
        "sector": unit.reach.sector,
        "active": unit.active,
        "valid_from": unit.valid_from,
        "valid_to": unit.valid_to,
        "successor_id": unit.successor_id,
        "former_names": list(unit.former_names),
        "history": [
            {
                "until": past.until,
                "name": past.name,
                "parent_id": past.parent_id,
                "communes": list(past.reach.communes),
                "sector": past.reach.sector,
            }
            for past in unit.history
        ],
    }


def _unit(document: Document) -> Unit:
    return Unit(
        id=document["_id"],
        version=document["version"],
        name=document["name"],
        tier=document["tier"],
        parent_id=document["parent_id"],
        path=tuple(document["path"]),
        reach=Reach(tuple(document["communes"]), document["sector"]),
        active=document["active"],
        # Units kept before histories were have none.
        valid_from=document.get("valid_from"),
        valid_to=document.get("valid_to"),
        successor_id=document.get("successor_id"),
        former_names=tuple(document.get("former_names", ())),
        history=tuple(
            Past(
                past["until"],
                past["name"],
                past["parent_id"],
                Reach(tuple(past["communes"]), past["sector"]),
            )
            for past in document.get("history", ())
        ),
    )
