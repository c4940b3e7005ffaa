"""Units of the authorities by tier and place, as identity published them: whom a deadline is told
to."""

from collections.abc import Sequence

from services.recall.domain.terms import Place
from services.recall.store.newest import Reader, put_newest
from shared.contracts.identity import UnitPublished
from shared.mongo import Database, Tx

AUTHORITIES = "authorities"


async def prepare(db: Database) -> None:
    await db.collection(AUTHORITIES).create_index([("tier", 1), ("communes", 1)])


async def note_units(tx: Tx, events: Sequence[UnitPublished]) -> None:
    documents = [
        {
            "_id": event.subject,
            "version": event.version,
            "name": event.name,
            "tier": event.tier,
            "communes": list(event.communes),
            "sector": event.sector,
            "active": event.active,
        }
        for event in events
    ]
    await put_newest(tx, AUTHORITIES, documents)


async def any_known(reader: Reader) -> bool:
    """Whether identity has told of any: before that nothing follows from finding none."""
    return await reader.collection(AUTHORITIES).find_one({"active": True}, {"_id": 1}) is not None


async def in_charge(reader: Reader, tier: str, place: Place) -> tuple[str, ...]:
    """Ids of the tier's units that answer for the place; empty for facilities."""
    wanted = {
        "tier": tier,
        "active": True,
        "communes": {"$in": [place.commune, "*"]},
        "sector": {"$in": [place.sector, "*"]},
    }
    rows = reader.collection(AUTHORITIES).find(wanted, {"_id": 1}).sort("_id", 1)
    return tuple([row["_id"] async for row in rows])
