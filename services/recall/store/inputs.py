"""The inputs that facilities are known to use: found by name, substance or a package's number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pymongo import ASCENDING, UpdateOne

from services.recall.domain.target import Lot
from services.recall.domain.used import InputUse
from services.recall.store.genealogy import LOTS
from shared.mongo import Database, Document, Tx
from shared.spelling import fold

INPUTS: Final = "inputs_used"


@dataclass(frozen=True, slots=True)
class KnownInput:
    """An input by its key, as one of the facilities that use it calls it, and how much is known to
    have been made with it within some area."""

    key: str
    kind: str
    name: str
    active_substance: str
    lots: int
    facilities: int


async def prepare(db: Database) -> None:
    inputs = db.collection(INPUTS)
    await inputs.create_index([("facility_id", ASCENDING)])
    await inputs.create_index([("numbers", ASCENDING)])


async def note_used(tx: Tx, lots: Iterable[Lot]) -> None:
    """Which facility uses what, by newly told lots; told again it is the same."""
    found: dict[tuple[str, str], list[InputUse]] = {}
    for lot in lots:
        for use in lot.used:
            found.setdefault((use.key, lot.facility_id), []).append(use)
    writes = [_write(key, facility, uses) for (key, facility), uses in sorted(found.items())]
    if writes:
        await tx.collection(INPUTS).bulk_write(writes, ordered=False)


def _write(key: str, facility_id: str, uses: Sequence[InputUse]) -> UpdateOne:
    use = uses[-1]
    numbers = sorted({one.number for one in uses if one.number})
    return UpdateOne(
        {"_id": f"{facility_id}|{key}"},
        {
            "$set": {
                "key": key,
                "facility_id": facility_id,
                "kind": use.kind,
                "name": use.name,
                "active_substance": use.active_substance,
                "search": fold(use.name, key, use.active_substance),
            },
            "$addToSet": {"numbers": {"$each": numbers}},
        },
        upsert=True,
    )


async def listed(
    db: Database, wanted: Document, facilities: Sequence[str] | None, *, skip: int, size: int
) -> tuple[list[KnownInput], int]:
    """Inputs that fit, by name, those of the most facilities first; and how many there are.

    `facilities` are those that the asker may know of, None for all.
    """
    within: Document = {} if facilities is None else {"facility_id": {"$in": [*facilities]}}
    one: Document = {field: {"$first": f"${field}"} for field in _TOLD}
    grouped: list[Document] = [
        {"$match": {**wanted, **within}},
        {"$group": {"_id": "$key", "facilities": {"$sum": 1}, **one}},
    ]
    collection = db.collection(INPUTS)
    counted = await collection.aggregate([*grouped, {"$count": "all"}])
    total = sum([int(row["all"]) async for row in counted])
    paged: list[Document] = [{"$sort": {"facilities": -1, "_id": 1}}, {"$skip": skip}]
    rows = [row async for row in await collection.aggregate([*grouped, *paged, {"$limit": size}])]
    made = await _made_with(db, [row["_id"] for row in rows], within)
    return [_known(row, made.get(row["_id"], (0, 0))) for row in rows], total


_TOLD: Final = ("kind", "name", "active_substance")


async def _made_with(
    db: Database, keys: Sequence[str], within: Document
) -> dict[str, tuple[int, int]]:
    """By key the lots that it was used on now, and their makers."""
    stages: list[Document] = [
        {"$match": {"used.names": {"$in": [*keys]}, **within}},
        {"$project": {"facility_id": 1, "key": {"$setUnion": ["$used.key"]}}},
        {"$unwind": "$key"},
        {"$match": {"key": {"$in": [*keys]}}},
        {"$group": {"_id": {"key": "$key", "facility": "$facility_id"}, "lots": {"$sum": 1}}},
        {"$group": {"_id": "$_id.key", "lots": {"$sum": "$lots"}, "makers": {"$sum": 1}}},
    ]
    rows = await db.collection(LOTS).aggregate(stages)
    return {row["_id"]: (row["lots"], row["makers"]) async for row in rows}


async def with_number(
    db: Database, number: str, facilities: Sequence[str] | None, limit: int
) -> list[tuple[str, str]]:
    """Keys and names of inputs of which a package had this number, as numbers are compared."""
    within: Document = {} if facilities is None else {"facility_id": {"$in": [*facilities]}}
    stages: list[Document] = [
        {"$match": {"numbers": number, **within}},
        {"$group": {"_id": "$key", "name": {"$first": "$name"}}},
        {"$sort": {"_id": 1}},
        {"$limit": limit},
    ]
    rows = await db.collection(INPUTS).aggregate(stages)
    return [(row["_id"], row["name"]) async for row in rows]


def _known(row: Document, made: tuple[int, int]) -> KnownInput:
    told: dict[str, Any] = {name: row[name] for name in _TOLD}
    return KnownInput(key=row["_id"], lots=made[0], facilities=made[1], **told)
