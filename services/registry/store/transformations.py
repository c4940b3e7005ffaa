"""Transformations in MongoDB, by what went in and what came out, by facility and by day."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from services.registry.domain.lot import Lot, TransformationCancelled
from services.registry.domain.records import Aggregate
from services.registry.domain.transformation import Kind, Transformation
from services.registry.store.codec import plain
from services.registry.store.lists import PAGE_SIZE, all_of
from services.registry.store.search.seen import STEADY, Seen
from shared.auth import Principal
from shared.errors import NotFound
from shared.mongo import Database, Document, Tx

TRANSFORMATIONS = "transformations"
# So many are counted and leafed through; whoever looks further names days, or takes the file.
MOST: Final = 10_000
_adapter = TypeAdapter(Transformation)
_LATEST: Final = [("at", -1), ("_id", -1)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which transformations are asked for: from `since` on, before `until`.

    `product_id` is what came out. `facility` and `product` are words, as in the lists of these.
    """

    facility_id: str = ""
    facility: str = ""
    product_id: str = ""
    product: str = ""
    kind: Kind | None = None
    since: datetime | None = None
    until: datetime | None = None


async def prepare(db: Database) -> None:
    rows = db.collection(TRANSFORMATIONS)
    await rows.create_index([("given.lot_id", 1), ("at", 1)])
    await rows.create_index([("made.lot_id", 1), ("at", 1)])
    await rows.create_index([("facility_id", 1), ("at", -1)])
    await rows.create_index(_LATEST)
    await rows.create_index([("kind", 1), *_LATEST])
    await rows.create_index([("made.product_id", 1), *_LATEST])
    await rows.create_index([("given.holder", 1), *_LATEST])


async def insert(tx: Tx, one: Transformation) -> None:
    await tx.collection(TRANSFORMATIONS).insert_one(_document(one))


async def replace(tx: Tx, one: Transformation) -> None:
    await tx.collection(TRANSFORMATIONS).replace_one({"_id": one.id}, _document(one))


async def get(source: Database | Tx, transformation_id: str) -> Transformation:
    row = await source.collection(TRANSFORMATIONS).find_one({"_id": transformation_id})
    if row is None:
        raise NotFound()
    return _transformation(row)


async def of_lot(source: Database | Tx, lot_id: str) -> list[Transformation]:
    """Those that made the lot or used it, oldest first; cancelled ones are left out."""
    wanted: Document = {
        "$or": [{"given.lot_id": lot_id}, {"made.lot_id": lot_id}],
        "cancelled": "",
    }
    cursor = source.collection(TRANSFORMATIONS).find(wanted).sort("at", 1)
    return [_transformation(row) async for row in cursor]


async def in_scope(
    db: Database, seen: Seen, who: Principal, wanted: Wanted, page: int
) -> tuple[list[Transformation], int]:
    """A page of those of the facilities that the account may read, cancelled ones too, the latest
    first; and how many there are, one more than MOST standing for any larger number."""
    rows, query = db.collection(TRANSFORMATIONS), _query(seen, who, wanted)
    cursor = rows.find(query).sort(_LATEST).skip((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    found = [_transformation(row) async for row in cursor]
    if not query:
        return found, min(await rows.estimated_document_count(), MOST + 1)
    return found, await rows.count_documents(query, limit=MOST + 1)


async def every(
    db: Database, seen: Seen, who: Principal, wanted: Wanted
) -> AsyncIterator[Transformation]:
    """All of them, one by one, however many there are."""
    cursor = db.collection(TRANSFORMATIONS).find(_query(seen, who, wanted)).sort(_LATEST)
    async for row in cursor.allow_disk_use(True).batch_size(200):
        yield _transformation(row)


def _query(seen: Seen, who: Principal, wanted: Wanted) -> Document:
    """Transformations keep no place of their own: it is their facility's, as it now is."""
    conditions: list[Document] = []
    if who.facility_id is not None:
        conditions.append({"facility_id": who.facility_id})
    elif "*" not in who.communes or who.sector != "*" or wanted.facility:
        there = seen.console(
            Aggregate.FACILITY, who, q=wanted.facility, facility_id=wanted.facility_id
        )
        conditions.append({"facility_id": {"$in": there.ids(STEADY, size=max(1, there.total))}})
    if wanted.facility_id:
        conditions.append({"facility_id": wanted.facility_id})
    if wanted.product_id:
        conditions.append({"made.product_id": wanted.product_id})
    if wanted.product:
        called = seen.console(Aggregate.PRODUCT, who, q=wanted.product)
        ids = called.ids(STEADY, size=max(1, called.total))
        conditions.append({"made.product_id": {"$in": ids}})
    if wanted.kind is not None:
        conditions.append({"kind": wanted.kind.value})
    days = {"$gte": wanted.since, "$lt": wanted.until}
    if limits := {key: day for key, day in days.items() if day is not None}:
        conditions.append({"at": limits})
    return all_of(conditions)


async def newest(db: Database, facility_id: str) -> Transformation | None:
    """The last act of a facility."""
    row = await db.collection(TRANSFORMATIONS).find_one(
        {"facility_id": facility_id}, sort=[("at", -1)]
    )
    return _transformation(row) if row is not None else None


async def collected(db: Database, facility_id: str, limit: int) -> list[Transformation]:
    """The last gatherings of a facility, the newest first; cancelled ones are left out."""
    wanted: Document = {"facility_id": facility_id, "kind": Kind.COLLECT.value, "cancelled": ""}
    cursor = db.collection(TRANSFORMATIONS).find(wanted).sort("at", -1).limit(limit)
    return [_transformation(row) async for row in cursor]


async def bought_of(db: Database, facility_id: str, page: int) -> tuple[list[Transformation], int]:
    """A page of what collectors say that they bought straight from this facility, the latest first,
    and how many there are; cancelled ones are left out."""
    wanted: Document = {
        "given.holder": facility_id,
        "facility_id": {"$ne": facility_id},
        "kind": Kind.COLLECT.value,
        "cancelled": "",
    }
    rows = db.collection(TRANSFORMATIONS)
    cursor = rows.find(wanted).sort(_LATEST).skip((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    found = [_transformation(row) async for row in cursor]
    return found, await rows.count_documents(wanted, limit=MOST + 1)


async def denied(source: Database | Tx, facility_id: str, lots: Collection[str]) -> tuple[str, ...]:
    """Which of these lots a collector says it bought and their maker says it never sold."""
    if not lots:
        return ()
    part = {"lot_id": {"$in": sorted(lots)}, "denied": {"$ne": None}}
    wanted: Document = {
        "given.lot_id": {"$in": sorted(lots)},
        "facility_id": facility_id,
        "cancelled": "",
        "given": {"$elemMatch": part},
    }
    rows = source.collection(TRANSFORMATIONS).find(wanted, {"given.lot_id": 1, "given.denied": 1})
    found = {
        one["lot_id"] async for row in rows for one in row["given"] if one.get("denied") is not None
    }
    return tuple(sorted(found & {*lots}))


async def check_standing(tx: Tx, lot: Lot) -> None:
    """Raise where the act that made the lot was cancelled."""
    if lot.transformation_id and (await get(tx, lot.transformation_id)).cancelled:
        raise TransformationCancelled()


def _document(one: Transformation) -> Document:
    body: Document = plain(one)
    body["_id"] = body.pop("id")
    return body


def _transformation(row: Document) -> Transformation:
    body = {key: value for key, value in row.items() if key != "_id"}
    return _adapter.validate_python({**body, "id": row["_id"]})
