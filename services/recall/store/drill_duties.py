"""Who must rehearse yearly, as registry and identity published them, and who last did when."""

from calendar import monthrange
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from pymongo import ASCENDING, ReplaceOne
from pymongo.errors import BulkWriteError

from services.recall.domain.drill_score import Duty
from services.recall.store.authorities import AUTHORITIES
from services.recall.store.newest import Reader, by_id, put_newest
from shared.auth import Principal, area_filter
from shared.contracts.registry import FacilityPublished
from shared.days import local_day, local_midnight
from shared.errors import EditConflict
from shared.mongo import Database, Document, Tx

DUTIES, DONE = "drill_duties", "drill_rehearsals"
PAGE_SIZE: Final = 25
STOPPED: Final = "stopped"
# The server's code of a key that is there already.
DUPLICATE: Final = 11000
_FROM: Final[Mapping[str, str]] = {"facility": DUTIES, "unit": AUTHORITIES}
_ORDER: Final[list[dict[str, Any]]] = [{"$sort": {"name": 1, "_id": 1}}]


@dataclass(frozen=True, slots=True)
class Bound:
    """Whom the duty binds: `kind` is facility or unit, `tier` a unit's, `class_` a facility's."""

    kind: str
    id: str
    name: str
    name_en: str
    commune: str
    class_: str
    tier: str
    at: datetime | None = None
    drill_id: str = ""


async def prepare(db: Database) -> None:
    await db.collection(DUTIES).create_index([("commune", ASCENDING), ("name", ASCENDING)])
    await db.collection(DONE).create_index([("at", ASCENDING)])


async def note_facilities(tx: Tx, events: Sequence[FacilityPublished]) -> None:
    documents: list[Document] = [
        {
            "_id": event.subject,
            "version": event.version,
            "name": event.name,
            "name_en": event.name_en,
            "commune": event.commune,
            "sector": event.sector,
            "class": event.facility_class,
            "status": event.status,
        }
        for event in events
    ]
    # A program that knew of no status kept it without: it is taken for older than the same told
    # again, for who has stopped publishes nothing more.
    bare: Document = {"_id": {"$in": [one.subject for one in events]}, "status": None}
    await tx.collection(DUTIES).update_many(bare, {"$set": {"version": 0}})
    await put_newest(tx, DUTIES, documents)


def fulfilled_until(at: datetime, duty: Duty) -> datetime:
    """The day of so many months later on which it is due again, as days are counted in Vietnam."""
    return local_midnight(_due_on(local_day(at), duty))


def since(at: datetime, duty: Duty) -> datetime:
    """Who rehearsed from then on has done the duty at this moment: the first day whose duty is due
    again after today."""
    today = local_day(at)
    months = today.year * 12 + today.month - 1 - duty.months
    # Some days before, as many as months differ by.
    first = today.replace(year=months // 12, month=months % 12 + 1, day=1)
    first += timedelta(days=max(0, today.day - 4))
    while _due_on(first, duty) <= today:
        first += timedelta(days=1)
    return local_midnight(first)


def _due_on(day: date, duty: Duty) -> date:
    """The same day of the month, or its last one where it is shorter."""
    years, month = divmod(day.month - 1 + duty.months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


async def fulfil(tx: Tx, kind: str, ids: Sequence[str], drill_id: str, at: datetime) -> None:
    """The latest of each counts, in whatever order they are told. Raises EditConflict where two
    drills that end at once keep the first of one."""
    keys = [f"{kind}/{id_}" for id_ in ids]
    known = await by_id(tx, DONE, keys)
    writes = [
        ReplaceOne(
            {"_id": key}, {"kind": kind, "of": id_, "at": at, "drill": drill_id}, upsert=True
        )
        for key, id_ in zip(keys, ids, strict=True)
        if key not in known or known[key]["at"] < at
    ]
    if not writes:
        return
    try:
        await tx.collection(DONE).bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        if any(one.get("code") != DUPLICATE for one in (error.details or {})["writeErrors"]):
            raise
        raise EditConflict() from error


async def last_of(reader: Reader, kind: str, id_: str) -> tuple[datetime, str] | None:
    """When one last rehearsed, and in which drill."""
    row = await reader.collection(DONE).find_one({"_id": f"{kind}/{id_}"})
    return (row["at"], row["drill"]) if row else None


async def is_bound(reader: Reader, facility_id: str, duty: Duty) -> bool:
    found = (await by_id(reader, DUTIES, [facility_id])).get(facility_id)
    return found is not None and duty.binds(found["class"], found["sector"])


@dataclass(frozen=True, slots=True)
class Wanted:
    """Those whom the duty binds, of one kind: all, those that rehearsed since a moment (`done`), or
    those that did not."""

    kind: str
    fields: Document
    after: datetime
    done: bool | None = None

    @property
    def stages(self) -> list[dict[str, Any]]:
        stages: list[dict[str, Any]] = [
            {"$match": self.fields},
            {"$set": {"key": {"$concat": [f"{self.kind}/", "$_id"]}}},
            {"$lookup": {"from": DONE, "localField": "key", "foreignField": "_id", "as": "last"}},
            {"$set": {"last": {"$first": "$last"}}},
        ]
        if self.done is not None:
            in_time = {"last.at": {"$gte": self.after}}
            stages.append({"$match": in_time if self.done else {"$nor": [in_time]}})
        return stages


def of_facilities(who: Principal, duty: Duty, commune: str = "", class_: str = "") -> Document:
    """Facilities of the asker's area that run."""
    parts: list[Document] = [area_filter(who), {"status": {"$ne": STOPPED}}]
    if duty.sectors:
        parts.append({"sector": {"$in": list(duty.sectors)}})
    if duty.classes:
        parts.append({"class": {"$in": list(duty.classes)}})
    if class_:
        parts.append({"class": class_})
    if commune:
        parts.append({"commune": commune})
    return {"$and": [one for one in parts if one]}


def of_units(who: Principal, duty: Duty) -> Document:
    """Units that answer for any of the asker's area."""
    wanted: Document = {"active": True, "tier": {"$in": list(duty.tiers)}}
    if "*" not in who.communes:
        wanted["communes"] = {"$in": [*who.communes]}
    if who.sector != "*":
        wanted["sector"] = {"$in": [who.sector, "*"]}
    return wanted


async def page(
    db: Database, wanted: Wanted, *, skip: int = 0, size: int = PAGE_SIZE
) -> tuple[list[Bound], int]:
    """By name, and how many there are."""
    part = [*_ORDER, {"$skip": skip}, {"$limit": size}]
    stages = [*wanted.stages, {"$facet": {"page": part, "total": [{"$count": "n"}]}}]
    rows = await db.collection(_FROM[wanted.kind]).aggregate(stages)
    [found] = [row async for row in rows]
    total = found["total"][0]["n"] if found["total"] else 0
    return [_bound(wanted.kind, row) for row in found["page"]], int(total)


async def every(db: Database, wanted: Wanted) -> AsyncIterator[Bound]:
    rows = await db.collection(_FROM[wanted.kind]).aggregate([*wanted.stages, *_ORDER])
    async for row in rows:
        yield _bound(wanted.kind, row)


def _bound(kind: str, row: Document) -> Bound:
    last = row.get("last")
    when = (last["at"], last["drill"]) if last else (None, "")
    if kind == "unit":
        return Bound("unit", row["_id"], row["name"], "", "", "", row["tier"], *when)
    own = (row["name"], row["name_en"], row["commune"], row["class"])
    return Bound("facility", row["_id"], *own, "", *when)
