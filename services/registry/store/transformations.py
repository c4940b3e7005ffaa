"""Transformations in MongoDB, by what went in and what came out."""

from pydantic import TypeAdapter

from services.registry.domain.lot import Lot, TransformationCancelled
from services.registry.domain.transformation import Kind, Transformation
from services.registry.store.codec import plain
from shared.errors import NotFound
from shared.mongo import Database, Document, Tx

TRANSFORMATIONS = "transformations"
_adapter = TypeAdapter(Transformation)


async def prepare(db: Database) -> None:
    rows = db.collection(TRANSFORMATIONS)
    await rows.create_index([("given.lot_id", 1), ("at", 1)])
    await rows.create_index([("made.lot_id", 1), ("at", 1)])
    await rows.create_index([("facility_id", 1), ("at", -1)])


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
