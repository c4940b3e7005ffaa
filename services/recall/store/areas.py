"""Growing and farming areas, as registry published them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pymongo import ASCENDING

from services.recall.store import newest
from services.recall.store.newest import Reader, put_newest
from shared.contracts.registry import GrowingAreaPublished
from shared.mongo import Database, Document, Tx
from shared.spelling import fold

AREAS = "growing_areas"


@dataclass(frozen=True, slots=True)
class GrowingArea:
    """An area (vùng trồng, vùng nuôi) with its code; `commune_name` is where it lies itself."""

    id: str
    facility_id: str
    code: str
    name: str
    crop: str
    commune_name: str


async def prepare(db: Database) -> None:
    await db.collection(AREAS).create_index([("facility_id", ASCENDING)])


async def note_areas(tx: Tx, events: Sequence[GrowingAreaPublished]) -> None:
    documents = [
        {
            "_id": event.subject,
            "version": event.version,
            "facility_id": event.facility_id,
            "code": event.code,
            "name": event.name,
            "crop": event.crop,
            "commune_name": event.commune_name,
            "search": fold(event.code, event.name, event.crop),
        }
        for event in events
    ]
    await put_newest(tx, AREAS, documents)


async def search(db: Database, wanted: Document, limit: int) -> list[GrowingArea]:
    cursor = db.collection(AREAS).find(wanted).sort("name", ASCENDING).limit(limit)
    return [area_of(document) async for document in cursor]


async def by_id(reader: Reader, ids: Iterable[str]) -> dict[str, GrowingArea]:
    found = await newest.by_id(reader, AREAS, ids)
    return {id_: area_of(document) for id_, document in found.items()}


def area_of(document: Document) -> GrowingArea:
    return GrowingArea(
        id=document["_id"],
        facility_id=document["facility_id"],
        code=document["code"],
        name=document["name"],
        crop=document["crop"],
        commune_name=document["commune_name"],
    )
