"""Which of a facility's pictures something published shows; what nothing shows is taken down.

A picture may be named by several: a product, the diaries of lots, an area's diary that lots have
taken over, a film as its poster. Only when the last of them drops it is it hidden.
"""

from collections.abc import Collection

from services.registry.domain.records import Aggregate
from services.registry.store.codec import COLLECTIONS
from services.registry.store.media import LOCKS, MEDIA
from shared.mongo import Database, Document, Tx

RECORDINGS = "recordings"
_LOT_PHOTOS = ("published.entries.photos", "published.area_entries.photos")


async def take_turns(tx: Tx, facility_id: str) -> None:
    """Two publications of a facility at once: lest one hides what the other now shows. Likewise two
    uploads for one owner, and an upload for an article that is thrown away."""
    await tx.collection(LOCKS).update_one(_turn(facility_id), {"$inc": {"n": 1}}, upsert=True)


async def end_turns(tx: Tx, owner: str) -> None:
    """Whoever took a turn last leaves nothing behind: the owner is no more."""
    await tx.collection(LOCKS).delete_one(_turn(owner))


def _turn(owner: str) -> Document:
    return {"_id": f"shown/{owner}"}


async def take_down(
    tx: Tx, pictures: Collection[str], facility_id: str, *, but: str = ""
) -> list[str]:
    """Hide those that nothing published shows, the record `but` left out of account; which."""
    if not pictures:
        return []
    await take_turns(tx, facility_id)
    shown = await shown_of(tx, pictures, facility_id, but=but)
    hidden = sorted(set(pictures) - shown)
    rows = tx.collection(MEDIA)
    mine = {"_id": {"$in": hidden}, "facility_id": facility_id, "public": True}
    await rows.update_many(mine, {"$set": {"public": False}})
    return hidden


async def shown_of(
    source: Tx | Database, pictures: Collection[str], facility_id: str, *, but: str = ""
) -> set[str]:
    """Those of the pictures that something published shows."""
    wanted = {"$in": list(pictures)}
    own = {"owner.facility_id": facility_id, "_id": {"$ne": but}}
    found: set[str] = set()
    lots = source.collection(COLLECTIONS[Aggregate.LOT])
    named = {**own, "$or": [{field: wanted} for field in _LOT_PHOTOS]}
    async for row in lots.find(named, dict.fromkeys(_LOT_PHOTOS, 1)):
        found.update(_photos(row["published"]))
    products = source.collection(COLLECTIONS[Aggregate.PRODUCT])
    async for row in products.find({**own, "published.images": wanted}, {"published.images": 1}):
        found.update(row["published"]["images"])
    films = source.collection(RECORDINGS)
    async for row in films.find({"poster": wanted, "public": True}, {"poster": 1}):
        found.add(row["poster"])
    return found & set(pictures)


async def unshown(db: Database, after: str, limit: int) -> tuple[list[Document], str]:
    """Public pictures of facilities behind `after`, by id, and the last id looked at ("" at the
    end)."""
    wanted = {
        "_id": {"$gt": after},
        "public": True,
        "facility_id": {"$not": {"$regex": "^article:"}},
    }
    rows = db.collection(MEDIA).find(wanted, {"facility_id": 1}).sort("_id", 1).limit(limit)
    found = [row async for row in rows]
    return found, found[-1]["_id"] if len(found) == limit else ""


def _photos(published: Document) -> set[str]:
    entries = [*published.get("entries", ()), *published.get("area_entries", ())]
    return {photo for entry in entries for photo in entry.get("photos", ())}
