"""Names and places of facilities, products and units, as registry and identity published them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING

from services.recall.domain.terms import Place
from services.recall.store.newest import Reader, Wanted, by_id, put_newest
from shared.contracts.identity import UnitPublished
from shared.contracts.registry import FacilityPublished, ProductPublished
from shared.mongo import Database, Document, Tx
from shared.spelling import fold

FACILITIES, PRODUCTS, UNITS = "facilities", "products", "units"
# Communes that a facility was told in and no longer is: merged ones, above all.
LEFT = "communes_left"


@dataclass(frozen=True, slots=True)
class Facility:
    id: str
    code: str
    name: str
    name_en: str
    commune: str
    commune_name: str
    sector: str

    @property
    def place(self) -> Place:
        return Place(self.id, self.commune, self.sector)


@dataclass(frozen=True, slots=True)
class Product:
    id: str
    facility_id: str
    code: str
    gtin: str
    name: str
    name_en: str


async def prepare(db: Database) -> None:
    await db.collection(FACILITIES).create_index([("commune", ASCENDING), ("sector", ASCENDING)])
    await db.collection(PRODUCTS).create_index([("facility_id", ASCENDING)])


async def note_facilities(tx: Tx, events: Sequence[FacilityPublished]) -> None:
    documents = [
        {
            "_id": event.subject,
            "version": event.version,
            "code": event.code,
            "name": event.name,
            "name_en": event.name_en,
            "commune": event.commune,
            "commune_name": event.commune_name,
            "sector": event.sector,
            "search": fold(event.code, event.name, event.name_en, event.tax_number),
        }
        for event in events
    ]
    await _note_left(tx, documents)
    await put_newest(tx, FACILITIES, documents)


async def _note_left(tx: Tx, documents: Sequence[Document]) -> None:
    """What the communes are called that these facilities leave: scans of before still name them."""
    present = {one["_id"]: one["commune"] for one in documents}
    known = tx.collection(FACILITIES).find(
        {"_id": {"$in": list(present)}}, {"commune": 1, "commune_name": 1}
    )
    left = {
        row["commune"]: row["commune_name"]
        async for row in known
        if row["commune"] != present[row["_id"]]
    }
    for code, name in left.items():
        await tx.collection(LEFT).update_one({"_id": code}, {"$set": {"name": name}}, upsert=True)


async def note_products(tx: Tx, events: Sequence[ProductPublished]) -> None:
    documents = [
        {
            "_id": event.subject,
            "version": event.version,
            "facility_id": event.facility_id,
            "code": event.code,
            "gtin": event.gtin,
            "name": event.name,
            "name_en": event.name_en,
            "search": fold(event.code, event.gtin, event.name, event.name_en, event.brand),
        }
        for event in events
    ]
    await put_newest(tx, PRODUCTS, documents)


async def note_units(tx: Tx, events: Sequence[UnitPublished]) -> None:
    documents = [{"_id": e.subject, "version": e.version, "name": e.name} for e in events]
    await put_newest(tx, UNITS, documents)


async def facilities(reader: Reader, ids: Iterable[str]) -> dict[str, Facility]:
    found = await by_id(reader, FACILITIES, ids)
    return {id_: facility_of(document) for id_, document in found.items()}


async def products(reader: Reader, ids: Iterable[str]) -> dict[str, Product]:
    found = await by_id(reader, PRODUCTS, ids)
    return {id_: product_of(document) for id_, document in found.items()}


def unit(unit_id: str) -> Wanted:
    """A unit. See `unit_name`."""
    return UNITS, [{"$match": {"_id": unit_id}}]


async def unit_names(reader: Reader, ids: Iterable[str]) -> dict[str, str]:
    """Names of units, of those that identity has told."""
    return {id_: str(row["name"]) for id_, row in (await by_id(reader, UNITS, ids)).items()}


def unit_name(found: Sequence[Document]) -> str:
    """Its name, or "" where identity has not told it yet."""
    return str(found[0]["name"]) if found else ""


async def search_facilities(db: Database, wanted: Document, limit: int) -> list[Facility]:
    cursor = db.collection(FACILITIES).find(wanted).sort("name", ASCENDING).limit(limit)
    return [facility_of(document) async for document in cursor]


async def search_products(db: Database, wanted: Document, limit: int) -> list[Product]:
    cursor = db.collection(PRODUCTS).find(wanted).sort("name", ASCENDING).limit(limit)
    return [product_of(document) async for document in cursor]


async def facilities_within(db: Database, wanted: dict[str, Any]) -> list[str]:
    """Ids of the facilities that a filter over their id, commune and sector leaves."""
    return [row["_id"] async for row in db.collection(FACILITIES).find(wanted, {"_id": 1})]


async def commune_names(reader: Reader, codes: Iterable[str]) -> dict[str, str]:
    """Names of communes, as the facilities in them give it, or gave it before they left; others are
    left out."""
    left = await by_id(reader, LEFT, codes)
    pipeline: list[dict[str, Any]] = [
        {"$match": {"commune": {"$in": sorted(set(codes))}}},
        {"$group": {"_id": "$commune", "name": {"$first": "$commune_name"}}},
    ]
    rows = await reader.collection(FACILITIES).aggregate(pipeline)
    present = {row["_id"]: row["name"] async for row in rows}
    return {code: row["name"] for code, row in left.items()} | present


def facility_of(document: Document) -> Facility:
    return Facility(
        id=document["_id"],
        code=document["code"],
        name=document["name"],
        name_en=document["name_en"],
        commune=document["commune"],
        commune_name=document["commune_name"],
        sector=document["sector"],
    )


def product_of(document: Document) -> Product:
    return Product(
        id=document["_id"],
        facility_id=document["facility_id"],
        code=document["code"],
        gtin=document["gtin"],
        name=document["name"],
        name_en=document["name_en"],
    )
