"""Which lot was made from which: the read model that a recall is traced through."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument

from services.recall.domain.target import Lot, Target, TargetKind
from services.recall.domain.within import ALL, Within
from services.recall.store.facts import FACILITIES
from services.recall.store.newest import Reader, Wanted, each, put_newest
from services.recall.store.used import use_wanted, used_document, used_of
from shared.contracts.registry import LotPublished
from shared.indexes import retire
from shared.messaging import progress
from shared.mongo import Database, Document, Tx
from shared.spelling import fold

LOTS = "lots"
_FIELDS = {
    TargetKind.PRODUCT: "product_id",
    TargetKind.FACILITY: "facility_id",
    TargetKind.CERTIFICATE: "facility_id",
    TargetKind.AREA: "growing_area_id",
}
GUARD, REACH = "scope_guard", "reach"
# The kinds of `next_turn` besides: whoever follows them decides nothing by them.
STAMPS, SCANS = "stamps", "scans"
# What a graph takes of a lot.
IN_GRAPH = dict.fromkeys(
    ("facility_id", "product_id", "growing_area_id", "quantity", "unit", "inputs"), 1
)
QUEUE = "recall.genealogy"
REGISTRY = "registry"


async def prepare(db: Database) -> None:
    lots = db.collection(LOTS)
    for kind in (REACH, STAMPS, SCANS):
        await db.collection(GUARD).update_one(
            {"_id": kind}, {"$setOnInsert": {"turns": 0}}, upsert=True
        )
    await lots.create_index([("inputs", ASCENDING)], name="made_from")
    await lots.create_index([("turn", ASCENDING)], sparse=True)
    await lots.create_index([("search", ASCENDING), ("facility_id", ASCENDING)])
    await retire(lots, "search_1")
    await lots.create_index([("product_id", ASCENDING), ("produced_on", ASCENDING)])
    await lots.create_index([("facility_id", ASCENDING), ("produced_on", ASCENDING)])
    await lots.create_index([("produced_on", DESCENDING)])
    await lots.create_index(
        [("growing_area_id", ASCENDING), ("produced_on", ASCENDING)],
        name="of_area",
        partialFilterExpression={"growing_area_id": {"$gt": ""}},
    )
    await lots.create_index([("used.names", ASCENDING)], name="used", sparse=True)


def turns() -> Wanted:
    """How often lots or shipments were taken in. What is read with this, or after it, is still
    true where `decide` finds the same number. See `number_of`."""
    return GUARD, [{"$match": {"_id": REACH}}]


def number_of(turns: Sequence[Document]) -> int:
    return int(turns[0].get("turns", 0)) if turns else 0


async def turns_now(db: Database) -> int:
    return await turns_in(db)


async def turns_in(reader: Reader) -> int:
    """As the reader sees them, in a transaction with its own."""
    found = await reader.collection(GUARD).find_one({"_id": REACH})
    return number_of([found] if found else [])


async def arrive(tx: Tx) -> int:
    """Make whoever takes lots in, and whoever decides a reach (`decide`), wait for one another.
    Returns the turn, which is to be left on what is written.

    Without a common write, an order that has not seen a lot yet and the lot's arrival that has
    not seen the order yet could both commit, and the lot would stay green for good.
    """
    return await next_turn(tx, REACH)


async def next_turn(tx: Tx, kind: str) -> int:
    """One more of this kind; transactions that take one wait for one another. `told` counts those
    that leave their number on what they write, as all do but those of older versions."""
    row = await tx.collection(GUARD).find_one_and_update(
        {"_id": kind},
        {"$inc": {"turns": 1, "told": 1}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    assert row is not None
    return int(row["turns"])


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


async def note_lots(tx: Tx, events: Sequence[LotPublished], turn: int) -> list[Lot]:
    """Keep the lots that are newer than what is here; returns those. `turn` is that of `arrive`."""
    documents = [
        {
            "_id": event.subject,
            "version": event.version,
            "turn": turn,
            "facility_id": event.facility_id,
            "product_id": event.product_id,
            "code": event.code,
            "quantity": str(event.quantity),
            "unit": event.unit_name or event.unit,
            "unit_en": event.unit_name_en,
            "produced_on": event.produced_on.isoformat(),
            # What was used on it reaches it as what it was made of does.
            "inputs": sorted({*event.inputs, *event.supplies}),
            "supplies": list(event.supplies),
            "expires_on": event.expires_on.isoformat() if event.expires_on else None,
            "growing_area_id": event.growing_area_id,
            "used": [used_document(one) for one in event.used],
            "search": fold(event.code),
        }
        for event in events
    ]
    return [lot_of(document) for document in await put_newest(tx, LOTS, documents)]


async def lacking(tx: Tx, events: Sequence[LotPublished]) -> list[LotPublished]:
    """Those of which less is kept than they tell: taken in by a program that did not know of areas,
    supplies and inputs, or not taken in yet. What is kept of them is taken for older."""
    telling = [one for one in events if one.used or one.supplies or one.growing_area_id]
    if not telling:
        return []
    ids = {"$in": sorted({one.subject for one in telling})}
    rows = tx.collection(LOTS).find({"_id": ids}, {"version": 1, "used": 1})
    kept = {row["_id"]: (row["version"], "used" in row) async for row in rows}
    found, bare = [], []
    for one in telling:
        version, is_whole = kept.get(one.subject, (0, True))
        if version == one.version and not is_whole:
            bare.append(one.subject)
        if version < one.version or one.subject in bare:
            found.append(one)
    if bare:
        older = {"$inc": {"version": -1}}
        await tx.collection(LOTS).update_many({"_id": {"$in": sorted(set(bare))}}, older)
    return found


def named_by(target: Target) -> Wanted:
    """The lots aimed at by themselves; none for a target of stamps."""
    if target.kind is TargetKind.LOT:
        wanted: dict[str, Any] = {"_id": target.id}
    elif target.is_of_stamps:
        wanted = {"_id": {"$in": []}}
    elif target.kind is TargetKind.INPUT:
        wanted = {"used": {"$elemMatch": use_wanted(target)}}
    else:
        wanted = {_FIELDS[target.kind]: target.id, **_period(target)}
    return LOTS, [{"$match": wanted}, *_made_in(target.within)]


async def is_any_named(reader: Reader, target: Target) -> bool:
    """Whether there is a lot that is aimed at by itself."""
    name, stages = named_by(target)
    found = await reader.collection(name).aggregate([*stages, {"$limit": 1}])
    return bool([row async for row in found])


async def makers_named(reader: Reader, target: Target) -> dict[str, int]:
    """By maker, wherever it lies, how many of its lots are aimed at by themselves."""
    name, stages = named_by(replace(target, within=None))
    counted: Document = {"$group": {"_id": "$facility_id", "lots": {"$sum": 1}}}
    rows = await reader.collection(name).aggregate([*stages, counted])
    return {row["_id"]: row["lots"] async for row in rows}


def _made_in(within: Within | None) -> list[Document]:
    """Stages that leave the lots whose makers lie in the area."""
    if within is None or within.is_everything:
        return []
    if within.facility_id:
        return [{"$match": {"facility_id": within.facility_id}}]
    maker: Document = {"from": FACILITIES, "localField": "facility_id", "foreignField": "_id"}
    wanted = {f"maker.{field}": value for field, value in area_wanted(within).items()}
    return [{"$lookup": {**maker, "as": "maker"}}, {"$match": wanted}, {"$unset": "maker"}]


def area_wanted(within: Within) -> Document:
    """The filter that leaves what lies in the area, by its commune and sector."""
    wanted: Document = {}
    if ALL not in within.communes:
        wanted["commune"] = {"$in": list(within.communes)}
    if within.sector != ALL:
        wanted["sector"] = within.sector
    return wanted


def _period(target: Target) -> dict[str, Any]:
    limits = {}
    if target.since is not None:
        limits["$gte"] = target.since.isoformat()
    if target.until is not None:
        limits["$lte"] = target.until.isoformat()
    return {"produced_on": limits} if limits else {}


async def made_by(reader: Reader, facilities: Sequence[str], target: Target) -> dict[str, Lot]:
    """The lots of these facilities that a target of an input means."""
    wanted = {"facility_id": {"$in": [*facilities]}, "used": {"$elemMatch": use_wanted(target)}}
    return {d["_id"]: lot_of(d) async for d in reader.collection(LOTS).find(wanted)}


def made_from(lots: Sequence[str]) -> Wanted:
    """The lots that any of these went into."""
    return LOTS, [{"$match": {"inputs": {"$in": lots}}}]


async def lots(reader: Reader, ids: Iterable[str]) -> dict[str, Lot]:
    return {d["_id"]: lot_of(d) async for d in each(reader, LOTS, ids)}


async def quantities(reader: Reader, ids: Iterable[str]) -> dict[str, tuple[Decimal, str]]:
    """How much was made of each, and in which unit, as far as lots are known."""
    wanted = {"_id": {"$in": sorted(ids)}}
    rows = reader.collection(LOTS).find(wanted, {"quantity": 1, "unit": 1})
    return {row["_id"]: (Decimal(row["quantity"]), row["unit"]) async for row in rows}


async def called(
    reader: Reader, codes: Iterable[str], *, makers: Iterable[str] = (), among: Iterable[str] = ()
) -> dict[str, str]:
    """By id, lots of these makers, or among these, whose code is one of those, or would be without
    marks and capitals; with the code so folded. Codes are each maker's own: of short ones the
    province has very many, of which no others are read."""
    wanted: Document = {"search": {"$in": sorted({fold(code) for code in codes} - {""})}}
    few = sorted(among)
    if few:
        rows = reader.collection(LOTS).find({"_id": {"$in": few}, **wanted}, {"search": 1})
        return {row["_id"]: row["search"] async for row in rows.hint([("_id", ASCENDING)])}
    of = each(reader, LOTS, makers, field="facility_id", also=wanted)
    return {row["_id"]: row["search"] async for row in of}


async def own_of(reader: Reader, ids: Iterable[str], facility_id: str) -> set[str]:
    """Which of these lots the facility made."""
    also = {"facility_id": facility_id}
    return {document["_id"] async for document in each(reader, LOTS, ids, also=also)}


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
        expires_on=_day(document.get("expires_on")),
        growing_area_id=document.get("growing_area_id", ""),
        supplies=tuple(document.get("supplies", ())),
        used=tuple(used_of(one) for one in document.get("used", ())),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
