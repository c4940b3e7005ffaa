"""Which lot was made from which: the read model that a recall is traced through."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pymongo import ASCENDING, DESCENDING

from services.recall.domain.target import Lot, Target, TargetKind
from services.recall.store.newest import Reader, Wanted, each, put_newest
from shared.contracts.registry import LotPublished
from shared.messaging import progress
from shared.mongo import Database, Document, Tx
from shared.spelling import fold

LOTS = "lots"
GUARD, REACH = "scope_guard", "reach"
QUEUE = "recall.genealogy"
REGISTRY = "registry"


async def prepare(db: Database) -> None:
    lots = db.collection(LOTS)
    await db.collection(GUARD).update_one(
        {"_id": REACH}, {"$setOnInsert": {"turns": 0}}, upsert=True
    )
    await lots.create_index([("inputs", ASCENDING)], name="made_from")
    await lots.create_index([("product_id", ASCENDING), ("produced_on", ASCENDING)])
    await lots.create_index([("facility_id", ASCENDING), ("produced_on", ASCENDING)])
    await lots.create_index([("produced_on", DESCENDING)])


def turns() -> Wanted:
    """How often lots or shipments were taken in. What is read with this, or after it, is still
    true where `decide` finds the same number. See `number_of`."""
    return GUARD, [{"$match": {"_id": REACH}}]


def number_of(turns: Sequence[Document]) -> int:
    return int(turns[0].get("turns", 0)) if turns else 0


async def turns_now(db: Database) -> int:
    found = await db.collection(GUARD).find_one({"_id": REACH})
    return number_of([found] if found else [])


async def arrive(tx: Tx) -> None:
    """Make whoever takes lots in, and whoever decides a reach (`decide`), wait for one another.

    Without a common write, an order that has not seen a lot yet and the lot's arrival that has
    not seen the order yet could both commit, and the lot would stay green for good.
    """
    update = {"$inc": {"turns": 1}}
    await tx.collection(GUARD).update_one({"_id": REACH}, update, upsert=True)


async def decide(tx: Tx, turns: int | None = None) -> bool:
    """Hold arrivals off until the commit. With `turns`, False means that something arrived since
    they were this many, and that what was read before may not hold: then nothing is held off.

    Orders say nothing to one another: none changes what another reaches.
    """
    wanted: Document = {"_id": REACH}
    if turns is not None:
        wanted["turns"] = turns
    update = {"$inc": {"decisions": 1}}
    found = await tx.collection(GUARD).update_one(wanted, update, upsert=turns is None)
    return turns is None or bool(found.matched_count)


async def taken_in(db: Database) -> dict[str, int]:
    """Up to which of registry's numbers everything is part of this read model."""
    complete = await progress.complete_to(db, QUEUE)
    return {REGISTRY: complete.get(REGISTRY, 0)}


async def note_lots(tx: Tx, events: Sequence[LotPublished]) -> list[Lot]:
    """Keep the lots that are newer than what is here; returns those."""
    documents = [
        {
            "_id": event.subject,
            "version": event.version,
            "facility_id": event.facility_id,
            "product_id": event.product_id,
            "code": event.code,
            "quantity": str(event.quantity),
            "unit": event.unit_name or event.unit,
            "unit_en": event.unit_name_en,
            "produced_on": event.produced_on.isoformat(),
            # What was used on it reaches it as what it was made of does.
            "inputs": sorted({*event.inputs, *event.supplies}),
            "search": fold(event.code),
        }
        for event in events
    ]
    return [lot_of(document) for document in await put_newest(tx, LOTS, documents)]


def named_by(target: Target) -> Wanted:
    """The lots aimed at by themselves; none for a target of stamps."""
    if target.kind is TargetKind.LOT:
        wanted: dict[str, Any] = {"_id": target.id}
    elif target.is_of_stamps:
        wanted = {"_id": {"$in": []}}
    else:
        wanted = {f"{target.kind}_id": target.id, **_period(target)}
    return LOTS, [{"$match": wanted}]


def _period(target: Target) -> dict[str, Any]:
    limits = {}
    if target.since is not None:
        limits["$gte"] = target.since.isoformat()
    if target.until is not None:
        limits["$lte"] = target.until.isoformat()
    return {"produced_on": limits} if limits else {}


def made_from(lots: Sequence[str]) -> Wanted:
    """The lots that any of these went into."""
    return LOTS, [{"$match": {"inputs": {"$in": lots}}}]


async def lots(reader: Reader, ids: Iterable[str]) -> dict[str, Lot]:
    return {d["_id"]: lot_of(d) async for d in each(reader, LOTS, ids)}


async def search(db: Database, wanted: Document, limit: int) -> list[Lot]:
    """Lots that fit, the most recently produced first."""
    cursor = db.collection(LOTS).find(wanted).sort("produced_on", DESCENDING).limit(limit)
    return [lot_of(document) async for document in cursor]


def lot_of(document: Document) -> Lot:
    return Lot(
        id=document["_id"],
        version=document["version"],
        facility_id=document["facility_id"],
        product_id=document["product_id"],
        code=document["code"],
        quantity=Decimal(document["quantity"]),
        unit=document["unit"],
        produced_on=date.fromisoformat(document["produced_on"]),
        inputs=tuple(document["inputs"]),
        unit_en=document.get("unit_en", ""),
    )
