"""Figures by area: what is counted for a facility, summed where that facility lies.

A facility's row (`facility_figures`) says where its figures are counted and how much; an area's
rows (`area_figures`) hold their sums by commune, sector, metric and key (a day, a label, "" for
all). So an area's figures are read from few rows, however many facilities lie there. What a
facility counts before it is published lies nowhere (`NOWHERE`), and moves with it as soon as its
place is told.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pymongo import ASCENDING, DESCENDING, UpdateOne

from shared.mongo import Database, Document, Tx

FIGURES: Final = "facility_figures"
AREAS: Final = "area_figures"
COUNTERS: Final = "counters"
NOWHERE: Final = ("", "")
# The largest by this are shown one by one.
ISSUED: Final = "stamps_issued"

Place = tuple[str, str]
# Metric and key.
Label = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Amount:
    """`n` more of a metric for a facility, "" where it is nobody's; `day` of what has one."""

    facility: str
    metric: str
    n: int
    day: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """Where a facility lies from now on; it itself was counted by the labels of `before`, and is by
    those of `after`."""

    facility: str
    place: Place
    before: Sequence[Label] = ()
    after: Sequence[Label] = ()


async def prepare(db: Database) -> None:
    by_area = [(name, ASCENDING) for name in ("metric", "key", "commune", "sector")]
    await db.collection(AREAS).create_index(by_area)
    largest = [(f"of.{ISSUED}", DESCENDING), ("_id", ASCENDING)]
    shown = {f"of.{ISSUED}": {"$gt": 0}}
    for within in ([], [("commune", ASCENDING)], [("sector", ASCENDING)]):
        await db.collection(FIGURES).create_index(
            [*within, *largest], partialFilterExpression=shown
        )
    await db.collection(COUNTERS).create_index(
        [("facility", ASCENDING), ("metric", ASCENDING), ("day", ASCENDING)],
        partialFilterExpression={"facility": {"$exists": True}},
    )


async def add(tx: Tx, amounts: Iterable[Amount]) -> None:
    """Count for facilities, and where they lie.

    The facility's own row is written each time, so that a move of the facility at the same moment
    conflicts, and one of both is done again.
    """
    counted = [one for one in amounts if one.n]
    if not counted:
        return
    places = await _places(tx, {one.facility for one in counted})
    of: dict[str, Counter[str]] = {}
    sums: Counter[tuple[Place, Label]] = Counter()
    for one in counted:
        of.setdefault(one.facility, Counter())[one.metric] += one.n
        place = places.get(one.facility, NOWHERE)
        for key in {"", one.day}:
            sums[place, (one.metric, key)] += one.n
    await tx.collection(FIGURES).bulk_write(
        [
            UpdateOne(
                {"_id": facility},
                {
                    "$inc": {f"of.{metric}": n for metric, n in more.items()},
                    "$setOnInsert": _where(NOWHERE),
                },
                upsert=True,
            )
            for facility, more in sorted(of.items())
        ]
    )
    await _sum(tx, sums)


async def move(tx: Tx, moves: Sequence[Move]) -> None:
    """The facilities lie there now, each with all that was ever counted for it."""
    left = await _places(tx, {one.facility for one in moves})
    gone = {m.facility: m.place for m in moves if left.get(m.facility) != m.place}
    sums: Counter[tuple[Place, Label]] = Counter()
    for one in moves:
        before = left.get(one.facility, NOWHERE)
        sums.subtract((before, label) for label in one.before)
        sums.update((one.place, label) for label in one.after)
    async for facility, label, n in _counted(tx, [one for one in gone if one in left]):
        sums[left[facility], label] -= n
        sums[gone[facility], label] += n
    if gone:
        await tx.collection(FIGURES).bulk_write(
            [
                UpdateOne({"_id": one}, {"$set": _where(gone[one])}, upsert=True)
                for one in sorted(gone)
            ]
        )
    await _sum(tx, sums)


