"""What a lot was made from and what was made from it, over any number of steps.

A row for each published lot holds nothing but what it came from. The server walks these rows by
itself, so that neither the number of steps costs a round trip each, nor the size of the diaries.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from services.registry.domain.records import Aggregate
from services.registry.store.codec import COLLECTIONS, AnyRecord
from services.registry.store.lists import in_scope
from shared.auth import Principal
from shared.ids import now
from shared.mongo import Database, Document, Tx

LOTS: Final = COLLECTIONS[Aggregate.LOT]
KIN: Final = "kin"
# Raised when rows gain a field: then all of them are written once more.
FILLED: Final = "kin_filled_2"
LOCKS: Final = "locks"
_FIELDS: Final = {
    "code": 1,
    "owner.facility_id": 1,
    "owner.name": 1,
    "owner.commune": 1,
    "owner.sector": 1,
    "published.product_id": 1,
    "published.inputs": 1,
    "published.supplies": 1,
    "published.quantity": 1,
    "published.unit": 1,
    "published.produced_on": 1,
}


@dataclass(frozen=True, slots=True)
class Place:
    """A lot of the genealogy. `step` is below 0 for what it was made from, above for what of it."""

    id: str
    step: int


@dataclass(frozen=True, slots=True)
class Kin:
    """A lot of the genealogy as it is told; `supplies` were used on it, `inputs` went into it."""

    id: str
    step: int
    code: str
    facility_id: str
    facility: str
    commune: str
    sector: str
    product_id: str
    quantity: str
    unit: str
    produced_on: str
    inputs: tuple[str, ...]
    supplies: tuple[str, ...] = ()


async def prepare(db: Database) -> None:
    await db.collection(KIN).create_index("from")
    await db.collection(KIN).create_index("inputs")
    await _fill(db)


async def follow(tx: Tx, record: AnyRecord) -> None:
    """With the publication of a lot, in its transaction: what it came from."""
    lot = record.published
    if lot is None:
        return
    row = {
        "version": record.version,
        "from": sorted({*lot.inputs, *lot.supplies}),
        "inputs": sorted(lot.inputs),
    }
    await tx.collection(KIN).replace_one({"_id": record.id}, row, upsert=True)


async def upstream(
    db: Database | Tx, made_from: Sequence[str], *, supplies: bool = True
) -> list[Place]:
    """These lots and all that went into them, nearest first; without `supplies` not through those
    that were only used on something."""
    walk = {"startWith": {"$literal": list(made_from)}, "connectFromField": _field(supplies)}
    found = await _walk(db, {**walk, "connectToField": "_id"}) if made_from else []
    return [Place(row["_id"], -1 - row["step"]) for row in found]


async def downstream(db: Database | Tx, lot_id: str, *, supplies: bool = True) -> list[Place]:
    """All published lots that were made from it and from those, nearest first; without `supplies`
    not those on which one of them was only used."""
    walk = {"startWith": {"$literal": [lot_id]}, "connectFromField": "_id"}
    found = await _walk(db, {**walk, "connectToField": _field(supplies)})
    return [Place(row["_id"], 1 + row["step"]) for row in found if row["_id"] != lot_id]


async def within(db: Database, places: Sequence[Place], who: Principal) -> tuple[Place, ...]:
    """Those of the lots that the account may read, in the same order."""
    rows = db.collection(LOTS)
    cursor = rows.find({**in_scope(who), "_id": {"$in": [one.id for one in places]}}, {"_id": 1})
    seen = {row["_id"] async for row in cursor}
    return tuple(one for one in places if one.id in seen)


async def descends(tx: Tx, lot_id: str, among: Sequence[str]) -> str | None:
    """Which of these lots was made, by any number of steps, from that lot; None if none was."""
    pipeline = [
        {"$match": {"_id": lot_id}},
        {
            "$graphLookup": {
                "from": KIN,
                "startWith": "$_id",
                "connectFromField": "_id",
                "connectToField": "from",
                "as": "found",
            }
        },
        {"$unwind": "$found"},
        {"$match": {"found._id": {"$in": list(among)}}},
        {"$limit": 1},
        {"$project": {"found._id": 1}},
    ]
    async for row in await tx.collection(KIN).aggregate(pipeline):
        return str(row["found"]["_id"])
    return None


async def told(db: Database, places: Iterable[Place]) -> list[Kin]:
    """These lots with what people read of them, in the same order."""
    wanted = list(places)
    cursor = db.collection(LOTS).find(
        {"_id": {"$in": [one.id for one in wanted]}, "published": {"$ne": None}}, _FIELDS
    )
    rows = {row["_id"]: row for row in await cursor.to_list(None)}
    return [_kin(rows[one.id], one.step) for one in wanted if one.id in rows]


async def product_names(db: Database, ids: Iterable[str]) -> dict[str, str]:
    """Names of products as published, for a page of the list."""
    rows = db.collection(COLLECTIONS[Aggregate.PRODUCT])
    cursor = rows.find({"_id": {"$in": sorted(set(ids))}}, {"published.name": 1})
    return {row["_id"]: (row.get("published") or {}).get("name", "") async for row in cursor}


def _field(supplies: bool) -> str:
    return "from" if supplies else "inputs"


async def _walk(db: Database | Tx, walk: Document) -> list[Document]:
    pipeline: list[Document] = [
        {"$limit": 1},
        {"$graphLookup": {"from": KIN, **walk, "as": "kin", "depthField": "step"}},
        {"$unwind": "$kin"},
        {"$replaceRoot": {"newRoot": {"_id": "$kin._id", "step": "$kin.step"}}},
    ]
    rows: list[Document] = await (await db.collection(KIN).aggregate(pipeline)).to_list(None)
    return sorted(rows, key=lambda row: (row["step"], row["_id"]))


async def _fill(db: Database) -> None:
    """Rows of the lots that were published before there were such rows.

    After the first time only what changed shortly before the last start is looked at again: a
    replica of an older version may still have been writing then.
    """
    begun = now()
    known = await db.collection(LOCKS).find_one({"_id": FILLED})
    wanted: dict[str, Any] = {"published": {"$ne": None}}
    if known is not None:
        wanted["updated_at"] = {"$gte": known["at"] - timedelta(days=1)}
    newer = {"$gte": ["$$new.version", "$version"]}
    pipeline = [
        {"$match": wanted},
        {
            "$project": {
                "version": 1,
                "inputs": {"$ifNull": ["$published.inputs", []]},
                "from": {
                    "$setUnion": [
                        {"$ifNull": ["$published.inputs", []]},
                        {"$ifNull": ["$published.supplies", []]},
                    ]
                },
            }
        },
        {
            "$merge": {
                "into": KIN,
                "whenMatched": [{"$replaceWith": {"$cond": [newer, "$$new", "$$ROOT"]}}],
                "whenNotMatched": "insert",
            }
        },
    ]
    await (await db.collection(LOTS).aggregate(pipeline)).to_list(None)
    await db.collection(LOCKS).update_one({"_id": FILLED}, {"$set": {"at": begun}}, upsert=True)


def _kin(row: Document, step: int) -> Kin:
    owner, shown = row["owner"], row["published"]
    return Kin(
        id=row["_id"],
        step=step,
        code=row["code"],
        facility_id=owner["facility_id"],
        facility=owner["name"],
        commune=owner["commune"],
        sector=owner["sector"],
        product_id=shown["product_id"],
        quantity=shown["quantity"],
        unit=shown["unit"],
        produced_on=shown["produced_on"],
        inputs=tuple(shown["inputs"]),
        supplies=tuple(shown.get("supplies", ())),
    )
