"""Cases as the courier tells them: without the parts of their notices, which may be many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.recall.domain.case import Case
from services.recall.domain.terms import State
from services.recall.store.cases import CASES
from services.recall.store.deliveries import NAMED
from services.recall.store.documents import case_of
from services.recall.store.newest import Reader
from shared.mongo import Document

# Values of the fields of a place, of which each has to be one ({} = any place).
Area = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Running:
    """An ordered case as it concerns an area: the first facilities there and how many there are;
    `first`: commune and sector of the first."""

    id: str
    version: int
    ordered_at: datetime
    named: tuple[str, ...]
    total: int
    first: tuple[str, str]

    @property
    def key(self) -> tuple[datetime, str]:
        return self.ordered_at, self.id


async def find(reader: Reader, case_id: str) -> Case | None:
    row = await reader.collection(CASES).find_one({"_id": case_id})
    return case_of(row, []) if row is not None else None


async def running_at(
    reader: Reader, area: Area, *, after: tuple[datetime, str] | None, most: int
) -> list[Running]:
    """Ordered cases that touch the area, the latest first, from the one after `after` on. Of their
    places, which may be thousands, the server gives those few that are named."""
    wanted = _running(area)
    if after is not None:
        at, id_ = after
        wanted["$or"] = [{"ordered_at": {"$lt": at}}, {"ordered_at": at, "_id": {"$lt": id_}}]
    others = {"$ne": ["$$place.facility_id", "$owner.facility_id"]}
    inside = [{"$in": [f"$$place.{name}", list(values)]} for name, values in area.items()]
    all_ = {
        "$concatArrays": [
            ["$owner"],
            {"$filter": {"input": "$places", "as": "place", "cond": others}},
        ]
    }
    here = {"$and": [{"$ne": ["$$place.facility_id", ""]}, *inside]}
    pipeline: list[Document] = [
        {"$match": wanted},
        {"$sort": {"ordered_at": -1, "_id": -1}},
        {"$limit": most},
        {"$set": {"here": {"$filter": {"input": all_, "as": "place", "cond": here}}}},
        {
            "$project": {
                "version": 1,
                "ordered_at": 1,
                "named": {"$slice": ["$here", NAMED]},
                "total": {"$size": "$here"},
            }
        },
    ]
    return [_running_of(row) async for row in await reader.collection(CASES).aggregate(pipeline)]


async def running_number(reader: Reader, area: Area) -> int:
    return await reader.collection(CASES).count_documents(_running(area))


async def was_ordered_before(reader: Reader, case_id: str, at: datetime) -> bool:
    wanted = {"_id": case_id, "ordered_at": {"$lt": at}}
    return await reader.collection(CASES).find_one(wanted, {"_id": 1}) is not None


async def words(reader: Reader, case_id: str) -> Case | None:
    """The same without its places, which may be thousands: what a message says of it."""
    row = await reader.collection(CASES).find_one({"_id": case_id}, {"places": 0, "search": 0})
    return case_of({**row, "places": []}, []) if row is not None else None


def _running(area: Area) -> Document:
    wanted: Document = {"state": str(State.ORDERED)}
    if area:
        place = {name: {"$in": list(values)} for name, values in area.items()}
        wanted["places"] = {"$elemMatch": place}
    return wanted


def _running_of(row: Document) -> Running:
    places = row["named"]
    return Running(
        id=row["_id"],
        version=row["version"],
        ordered_at=row["ordered_at"],
        named=tuple(place["facility_id"] for place in places),
        total=row["total"],
        first=(places[0]["commune"], places[0]["sector"]) if places else ("", ""),
    )
