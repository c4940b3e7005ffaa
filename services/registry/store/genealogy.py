"""What a lot was made from and what was made from it, over any number of steps.

One query a step, over an index and with few fields, so that ten thousand lots are read in a moment.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.registry.domain.records import Aggregate
from services.registry.store.codec import COLLECTIONS
from shared.mongo import Database, Document

LOTS: Final = COLLECTIONS[Aggregate.LOT]
IDS_AT_ONCE = 1_000
_FIELDS: Final = {
    "code": 1,
    "owner.facility_id": 1,
    "owner.name": 1,
    "owner.commune": 1,
    "owner.sector": 1,
    "published.product_id": 1,
    "published.inputs": 1,
    "published.quantity": 1,
    "published.unit": 1,
    "published.produced_on": 1,
}


@dataclass(frozen=True, slots=True)
class Kin:
    """A lot of the genealogy. `step` is below 0 for what it was made from, above for what of it."""

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


async def upstream(db: Database, inputs: Sequence[str]) -> list[Kin]:
    """All lots that went into these and into theirs, nearest first."""
    found: dict[str, Kin] = {}
    frontier: list[str] = list(dict.fromkeys(inputs))
    step = 0
    while frontier:
        step -= 1
        reached = []
        async for row in _rows(db, "_id", frontier):
            if row["_id"] not in found:
                reached.append(_kin(row, step))
                found[row["_id"]] = reached[-1]
        following = dict.fromkeys(one for kin in reached for one in kin.inputs)
        frontier = [one for one in following if one not in found]
    return list(found.values())


async def downstream(db: Database, lot_id: str) -> list[Kin]:
    """All published lots that were made from it and from those, nearest first."""
    found: dict[str, Kin] = {}
    frontier = [lot_id]
    step = 0
    while frontier:
        step += 1
        reached = []
        async for row in _rows(db, "published.inputs", frontier):
            if row["_id"] not in found and row["_id"] != lot_id:
                reached.append(row["_id"])
                found[row["_id"]] = _kin(row, step)
        frontier = reached
    return list(found.values())


async def product_names(db: Database, ids: Iterable[str]) -> dict[str, str]:
    """Names of products as published, for a page of the list."""
    rows = db.collection(COLLECTIONS[Aggregate.PRODUCT])
    cursor = rows.find({"_id": {"$in": sorted(set(ids))}}, {"published.name": 1})
    return {row["_id"]: (row.get("published") or {}).get("name", "") async for row in cursor}


async def _rows(db: Database, field: str, ids: Sequence[str]) -> AsyncIterator[Document]:
    rows = db.collection(LOTS)
    for start in range(0, len(ids), IDS_AT_ONCE):
        wanted: dict[str, Any] = {field: {"$in": ids[start : start + IDS_AT_ONCE]}}
        cursor = rows.find({**wanted, "published": {"$ne": None}}, _FIELDS)
        # Batches by hand: a document at a time costs as much again as reading it.
        while batch := await cursor.to_list(IDS_AT_ONCE):
            for row in batch:
                yield row


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
    )
