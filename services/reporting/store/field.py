"""What happens in the field: inspections and violations, codes that importing countries accept.

Read models that compare versions: late and repeated events fall away (R25, R35).
"""

from collections.abc import Sequence
from datetime import date, timedelta

from services.reporting.store.waiting import PAPERS, newest
from shared.auth import Principal, area_filter
from shared.contracts.registry import FacilityPublished, GrowingAreaPublished, InspectionRecorded
from shared.mongo import Database, Document, Tx

INSPECTIONS = "inspections"
MARKETS = "markets"


async def prepare(db: Database) -> None:
    await db.collection(INSPECTIONS).create_index([("commune", 1), ("sector", 1), ("on", 1)])
    await db.collection(MARKETS).create_index("ends")


async def note_inspections(tx: Tx, events: Sequence[InspectionRecorded]) -> None:
    for event in events:
        facts = {
            "facility_id": event.facility_id,
            "commune": event.commune,
            "sector": event.sector,
            "on": event.on.isoformat(),
            "result": event.result,
            "violations": event.violations,
            "open": event.open_violations,
            "deadline": event.deadline.isoformat() if event.deadline else None,
        }
        await newest(tx, INSPECTIONS, event.subject, event.version, facts)


async def note_markets(
    tx: Tx, events: Sequence[GrowingAreaPublished] | Sequence[FacilityPublished]
) -> None:
    """Until when importing countries accept the code of an area, or of a facility's plant."""
    for event in events:
        ends = [one.until.isoformat() for one in event.markets if one.until is not None]
        of = event.facility_id if isinstance(event, GrowingAreaPublished) else event.subject
        facts = {"facility_id": of, "ends": ends}
        await newest(tx, MARKETS, event.subject, event.version, facts)


async def inspections(db: Database, who: Principal, year: int, today: date) -> Document:
    """Of this year by result, `violations` found in them; and `open`, `overdue` of all years."""
    this_year = {"$eq": [{"$substrBytes": ["$on", 0, 4]}, f"{year:04}"]}
    late = {
        "$and": [
            {"$gt": ["$open", 0]},
            {"$gt": ["$deadline", None]},
            {"$lt": ["$deadline", today.isoformat()]},
        ]
    }
    pipeline: list[Document] = [
        {"$match": area_filter(who)},
        {
            "$group": {
                "_id": "$result",
                "number": {"$sum": {"$cond": [this_year, 1, 0]}},
                "violations": {"$sum": {"$cond": [this_year, "$violations", 0]}},
                "open": {"$sum": "$open"},
                "overdue": {"$sum": {"$cond": [late, 1, 0]}},
            }
        },
    ]
    found = [row async for row in await db.collection(INSPECTIONS).aggregate(pipeline)]
    return {
        "by_result": {row["_id"]: int(row["number"]) for row in found},
        **{name: sum(int(r[name]) for r in found) for name in ("violations", "open", "overdue")},
    }


async def market_ends(db: Database, who: Principal, today: date, days: int) -> tuple[int, int]:
    """How many acceptances of codes in sight have ended, and how many end within `days`."""
    due = {"ends": {"$lte": (today + timedelta(days=days)).isoformat()}}
    pipeline: list[Document] = [
        {"$match": due},
        {
            "$lookup": {
                "from": PAPERS,
                "localField": "facility_id",
                "foreignField": "_id",
                "as": "owner",
            }
        },
        {"$unwind": "$owner"},
        # Scope and standing are those of the facility that the area belongs to.
        {"$replaceRoot": {"newRoot": {"$mergeObjects": ["$owner", {"ends": "$ends"}]}}},
        {"$match": {"$and": [area_filter(who, facility="_id"), {"active": True}]}},
        {"$unwind": "$ends"},
        {"$match": due},
        {"$group": {"_id": {"$lt": ["$ends", today.isoformat()]}, "n": {"$sum": 1}}},
    ]
    found = {
        bool(row["_id"]): int(row["n"])
        async for row in await db.collection(MARKETS).aggregate(pipeline)
    }
    return found.get(True, 0), found.get(False, 0)
