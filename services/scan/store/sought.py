"""Facilities and products by the words that people remember of a label, to report them by.

A read model of its own: it fills itself from the first event when it is new.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from pymongo import ReplaceOne

from services.scan.domain.aggregates import FACILITIES, LOTS, PRODUCTS
from services.scan.domain.complaint import Goods
from shared.contracts.registry import FacilityPublished, ProductPublished
from shared.mongo import Database, Document, Tx, containing
from shared.spelling import fold

SOUGHT: Final = "goods_sought"
SHOWN: Final = 12
SHORTEST: Final = 2


async def prepare(db: Database) -> None:
    await db.collection(SOUGHT).create_index([("kind", 1), ("search", 1)])
    await db.collection(SOUGHT).create_index("facility_id")
    # Officials name a lot by its code.
    await db.collection(LOTS).create_index("published.code")


async def note_facilities(tx: Tx, events: Sequence[FacilityPublished]) -> None:
    await _put(
        tx,
        FACILITIES,
        [
            {
                **{"_id": one.subject, "version": one.version, "facility_id": one.subject},
                **{"name": one.name, "place": one.commune_name},
                "search": fold(one.name, one.name_en, one.code),
            }
            for one in events
        ],
    )


async def note_products(tx: Tx, events: Sequence[ProductPublished]) -> None:
    await _put(
        tx,
        PRODUCTS,
        [
            {
                **{"_id": one.subject, "version": one.version, "facility_id": one.facility_id},
                **{"name": one.name, "place": ""},
                "search": fold(one.name, one.name_en, one.brand, one.code, one.gtin),
            }
            for one in events
        ],
    )


async def _put(tx: Tx, kind: str, rows: Iterable[Document]) -> None:
    """The newest of each, whatever order they come in."""
    newest: dict[str, Document] = {}
    for row in rows:
        if row["_id"] not in newest or newest[row["_id"]]["version"] < row["version"]:
            newest[row["_id"]] = {**row, "kind": kind}
    there = tx.collection(SOUGHT)
    cursor = there.find({"_id": {"$in": list(newest)}}, {"version": 1})
    known = {row["_id"]: row["version"] async for row in cursor}
    writes = [
        ReplaceOne({"_id": key}, row, upsert=True)
        for key, row in newest.items()
        if known.get(key, 0) < row["version"]
    ]
    if writes:
        await there.bulk_write(writes, ordered=False)


async def find(db: Database, text: str, own: Document | None = None) -> list[Goods]:
    """Products, then facilities that are called so; `own` narrows them by `facility_id`."""
    words = fold(text)
    if len(words) < SHORTEST:
        return []
    rows: list[Document] = []
    for kind in (PRODUCTS, FACILITIES):
        wanted = {"kind": kind, "search": containing(words), **(own or {})}
        found = db.collection(SOUGHT).find(wanted).sort([("search", 1), ("_id", 1)])
        rows += [row async for row in found.limit(SHOWN)]
    return [*await _lots(db, text, own), *await _named(db, rows)]


async def _lots(db: Database, text: str, own: Document | None) -> list[Goods]:
    """Lots by their whole code, for officials alone: it names what a company made when."""
    if own is None:
        return []
    codes = {"published.code": {"$in": sorted({text, text.upper()})}}
    within = {f"published.{name}": value for name, value in own.items()}
    rows = db.collection(LOTS).find({**codes, **within}).limit(SHOWN)
    return [await by_id(db, lot=row["_id"]) async for row in rows]


async def _named(db: Database, rows: Sequence[Document]) -> list[Goods]:
    places = await _names(db, {row["facility_id"] for row in rows})
    return [_goods(row, places) for row in rows]


def _goods(row: Document, places: dict[str, str]) -> Goods:
    is_product = row["kind"] == PRODUCTS
    return Goods(
        facility_id=row["facility_id"],
        product_id=row["_id"] if is_product else "",
        facility=places.get(row["facility_id"], ""),
        product=row["name"] if is_product else "",
    )


async def _names(db: Database, ids: Iterable[str]) -> dict[str, str]:
    rows = db.collection(SOUGHT).find({"_id": {"$in": sorted(set(ids))}, "kind": FACILITIES})
    return {
        row["_id"]: f"{row['name']}, {row['place']}" if row["place"] else row["name"]
        async for row in rows
    }


async def by_id(db: Database, *, lot: str = "", product: str = "", facility: str = "") -> Goods:
    """What is known of the narrowest of these; empty where nothing is."""
    if lot:
        row = await db.collection(LOTS).find_one({"_id": lot})
        told: dict[str, Any] = (row or {}).get("published", {})
        if not told:
            return Goods()
        goods = await by_id(db, product=told["product_id"])
        places = await _names(db, [told["facility_id"]])
        return Goods(
            told["facility_id"],
            told["product_id"],
            lot,
            places.get(told["facility_id"], ""),
            goods.product,
            told["code"],
        )
    key, kind = (product, PRODUCTS) if product else (facility, FACILITIES)
    row = await db.collection(SOUGHT).find_one({"_id": key, "kind": kind}) if key else None
    return (await _named(db, [row]))[0] if row else Goods()