async def _counted(tx: Tx, facilities: Sequence[str]) -> AsyncIterator[tuple[str, Label, int]]:
    """All that is counted for facilities where they lie: in all, and by day."""
    if not facilities:
        return
    async for row in tx.collection(FIGURES).find({"_id": {"$in": list(facilities)}}):
        for metric, n in row.get("of", {}).items():
            yield row["_id"], (metric, ""), int(n)
    one = {"f": "$facility", "m": "$metric", "d": "$day"}
    days = await tx.collection(COUNTERS).aggregate(
        [
            {"$match": {"facility": {"$in": list(facilities)}, "placed": {"$gt": 0}}},
            {"$group": {"_id": one, "n": {"$sum": "$placed"}}},
        ]
    )
    async for row in days:
        one = row["_id"]
        yield one["f"], (one["m"], one["d"]), int(row["n"])


def _where(place: Place) -> Document:
    return dict(zip(("commune", "sector"), place, strict=True))


async def _places(tx: Tx, facilities: Iterable[str]) -> dict[str, Place]:
    asked = {"_id": {"$in": sorted(facilities)}}
    rows = tx.collection(FIGURES).find(asked, {"commune": 1, "sector": 1})
    return {row["_id"]: (row["commune"], row["sector"]) async for row in rows}


async def _sum(tx: Tx, sums: Counter[tuple[Place, Label]]) -> None:
    writes = []
    for ((commune, sector), (metric, key)), n in sorted(sums.items()):
        if n:
            facts = {"commune": commune, "sector": sector, "metric": metric, "key": key}
            one = {"_id": "|".join([metric, key, commune, sector])}
            writes.append(UpdateOne(one, {"$inc": {"n": n}, "$setOnInsert": facts}, upsert=True))
    if writes:
        await tx.collection(AREAS).bulk_write(writes)


async def totals(db: Database, area: Document, metrics: Sequence[str]) -> dict[str, int]:
    """The sum of each metric over an area, a filter by commune and sector; {} is the province."""
    found = await _grouped(db, {"metric": {"$in": list(metrics)}, "key": "", **area}, "metric")
    return {metric: found.get(metric, 0) for metric in metrics}


async def by_day(db: Database, area: Document, metric: str, since: str) -> dict[str, int]:
    """A metric per day from `since` (ISO date), in an area."""
    return await _grouped(db, {"metric": metric, "key": {"$gte": since}, **area}, "key")


async def by_key(db: Database, area: Document, metric: str) -> list[tuple[str, int]]:
    """A metric by its labels in an area, the largest first."""
    return _ranked(await _grouped(db, {"metric": metric, "key": {"$ne": ""}, **area}, "key"))


async def by_sector(db: Database, area: Document, metric: str) -> list[tuple[str, int]]:
    return _ranked(await _grouped(db, {"metric": metric, "key": "", **area}, "sector"))


async def _grouped(db: Database, wanted: Document, by: str) -> dict[str, int]:
    cursor = await db.collection(AREAS).aggregate(
        [{"$match": wanted}, {"$group": {"_id": f"${by}", "n": {"$sum": "$n"}}}]
    )
    return {row["_id"]: int(row["n"]) async for row in cursor}


def _ranked(found: dict[str, int]) -> list[tuple[str, int]]:
    there = [(key, n) for key, n in found.items() if n]
    return sorted(there, key=lambda one: (-one[1], one[0]))


async def of_facility(db: Database, facility: str) -> dict[str, int]:
    """All that is counted for one facility, by metric."""
    row = await db.collection(FIGURES).find_one({"_id": facility}) or {}
    return {metric: int(n) for metric, n in row.get("of", {}).items()}


async def largest(db: Database, wanted: Document, limit: int) -> list[tuple[str, dict[str, int]]]:
    """Facilities with stamps and all that is counted for them, most issued first."""
    shown: Document = {f"of.{ISSUED}": {"$gt": 0}, **wanted}
    rows = db.collection(FIGURES).find(shown, {"of": 1})
    rows = rows.sort([(f"of.{ISSUED}", DESCENDING), ("_id", ASCENDING)]).limit(limit)
    return [(row["_id"], {m: int(n) for m, n in row["of"].items()}) async for row in rows]
