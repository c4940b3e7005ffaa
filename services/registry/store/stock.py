"""What a facility has of lots: its own published ones, and what it received and has left of."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.registry.domain.records import Aggregate, Record
from services.registry.domain.units import measure
from services.registry.store import holdings, lots, records
from shared.mongo import Database

OFFERED = 300


@dataclass(frozen=True, slots=True)
class InStock:
    """A lot that a facility may take from: `left` in the lot's unit."""

    lot: Record[Any]
    left: Decimal


async def stock(db: Database, facility_id: str) -> list[InStock]:
    """The lots that a facility has something left of."""
    held = {one.lot_id: one for one in await holdings.of_facility(db, facility_id)}
    found = {lot.id: lot for lot in await lots.published_of(db, facility_id, OFFERED)}
    others = tuple(key for key in held if key not in found)
    found |= await records.find_many(db, Aggregate.LOT, others)
    known = await holdings.many(db, facility_id, tuple(found))
    there = []
    for key, lot in found.items():
        if lot.published is None:
            continue
        holding = known.get(key)
        unit = measure(lot.shown.unit).in_base
        left = lot.shown.quantity if holding is None else holding.left / unit
        if left > 0:
            there.append(InStock(lot, left))
    return there
