"""Whom drills ask, and what those say of each lot."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from pymongo import ASCENDING, DESCENDING, UpdateOne

from services.recall.domain.drill import Drill, State
from services.recall.domain.drill_lots import Statement
from services.recall.domain.drill_score import Place
from services.recall.domain.terms import Official
from services.recall.store.drill_documents import drill_of
from services.recall.store.drills import DRILLS
from services.recall.store.newest import Reader, by_id
from shared.auth import Principal
from shared.mongo import Database, Document, Tx

PLACES, ROWS = "drill_places", "drill_rows"
ANY: Final = "*"
# Who has not spoken yet first, then as they spoke.
_ORDER: Final = [("acknowledged_at", ASCENDING), ("name", ASCENDING), ("facility_id", ASCENDING)]


@dataclass(frozen=True, slots=True)
class Asked:
    """A facility in the reach of a drill: the lots that it is asked about (those that were read,
    `count` is how many there are), whether any of its addresses could be told, what it has said so
    far, and when a message first reached it."""

    facility_id: str
    commune: str
    sector: str
    lots: tuple[str, ...]
    reachable: bool
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    told_at: datetime | None = None
    name: str = ""
    count: int = 0

    def place(self, stated: int) -> Place:
        """As the score counts it, of so many lots that it has stated."""
        when = self.acknowledged_at, self.told_at
        return Place(self.facility_id, self.count, stated, self.reachable, *when)


@dataclass(frozen=True, slots=True)
class Said:
    """A facility's last word on a lot; `first_at` is when it first said anything of it."""

    facility_id: str
    lot_id: str
    statement: Statement
    first_at: datetime
    at: datetime
    by: str


async def prepare(db: Database) -> None:
    places = db.collection(PLACES)
    await places.create_index([("drill", ASCENDING), ("facility_id", ASCENDING)])
    await places.create_index([("drill", ASCENDING), *_ORDER])
    await places.create_index([("facility_id", ASCENDING), ("drill", DESCENDING)])
    await db.collection(ROWS).create_index([("drill", ASCENDING), ("facility_id", ASCENDING)])


async def ask(tx: Tx, drill_id: str, places: Sequence[Asked]) -> None:
    """Also keeps in the drill where they lie, so that lists of drills need not look at them."""
    documents = [
        {
            "_id": f"{drill_id}/{one.facility_id}",
            "drill": drill_id,
            "facility_id": one.facility_id,
            "name": one.name,
            "commune": one.commune,
            "sector": one.sector,
            "lots": list(one.lots),
            "count": len(one.lots),
            "reachable": one.reachable,
            "acknowledged_at": None,
            "acknowledged_by": "",
            "told_at": None,
        }
        for one in places
    ]
    await tx.collection(PLACES).insert_many(documents)
    areas = areas_of((one.commune, one.sector) for one in places)
    await tx.collection(DRILLS).update_one({"_id": drill_id}, {"$set": {"areas": areas}})


def areas_of(places: Iterable[tuple[str, str]]) -> list[str]:
    """Of communes and sectors, as officials of one, or of all of them, ask for them."""
    found = {
        f"{commune}/{sector}"
        for here, of in places
        for commune in (here, ANY)
        for sector in (of, ANY)
    }
    return sorted(found)


def asking_in_area(who: Principal) -> Document:
    """Drills that ask any facility of an official's area."""
    return {"areas": {"$in": [f"{commune}/{who.sector}" for commune in who.communes]}}


async def every(reader: Reader, drill_id: str) -> list[Asked]:
    """All of a drill with all their lots, by id."""
    rows = reader.collection(PLACES).find({"drill": drill_id}).sort("facility_id", ASCENDING)
    return [_asked(row) async for row in rows]


async def page(
    reader: Reader, drill_id: str, area: Document, *, skip: int = 0, size: int
) -> list[Asked]:
    """Without their lots: who has not acknowledged, then the others as they did."""
    found = reader.collection(PLACES).find({**area, "drill": drill_id}, {"lots": 0})
    return [_asked(row) async for row in found.sort(_ORDER).skip(skip).limit(size)]


async def number(reader: Reader, drill_id: str, area: Document) -> int:
    return await reader.collection(PLACES).count_documents({**area, "drill": drill_id})


async def unreached(
    reader: Reader, drill_id: str, area: Document, *, size: int
) -> tuple[list[Asked], int]:
    """Some of those that gave no address and were sent nothing, and how many there are."""
    wanted = {**area, "drill": drill_id, "reachable": False, "told_at": None}
    total = await reader.collection(PLACES).count_documents(wanted)
    found = reader.collection(PLACES).find(wanted, {"lots": 0}).sort(_ORDER).limit(size)
    return [_asked(row) async for row in found], total


async def asked_of(
    reader: Reader, drill_id: str, facility_id: str, *, skip: int = 0, size: int = 0
) -> Asked | None:
    """With so many of its lots."""
    part = {"lots": {"$slice": [skip, size]}} if size else {"lots": 0}
    row = await reader.collection(PLACES).find_one({"_id": f"{drill_id}/{facility_id}"}, part)
    return _asked(row) if row is not None else None


