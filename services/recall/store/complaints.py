"""Reported problems as scan told them, with what officials made of each."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

from pymongo import DESCENDING, UpdateOne

from services.recall.domain.complaint import STATES, Complaint, Step, due, told_at
from services.recall.domain.joining import NEAR
from services.recall.domain.triage import DAYS, SIMILAR_DAYS, time_to_answer
from services.recall.store.newest import Reader, each
from shared.contracts.scan import VERDICTS, ComplaintFiled
from shared.days import local_day
from shared.errors import EditConflict, NotFound
from shared.ids import now
from shared.indexes import retire
from shared.mongo import Database, Document, Tx

COMPLAINTS = "complaints"
PAGE_SIZE = 25
# Of how many reports of about the same days the like ones are sought.
LOOKED_AT = 300
_UNSCANNED = "no stamp %Y-%m-%d"
_KINDS = ("looks_fake", "spoiled", "made_ill", "wrong_information", "other")
_TOLD = (
    *("batch", "serial", "facility_id", "product_id", "lot_id", "verdict", "kind"),
    *("words", "commune", "place", "photo", "has_phone"),
    *("filed_at", "private_until", "kept_until", "typed"),
    *("origin", "goods", "more_photos", "channel", "entered_by"),
)


_FIELDS = {field.name for field in fields(Complaint)} - {"id"}


async def prepare(db: Database) -> None:
    rows = db.collection(COMPLAINTS)
    await rows.create_index([("state", 1), ("filed_at", DESCENDING)])
    await rows.create_index([("facility_id", 1), ("filed_at", DESCENDING)])
    await rows.create_index([("group", 1)])
    await rows.create_index([("product_id", 1), ("filed_at", DESCENDING)])
    await retire(rows, "due_at_1")
    # What is to be answered first, of those that are open.
    await rows.create_index([("state", 1), ("due_at", 1), ("_id", 1)])
    # What is kept no longer goes by itself, here as at scan.
    await rows.create_index("kept_until", expireAfterSeconds=0)
    await _give_groups(db)


async def _give_groups(db: Database) -> None:
    """Reports from before there were groups: each is one by itself, with its day to answer."""
    for kind in _KINDS:
        for days in sorted(set(DAYS.values())):
            verdicts = [v for v in ("", *VERDICTS) if time_to_answer(kind, v).days == days]
            due_at = {"$dateAdd": {"startDate": "$filed_at", "unit": "day", "amount": days}}
            await db.collection(COMPLAINTS).update_many(
                {"group": {"$exists": False}, "kind": kind, "verdict": {"$in": verdicts}},
                [{"$set": {"group": "$_id", "due_at": due_at}}],
            )


async def note_filed(tx: Tx, events: Sequence[ComplaintFiled]) -> None:
    """A report never changes, so the first telling is kept; one told after its time is not."""
    at = now()
    writes = [
        UpdateOne(
            {"_id": event.subject},
            {
                "$setOnInsert": {
                    "number": event.reference,
                    **{name: getattr(event, name) for name in _TOLD},
                    **{"state": "new", "version": 0, "answer": "", "by_name": ""},
                    **{"authority": "", "changed_at": None, "group": event.subject},
                    "heard_on": event.heard_on.isoformat() if event.heard_on else "",
                    "due_at": due(
                        event.kind, event.verdict, told_at(event.filed_at, event.heard_on)
                    ),
                }
            },
            upsert=True,
        )
        for event in events
        if event.kept_until > at
    ]
    if writes:
        await tx.collection(COMPLAINTS).bulk_write(writes, ordered=False)


async def get(reader: Reader, complaint_id: str, at: datetime) -> Complaint:
    row = await reader.collection(COMPLAINTS).find_one({"_id": complaint_id})
    if row is None or row["kept_until"] <= at:
        raise NotFound()
    return _complaint(row)


async def put(tx: Tx, before: Complaint, after: Complaint) -> None:
    """Raises EditConflict if somebody else acted meanwhile."""
    body = asdict(after)
    result = await tx.collection(COMPLAINTS).update_one(
        {"_id": body.pop("id"), "version": before.version}, {"$set": body}
    )
    if not result.matched_count:
        raise EditConflict()


async def members(reader: Reader, label: str, at: datetime) -> list[Complaint]:
    """The reports of a group that are still kept, the first one first."""
    wanted = {"group": label, "kept_until": {"$gt": at}}
    rows = reader.collection(COMPLAINTS).find(wanted).sort([("filed_at", 1), ("_id", 1)])
    return [_complaint(row) async for row in rows]


async def of_groups(reader: Reader, labels: Iterable[str], at: datetime) -> list[Complaint]:
    """The reports of all these groups that are still kept."""
    found = each(reader, COMPLAINTS, labels, field="group", also={"kept_until": {"$gt": at}})
    return [_complaint(row) async for row in found]


async def some(reader: Reader, ids: Sequence[str], at: datetime) -> list[Complaint]:
    """Those of these reports that are still kept."""
    wanted = {"_id": {"$in": list(ids)}, "kept_until": {"$gt": at}}
    return [_complaint(row) async for row in reader.collection(COMPLAINTS).find(wanted)]


async def about_then(reader: Reader, one: Complaint, at: datetime) -> list[Complaint]:
    """Open reports of about the same days that could be joined to this one, the newest first."""
    wanted: Document = {
        "facility_id": one.facility_id,
        "state": {"$ne": "closed"},
        "group": {"$ne": one.group},
        "filed_at": {"$gte": one.filed_at - NEAR, "$lte": one.filed_at + NEAR},
        "kept_until": {"$gt": at},
    }
    if not one.facility_id:
        wanted["commune"] = one.commune
    rows = reader.collection(COMPLAINTS).find(wanted).sort("filed_at", DESCENDING)
    return [_complaint(row) async for row in rows.limit(LOOKED_AT)]


async def similar(db: Database, ones: Sequence[Complaint]) -> dict[str, int]:
    """By report, how many others are of the same product and kind within seven days of it, no spam:
    those of one event are one, and so are a day's reports without a stamp, whose goods anybody may
    name."""
    dated = [one for one in ones if one.product_id]
    if not dated:
        return {}
    span = timedelta(days=SIMILAR_DAYS)
    day = {"date": "$filed_at", "format": _UNSCANNED, "timezone": "Asia/Ho_Chi_Minh"}
    thing = {"$cond": [{"$eq": ["$origin", "no_stamp"]}, {"$dateToString": day}, "$group"]}
    pipeline: list[dict[str, Any]] = [
        {
            "$match": {
                "product_id": {"$in": sorted({one.product_id for one in dated})},
                "outcome": {"$ne": "spam"},
                "filed_at": {
                    "$gte": min(one.filed_at for one in dated) - span,
                    "$lte": max(one.filed_at for one in dated) + span,
                },
            }
        },
        {
            "$group": {
                "_id": {
                    **{"product": "$product_id", "kind": "$kind"},
                    "hour": {"$dateTrunc": {"date": "$filed_at", "unit": "hour"}},
                },
                "things": {"$addToSet": thing},
            }
        },
    ]
    rows = [row async for row in await db.collection(COMPLAINTS).aggregate(pipeline)]
    return {
        one.id: len(
            {
                thing
                for row in rows
                if (row["_id"]["product"], row["_id"]["kind"]) == (one.product_id, one.kind)
                and abs(row["_id"]["hour"] - one.filed_at) <= span
                for thing in row["things"]
            }
            - {_thing(one)}
        )
        for one in dated
    }


def _thing(one: Complaint) -> str:
    """As `similar` tells reports apart."""
    return f"{local_day(one.filed_at):{_UNSCANNED}}" if one.origin == "no_stamp" else one.group


async def sizes(db: Database, labels: Sequence[str]) -> dict[str, int]:
    """How many reports there are in each of these groups."""
    pipeline: list[dict[str, Any]] = [
        {"$match": {"group": {"$in": sorted(set(labels))}}},
        {"$group": {"_id": "$group", "n": {"$sum": 1}}},
    ]
    rows = await db.collection(COMPLAINTS).aggregate(pipeline)
    return {row["_id"]: int(row["n"]) async for row in rows}


async def listed(
    db: Database, wanted: Document, *, page: int, urgent: bool = False
) -> list[Complaint]:
    """One page, the newest first; or first what is to be answered first."""
    order = [("due_at", 1), ("_id", 1)] if urgent else [("filed_at", -1), ("_id", 1)]
    rows = db.collection(COMPLAINTS).find(wanted).sort(order)
    return [_complaint(row) async for row in rows.skip((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)]


async def every(db: Database, wanted: Document) -> AsyncIterator[Complaint]:
    """All of them, the newest first."""
    async for row in db.collection(COMPLAINTS).find(wanted).sort([("filed_at", -1), ("_id", 1)]):
        yield _complaint(row)


async def count(db: Database, wanted: Document) -> int:
    return await db.collection(COMPLAINTS).count_documents(wanted)


async def by_day(db: Database, wanted: Document, since: datetime) -> list[tuple[str, str, int]]:
    """(day in Vietnam, kind, how many) of those filed since then."""
    day = {"format": "%Y-%m-%d", "date": "$filed_at", "timezone": "Asia/Ho_Chi_Minh"}
    pipeline: list[dict[str, Any]] = [
        {"$match": {"$and": [wanted, {"filed_at": {"$gte": since}}]}},
        {"$group": {"_id": {"day": {"$dateToString": day}, "kind": "$kind"}, "n": {"$sum": 1}}},
    ]
    rows = await db.collection(COMPLAINTS).aggregate(pipeline)
    return [(row["_id"]["day"], row["_id"]["kind"], int(row["n"])) async for row in rows]


async def numbers(db: Database, own: Document) -> dict[str, int]:
    """How many there are in each state."""
    pipeline: list[dict[str, Any]] = [
        {"$match": own},
        {"$group": {"_id": "$state", "n": {"$sum": 1}}},
    ]
    rows = await db.collection(COMPLAINTS).aggregate(pipeline)
    found = {row["_id"]: int(row["n"]) async for row in rows}
    return {state: found.get(state, 0) for state in STATES}


def _complaint(row: Document) -> Complaint:
    values = {key: value for key, value in row.items() if key in _FIELDS}
    values["group"] = row.get("group") or row["_id"]
    values["more_photos"] = tuple(row.get("more_photos", ()))
    values["steps"] = tuple(Step(**step) for step in row.get("steps", ()))
    return Complaint(id=row["_id"], **values)


async def relabel(tx: Tx, complaint_id: str, label: str) -> None:
    """The group that it stays in goes by another label; nobody did anything with the report."""
    await tx.collection(COMPLAINTS).update_one({"_id": complaint_id}, {"$set": {"group": label}})
