"""Known facilities in MongoDB: kept, looked for within one's scope, and counted."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Final

from pydantic import TypeAdapter
from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.registry.domain.known import Known, Particulars, TaxNumberKnown
from services.registry.domain.likeness import Known as Named
from services.registry.domain.likeness import exact_key
from services.registry.domain.likeness import known as named
from services.registry.domain.records import Aggregate
from services.registry.domain.words import asked, fold, words
from services.registry.store.codec import COLLECTIONS, plain
from services.registry.store.lists import PAGE_SIZE, in_scope
from shared.auth import Principal, area_filter
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

KNOWN = "known_facilities"
_reader = TypeAdapter(Known)
_particulars = TypeAdapter(Particulars)
# So many names of a commune are compared at most.
_MOST: Final = 50_000


async def prepare(db: Database) -> None:
    rows = db.collection(KNOWN)
    await rows.create_index([("it.commune", 1), ("it.facility_class", 1), ("status", 1)])
    await rows.create_index("words")
    await rows.create_index("facility_id")
    await rows.create_index("it.tax_number")
    await rows.create_index("it.name")
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


async def insert_many(tx: Tx, fresh: Sequence[Known]) -> None:
    """Those that are new; raises EditConflict where a tax number was taken at this moment."""
    if not fresh:
        return
    try:
        await tx.collection(KNOWN).insert_many([_document(one) for one in fresh], ordered=False)
    except BulkWriteError as error:
        raise EditConflict() from error


async def find_many(tx: Tx, ids: Sequence[str]) -> dict[str, Known]:
    cursor = tx.collection(KNOWN).find({"_id": {"$in": list(ids)}})
    return {row["_id"]: _known(row) async for row in cursor}


async def holders(tx: Tx, numbers: Sequence[str], besides: Sequence[str]) -> dict[str, str]:
    """Who is on record with these tax numbers, known or taking part, by number."""
    wanted = list(numbers)
    claims = {"tax_claim": {"$in": wanted}, "_id": {"$nin": list(besides)}}
    found = {
        row["tax_claim"]: str(row["it"]["name"]) async for row in tx.collection(KNOWN).find(claims)
    }
    parts = [{f"{part}.tax_number": {"$in": wanted}} for part in ("published", "draft")]
    async for row in tx.collection(COLLECTIONS[Aggregate.FACILITY]).find({"$or": parts}):
        for part in ("published", "draft"):
            found[(row[part] or {}).get("tax_number", "")] = str(row["owner"]["name"])
    return found


async def places(tx: Tx, names: Iterable[str]) -> set[tuple[str, str]]:
    """Where entries of these very names are: (commune, name and address as they are compared)."""
    wanted = {"it.name": {"$in": list(names)}, "status": {"$ne": "closed"}}
    cursor = tx.collection(KNOWN).find(wanted, {"it": 1})
    return {
        (row["it"]["commune"], exact_key(row["it"]["name"], row["it"]["address"]))
        async for row in cursor
    }


async def by_id(db: Database, who: Principal, ids: Iterable[str]) -> dict[str, Known]:
    """Those in the asker's scope, by id."""
    return {one.id: one for one in await _in_sight(db, who, {"_id": {"$in": list(ids)}})}


async def by_tax_number(db: Database, who: Principal, numbers: Iterable[str]) -> dict[str, Known]:
    """Those in the asker's scope; of a number that a closed one had too, the one that has it."""
    found = await _in_sight(db, who, {"it.tax_number": {"$in": [n for n in numbers if n]}})
    found.sort(key=lambda one: not one.closed)
    return {one.it.tax_number: one for one in found}


async def names_in(db: Database, who: Principal, commune: str) -> list[Named]:
    """Names and addresses of those of a commune in the asker's scope, for comparing."""
    query = {"$and": [_in_scope(who), {"it.commune": commune}]}
    cursor = db.collection(KNOWN).find(query, {"it.name": 1, "it.address": 1}).limit(_MOST)
    return [named(row["_id"], "", row["it"]["name"], row["it"]["address"]) async for row in cursor]


async def every(db: Database, who: Principal, wanted: Document, q: str) -> AsyncIterator[Known]:
    """All in the asker's scope, in the order of their ids, for an export."""
    query = {"$and": [_in_scope(who), wanted, *_named(q)]}
    async for row in db.collection(KNOWN).find(query).sort("_id", 1).batch_size(200):
        yield _known(row)


async def _in_sight(db: Database, who: Principal, wanted: Document) -> list[Known]:
    cursor = db.collection(KNOWN).find({"$and": [_in_scope(who), wanted]})
    return [_known(row) async for row in cursor]


def particulars(row: Document) -> Particulars:
    """What a row of an import kept."""
    return _particulars.validate_python(row)


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
    async for row in await db.collection(KNOWN).aggregate(pipeline):
        found[row["_id"]["commune"], row["_id"]["class"], row["_id"]["status"]] = row["number"]
    published = [in_scope(who), {"derived.listed": True}]
    pipeline = _grouped(published, "$owner.commune", "$published.facility_class", "participating")
    async for row in await db.collection(COLLECTIONS[Aggregate.FACILITY]).aggregate(pipeline):
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
