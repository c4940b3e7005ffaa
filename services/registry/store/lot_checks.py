"""What the truth checks found when a lot was decided on, and who overrode it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.registry.domain.codes import compact
from services.registry.domain.copying import prints
from services.registry.domain.diary import Entry
from services.registry.domain.finding import Finding
from services.registry.domain.lot import Lot
from services.registry.domain.records import Aggregate, Author
from services.registry.store.areas import AREAS
from services.registry.store.codec import (
    COLLECTIONS,
    AnyRecord,
    from_document,
    owner_document,
)
from services.registry.store.lists import PAGE_SIZE, in_scope
from shared.auth import Principal
from shared.mongo import Database, Document, Tx

CHECKS = "lot_checks"
LOTS = COLLECTIONS[Aggregate.LOT]
COMPARED = 60
SEASON = 1_000
ALIKE = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """The findings of one decision. `override` is the reason for which it was published anyway."""

    lot_id: str
    lot_code: str
    facility_name: str
    version: int
    at: datetime
    by: str
    findings: list[Finding]
    effects: list[str]
    override: str


async def prepare(db: Database) -> None:
    await db.collection(CHECKS).create_index([("lot_id", 1), ("version", -1)])
    await db.collection(CHECKS).create_index([("override", 1), ("at", -1)])
    await db.collection(LOTS).create_index([("published.growing_area_id", 1)])
    await db.collection(LOTS).create_index("derived.prints")
    await _name_owners(db)
    await _mark_entries(db)


async def _mark_entries(db: Database) -> None:
    """Lots that were kept before entries had marks get theirs."""
    cursor = db.collection(LOTS).find({"derived.prints": {"$exists": False}})
    async for row in cursor:
        marks = prints(from_document(Aggregate.LOT, row).content.entries)
        # The version keeps a change that is made at this moment from being overwritten.
        await db.collection(LOTS).update_one(
            {"_id": row["_id"], "version": row["version"]}, {"$set": {"derived.prints": marks}}
        )


async def _name_owners(db: Database) -> None:
    """Rows that were kept before lists went by owner learn whose lot they are about."""
    cursor = db.collection(CHECKS).find({"owner": {"$exists": False}}, {"lot_id": 1})
    async for row in cursor:
        lot = await db.collection(LOTS).find_one({"_id": row["lot_id"]}, {"owner": 1, "code": 1})
        if lot is not None:
            known = {"owner": lot["owner"], "lot_code": lot["code"]}
            await db.collection(CHECKS).update_one({"_id": row["_id"]}, {"$set": known})


async def keep(
    tx: Tx, record: AnyRecord, findings: list[Finding], *, by: Author, override: str
) -> None:
    """Together with the decision."""
    await tx.collection(CHECKS).insert_one(
        {
            "_id": f"{record.id}/{record.version}",
            "lot_id": record.id,
            "lot_code": record.code,
            "owner": owner_document(record.owner),
            "version": record.version,
            "at": record.updated_at,
            "by": by.name,
            "findings": [
                {
                    "check": one.check,
                    "effect": one.effect,
                    "message": one.message,
                    "remedy": one.remedy,
                    "params": {key: str(value) for key, value in one.params.items()},
                }
                for one in findings
            ],
            "override": override,
        }
    )


async def of_lot(db: Database, lot_id: str) -> list[Kept]:
    """Newest decision first."""
    cursor = db.collection(CHECKS).find({"lot_id": lot_id}).sort("version", -1).limit(20)
    return [_kept(row) async for row in cursor]


async def decisions(
    db: Database, who: Principal, *, overridden: bool, page: int
) -> tuple[list[Kept], int]:
    """Decisions in scope that knew of something: against a block, or else in spite of a flag."""
    word: Document = {"override": {"$ne": ""}} if overridden else {"override": ""}
    wanted = {"$and": [in_scope(who), word, {"findings.0": {"$exists": True}}]}
    rows = db.collection(CHECKS)
    cursor = rows.find(wanted).sort([("at", -1), ("_id", 1)])
    cursor = cursor.skip((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    return [_kept(row) async for row in cursor], await rows.count_documents(wanted)


def _kept(row: Document) -> Kept:
    return Kept(
        lot_id=row["lot_id"],
        lot_code=row.get("lot_code", ""),
        facility_name=row.get("owner", {}).get("name", ""),
        version=row["version"],
        at=row["at"],
        by=row["by"],
        findings=[
            Finding(one["check"], one["message"], one["remedy"], one["params"])
            for one in row["findings"]
        ],
        effects=[one["effect"] for one in row["findings"]],
        override=row["override"],
    )


async def others_of(source: Database | Tx, record: AnyRecord) -> tuple[Lot, ...]:
    """The facility's newest other lots, as they stand."""
    cursor = (
        source.collection(LOTS)
        .find({"owner.facility_id": record.owner.facility_id, "_id": {"$ne": record.id}})
        .sort("updated_at", -1)
        .limit(COMPARED)
    )
    return tuple([from_document(Aggregate.LOT, row).content async for row in cursor])


async def of_season(
    source: Database | Tx, record: AnyRecord, starts_on: str, ends_on: str
) -> tuple[Lot, ...]:
    """The other published lots of the lot's area that were made within some days (ISO)."""
    wanted = {
        "_id": {"$ne": record.id},
        "published.growing_area_id": record.content.growing_area_id,
        "published.produced_on": {"$gte": starts_on, "$lte": ends_on},
    }
    cursor = source.collection(LOTS).find(wanted).limit(SEASON)
    found = [from_document(Aggregate.LOT, row).published async for row in cursor]
    return tuple(lot for lot in found if isinstance(lot, Lot))


async def alike(source: Database | Tx, record: AnyRecord) -> dict[str, int]:
    """By other facility, how many of the lot's entries it holds in the same long words."""
    marks = prints(record.content.entries)
    if not marks:
        return {}
    wanted = {
        "derived.prints": {"$in": marks},
        "owner.facility_id": {"$ne": record.owner.facility_id},
    }
    shown = {"owner.facility_id": 1, "derived.prints": 1}
    found: dict[str, set[str]] = {}
    async for row in source.collection(LOTS).find(wanted, shown).limit(ALIKE):
        held = found.setdefault(row["owner"]["facility_id"], set())
        held.update(set(row["derived"]["prints"]) & set(marks))
    return {facility_id: len(held) for facility_id, held in found.items()}


async def net_contents(source: Database | Tx, products: Iterable[str]) -> dict[str, str]:
    """What one package of each published product holds, as its label says."""
    cursor = source.collection(COLLECTIONS[Aggregate.PRODUCT]).find(
        {"_id": {"$in": sorted(products)}, "published": {"$ne": None}},
        {"published.net_content": 1},
    )
    return {row["_id"]: row["published"]["net_content"] async for row in cursor}


async def strangers(
    source: Database | Tx, entries: tuple[Entry, ...], facility_id: str
) -> dict[str, str]:
    """Owners of the area codes among these entries that are another facility's, by compact code."""
    codes = {compact(one.place_code) for one in entries if one.place_code}
    cursor = source.collection(AREAS).find(
        {"derived.claim": {"$in": sorted(codes)}, "owner.facility_id": {"$ne": facility_id}},
        {"derived.claim": 1, "owner.name": 1},
    )
    return {row["derived"]["claim"]: row["owner"]["name"] async for row in cursor}
