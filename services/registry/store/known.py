"""Known facilities in MongoDB: kept, looked for within one's scope, and counted."""

from typing import Any

from pydantic import TypeAdapter
from pymongo.errors import DuplicateKeyError

from services.registry.domain.known import Known, TaxNumberKnown
from services.registry.domain.records import Aggregate
from services.registry.domain.words import asked, fold, words
from services.registry.store.codec import COLLECTIONS, plain
from services.registry.store.lists import PAGE_SIZE, in_scope
from shared.auth import Principal, area_filter
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

KNOWN = "known_facilities"
_reader = TypeAdapter(Known)


async def prepare(db: Database) -> None:
    rows = db.collection(KNOWN)
    await rows.create_index([("it.commune", 1), ("it.facility_class", 1), ("status", 1)])
    await rows.create_index("words")
    await rows.create_index("facility_id")
    await rows.create_index(
        "tax_claim",
        unique=True,
        partialFilterExpression={"tax_claim": {"$exists": True}},
    )


async def insert(tx: Tx, known: Known) -> None:
    try:
        await tx.collection(KNOWN).insert_one(_document(known))
    except DuplicateKeyError as error:
        raise TaxNumberKnown("tax_number", name=known.it.tax_number) from error


async def put(tx: Tx, before: Known, known: Known) -> None:
    """Replace it if it is still as it was read; raises EditConflict, TaxNumberKnown."""
    try:
        result = await tx.collection(KNOWN).replace_one(
            {"_id": known.id, "version": before.version}, _document(known)
        )
    except DuplicateKeyError as error:
        raise TaxNumberKnown("tax_number", name=known.it.tax_number) from error
    if result.matched_count != 1:
        raise EditConflict()


async def get(source: Database | Tx, known_id: str) -> Known:
    row = await source.collection(KNOWN).find_one({"_id": known_id})
    if row is None:
        raise NotFound()
    return _known(row)


async def of_facility(tx: Tx, facility_id: str) -> Known | None:
    """The entry whose record this is."""
    row = await tx.collection(KNOWN).find_one({"facility_id": facility_id})
    return _known(row) if row is not None else None


async def holder_of_tax_number(tx: Tx, tax_number: str, besides: str = "") -> str:
    """The name of whoever is on record with this tax number, known or taking part; "" if none."""
    known = await tx.collection(KNOWN).find_one({"tax_claim": tax_number, "_id": {"$ne": besides}})
    if known is not None:
        return str(known["it"]["name"])
    facility = await tx.collection(COLLECTIONS[Aggregate.FACILITY]).find_one(
        {"$or": [{"published.tax_number": tax_number}, {"draft.tax_number": tax_number}]}
    )
    return str(facility["owner"]["name"]) if facility is not None else ""


async def listed(
    db: Database, who: Principal, wanted: Document, q: str, page: int
) -> tuple[list[Known], int]:
    """One page of those in the asker's scope, newest change first, and how many there are."""
    query = {"$and": [_in_scope(who), wanted, *_named(q)]}
    rows = db.collection(KNOWN)
    order = [("updated_at", -1), ("_id", 1)]
    cursor = rows.find(query).sort(order).skip((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    return [_known(row) async for row in cursor], await rows.count_documents(query)


async def counts(db: Database, who: Principal) -> dict[tuple[str, str, str], int]:
    """How many by (commune, class, standing): outstanding entries by status, and `participating`.

    Who participates is counted from the records themselves, however they came to be.
    """
    found: dict[tuple[str, str, str], int] = {}
    outside = {"status": {"$nin": ["participating", "closed"]}}
    pipeline = _grouped([_in_scope(who), outside], "$it.commune", "$it.facility_class", "$status")
    async for row in db.collection(KNOWN).aggregate(pipeline):
        found[row["_id"]["commune"], row["_id"]["class"], row["_id"]["status"]] = row["number"]
    published = [in_scope(who), {"derived.listed": True}]
    pipeline = _grouped(published, "$owner.commune", "$published.facility_class", "participating")
    async for row in db.collection(COLLECTIONS[Aggregate.FACILITY]).aggregate(pipeline):
        found[row["_id"]["commune"], row["_id"]["class"], "participating"] = row["number"]
    return found


def _grouped(match: list[Document], commune: str, by_class: str, status: str) -> list[Document]:
    key: Document = {"commune": commune, "class": by_class, "status": status}
    return [{"$match": {"$and": match}}, {"$group": {"_id": key, "number": {"$sum": 1}}}]


def _in_scope(who: Principal) -> Document:
    if who.facility_id is not None:
        return {"_id": None}
    return area_filter(who, commune="it.commune", sector="it.sector")


def _named(q: str) -> list[Document]:
    found = asked(q)
    if q.strip() and not found:
        return [{"_id": None}]
    return [{"words": {"$regex": f"^{fold(word)}"}} for word in found]


def _document(known: Known) -> Document:
    body: Document = plain(known)
    body["_id"] = body.pop("id")
    it = known.it
    body["words"] = list(words(it.name, it.address, it.tax_number, it.phone, it.representative))
    if it.tax_number and known.status != "closed":
        body["tax_claim"] = it.tax_number
    return body


def _known(row: Document) -> Known:
    body: dict[str, Any] = {
        key: value for key, value in row.items() if key not in ("_id", "words", "tax_claim")
    }
    return _reader.validate_python({**body, "id": row["_id"]})
