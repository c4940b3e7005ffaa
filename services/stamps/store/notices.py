"""Recall's notices, as far as they touch one stamp, or a batch."""

from collections.abc import Mapping, Set
from typing import Any, Final

from services.stamps.domain.known import Noticed
from services.stamps.domain.requests import Batch
from services.stamps.domain.touched import KINDS, Naming
from services.stamps.store.codec import from_document
from shared.mongo import Database

NOTICES: Final = "notices"


async def touching(db: Database, batch: Batch, serial: int, lot: str) -> list[Noticed]:
    """Notices, also those that hold no more, that name the stamp or what it stands on; the newest
    first."""
    spans = {"batch": batch.number, "first": {"$lte": serial}, "last": {"$gte": serial}}
    named = [
        {"batches": batch.number},
        {"stamps": {"$elemMatch": spans}},
        {"products": batch.product_id},
        {"facilities": batch.facility_id},
        *([{"lots": lot}] if lot else []),
    ]
    cursor = db.collection(NOTICES).find({"$or": named}).sort("ordered_at", -1)
    return [from_document(Noticed, one) async for one in cursor]


async def holding(db: Database, batch: Batch, lots: Set[str]) -> list[Naming]:
    """Notices that hold and name the batch or something on it, with what they name of it; the
    newest first. `lots` are those that its serials stand on."""
    rows = db.collection(NOTICES).find(_naming([batch], lots)).sort("ordered_at", -1)
    return [_read(row, batch, lots) async for row in rows]


async def gravest(
    db: Database, batches: list[Batch], lots: Mapping[int, Set[str]]
) -> dict[int, str]:
    """By the number of a batch the gravest kind of notice that holds on any of its stamps; `lots`
    by batch too. Batches without any are left out."""
    found: dict[int, str] = {}
    every = set().union(*lots.values())
    async for row in db.collection(NOTICES).find(_naming(batches, every)):
        for batch in batches:
            read = _read(row, batch, lots.get(batch.number, set()))
            if read.whole or read.lots or read.spans:
                before = found.get(batch.number, KINDS[-1])
                found[batch.number] = min(before, read.notice.kind, key=KINDS.index)
    return found


def _naming(batches: list[Batch], lots: Set[str]) -> dict[str, Any]:
    numbers = {"$in": [one.number for one in batches]}
    named: list[dict[str, Any]] = [
        {"batches": numbers},
        {"stamps.batch": numbers},
        {"products": {"$in": sorted({one.product_id for one in batches})}},
        {"facilities": {"$in": sorted({one.facility_id for one in batches})}},
        *([{"lots": {"$in": sorted(lots)}}] if lots else []),
    ]
    return {"active": True, "$or": named}


def _read(row: Mapping[str, Any], batch: Batch, lots: Set[str]) -> Naming:
    whole = (
        batch.number in row["batches"]
        or batch.product_id in row["products"]
        or batch.facility_id in row["facilities"]
    )
    spans = [(one["first"], one["last"]) for one in row["stamps"] if one["batch"] == batch.number]
    return Naming(
        from_document(Noticed, dict(row)),
        whole=whole,
        lots=frozenset(lots & set(row["lots"])),
        spans=tuple(spans),
    )