async def asks_about(reader: Reader, drill_id: str, facility_id: str, lots: Iterable[str]) -> bool:
    """Whether the facility is asked about all of these lots."""
    wanted = {"_id": f"{drill_id}/{facility_id}", "lots": {"$all": sorted(set(lots))}}
    return await reader.collection(PLACES).find_one(wanted, {"_id": 1}) is not None


async def is_asking(reader: Reader, drill_id: str, area: Document) -> bool:
    """Whether the drill asks any facility that fits."""
    wanted = {**area, "drill": drill_id}
    return await reader.collection(PLACES).find_one(wanted, {"_id": 1}) is not None


async def ids_asking(reader: Reader, facility_id: str, most: int) -> list[str]:
    """The latest drills that ask the facility."""
    asked = reader.collection(PLACES).find({"facility_id": facility_id}, {"drill": 1})
    return [row["drill"] async for row in asked.sort("drill", DESCENDING).limit(most)]


async def running_asking(reader: Reader, facility_id: str, most: int = 100) -> list[Drill]:
    """Running drills that ask the facility, of the latest that did."""
    ids = await ids_asking(reader, facility_id, most)
    wanted = {"_id": {"$in": ids}, "state": str(State.RUNNING)}
    rows = reader.collection(DRILLS).find(wanted).sort("_id", DESCENDING)
    return [drill_of(row) async for row in rows]


async def acknowledge(tx: Tx, drill_id: str, facility_id: str, by: Official, at: datetime) -> bool:
    """False if the facility has said so before: the first word stands."""
    wanted = {"_id": f"{drill_id}/{facility_id}", "acknowledged_at": None}
    said = {"$set": {"acknowledged_at": at, "acknowledged_by": by.name}}
    result = await tx.collection(PLACES).update_one(wanted, said)
    return bool(result.modified_count)


async def note_told(tx: Tx, drill_id: str, facility_id: str, at: datetime) -> None:
    """A message reached the facility; the first counts."""
    wanted = {"_id": f"{drill_id}/{facility_id}", "told_at": None}
    await tx.collection(PLACES).update_one(wanted, {"$set": {"told_at": at}})


async def state(
    tx: Tx,
    drill_id: str,
    facility_id: str,
    said: Mapping[str, Statement],
    by: Official,
    at: datetime,
) -> None:
    """The facility's last word on each lot takes the place of what it said before."""
    writes = []
    for lot_id, one in said.items():
        told = {
            "drill": drill_id,
            "facility_id": facility_id,
            "lot_id": lot_id,
            "held": str(one.held),
            "sold": str(one.sold),
            "used": str(one.used),
            "sent": [{"to": to, "quantity": str(quantity)} for to, quantity in one.sent],
            "at": at,
            "by": by.name,
        }
        update = {"$set": told, "$setOnInsert": {"first_at": at}}
        writes.append(UpdateOne({"_id": _key(drill_id, facility_id, lot_id)}, update, upsert=True))
    await tx.collection(ROWS).bulk_write(writes, ordered=False)


async def said(
    reader: Reader, drill_id: str, pairs: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Said]:
    """What was stated, by facility and lot, of such pairs."""
    keys = [_key(drill_id, facility_id, lot_id) for facility_id, lot_id in pairs]
    found = [_said(row) for row in (await by_id(reader, ROWS, keys)).values()]
    return {(one.facility_id, one.lot_id): one for one in found}


async def stated(
    reader: Reader, drill_id: str, facilities: Sequence[str] | None = None
) -> Counter[str]:
    """How many lots each has stated; None: of all that the drill asks."""
    wanted: Document = {"drill": drill_id}
    if facilities is not None:
        wanted["facility_id"] = {"$in": list(facilities)}
    stages: list[Document] = [
        {"$match": wanted},
        {"$group": {"_id": "$facility_id", "n": {"$sum": 1}}},
    ]
    rows = await reader.collection(ROWS).aggregate(stages)
    return Counter({row["_id"]: row["n"] async for row in rows})


async def stated_by(reader: Reader, drill_id: str, facility_id: str) -> int:
    wanted = {"drill": drill_id, "facility_id": facility_id}
    return await reader.collection(ROWS).count_documents(wanted)


def _key(drill_id: str, facility_id: str, lot_id: str) -> str:
    return f"{drill_id}/{facility_id}/{lot_id}"


def _asked(row: Document) -> Asked:
    same = ("facility_id", "commune", "sector", "reachable", "acknowledged_at", "acknowledged_by")
    return Asked(
        lots=tuple(row.get("lots", ())),
        told_at=row.get("told_at"),
        name=row.get("name", ""),
        count=row.get("count", len(row.get("lots", ()))),
        **{name: row[name] for name in same},
    )


def _said(row: Document) -> Said:
    sent = tuple((one["to"], Decimal(one["quantity"])) for one in row["sent"])
    numbers = {name: Decimal(row[name]) for name in ("held", "sold", "used")}
    return Said(
        facility_id=row["facility_id"],
        lot_id=row["lot_id"],
        statement=Statement(**numbers, sent=sent),
        first_at=row["first_at"],
        at=row["at"],
        by=row["by"],
    )
