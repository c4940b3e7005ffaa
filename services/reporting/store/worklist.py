"""What waits for somebody: applications for accounts (R5), checks and approvals (R17), stamps that
the authority prints (R40)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from pymongo.errors import ExecutionTimeout

from services.reporting.store.newest import keep_newest
from shared.auth import Principal, area_filter
from shared.contracts.identity import ApplicationPublished
from shared.contracts.registry import ReviewsWaiting
from shared.contracts.stamps import StockWaiting
from shared.mongo import Database, Tx, Unasked

APPLICATIONS = "applications"
# As registry tells it by itself, some seconds after whatever was done.
REVIEWS: Final = Unasked("reviews_waiting")
# Who decides on what, by kind of record and the state it waits in.
DECIDES = {
    ("facility", "submitted"): "facility.check",
    ("facility", "checked"): "facility.publish",
    ("product", "submitted"): "product.check",
    ("product", "checked"): "product.publish",
    ("growing_area", "submitted"): "growing_area.publish",
    ("growing_area", "checked"): "growing_area.publish",
    ("lot", "submitted"): "lot.check",
}
WAITING = "waiting"
# The first page of everybody waits so long at most for what is counted of stamps.
MOST_MILLISECONDS: Final = 1_500
# What is summed for a facility, of each of its batches.
_OF_FACILITIES: Final = {"to_receive": "$to_receive", "to_answer": "$to_answer"}
STAMPS = "stamps_waiting"
_STAMPS_TOLD: Final = {
    "to_print",
    "to_hand_over",
    "to_receive",
    "to_receive_by",
    "to_answer",
    "to_answer_by",
}


async def prepare(db: Database) -> None:
    await db.collection(APPLICATIONS).create_index([("state", 1), ("submitted_at", 1)])
    await db.collection(REVIEWS).create_index([("commune", 1), ("sector", 1)])
    await db.collection(STAMPS).create_index([("open", 1), ("commune", 1)])
    await db.collection(STAMPS).create_index([("open", 1), ("facility_id", 1)])


async def note_application(tx: Tx, event: ApplicationPublished) -> None:
    facts = {
        "wish": event.wish,
        "commune": event.commune,
        "sector": event.sector,
        "state": event.state,
        "submitted_at": event.submitted_at,
    }
    await keep_newest(tx, APPLICATIONS, event.subject, event.version, facts)


async def waiting(db: Database, who: Principal) -> tuple[int, datetime | None]:
    """How many wait in the account's area, and since when the first of them does."""
    query: dict[str, Any] = {**area_filter(who), "state": WAITING}
    count = await db.collection(APPLICATIONS).count_documents(query)
    first = await db.collection(APPLICATIONS).find_one(query, sort=[("submitted_at", 1)])
    return count, first["submitted_at"] if first else None


async def submitted(db: Database, ids: Sequence[str]) -> dict[str, tuple[str, datetime]]:
    """By id of an application: what it asks for, and when it was sent."""
    rows = db.collection(APPLICATIONS).find({"_id": {"$in": list(ids)}})
    return {row["_id"]: (row["wish"], row["submitted_at"]) async for row in rows}


async def note_reviews(tx: Tx, event: ReviewsWaiting) -> None:
    facts = {
        "commune": event.commune,
        "sector": event.sector,
        "waiting": [one.model_dump() for one in event.waiting],
        "answers": event.answers,
    }
    await keep_newest(tx, REVIEWS, event.subject, event.version, facts)


async def reviews(db: Database, who: Principal) -> dict[str, int]:
    """How many records of the account's area wait for its check (`submitted`) and its approval
    (`checked`), without those it had a hand in itself; of a facility, what was sent back, and the
    receipts of its goods that wait for its word (`to_answer`)."""
    found = {"submitted": 0, "checked": 0, "sent_back": 0, "to_answer": 0}
    own = who.facility_id
    whose = [{f"waiting.facilities.{own}": {"$gt": 0}}, {f"answers.{own}": {"$gt": 0}}]
    async for row in db.collection(REVIEWS).find(
        area_filter(who) if own is None else {"$or": whose}
    ):
        if own is not None and who.may("lot.enter"):
            found["to_answer"] += row.get("answers", {}).get(own, 0)
        for one in row["waiting"]:
            if own is not None:
                enters = who.may(f"{one['aggregate']}.enter")
                found["sent_back"] += one["facilities"].get(own, 0) if enters else 0
            elif (right := DECIDES.get((one["aggregate"], one["state"]))) and who.may(right):
                found[one["state"]] += one["count"] - one["makers"].get(who.account_id, 0)
    return found


async def note_stamps(tx: Tx, event: StockWaiting) -> None:
    told = event.model_dump(include=_STAMPS_TOLD)
    facts = {
        **told,
        "facility_id": event.facility_id,
        "commune": event.commune,
        "sector": event.sector,
        "open": any(told.values()),
    }
    await keep_newest(tx, STAMPS, event.subject, event.version, facts)


async def stamps(
    db: Database, who: Principal, *, within: int = MOST_MILLISECONDS
) -> dict[str, int] | None:
    """Of stamps that the authority prints: how many batches of the account's area wait to be
    printed, how many lie in its unit's stock to be handed over; how many hand-overs wait for the
    account's facility or unit, to be received and to be answered. None where that is not counted
    within so many milliseconds."""
    found = {"to_print": 0, "to_hand_over": 0, "to_receive": 0, "to_answer": 0}
    own = who.facility_id
    hands = "stamps.hand_over" if own is None else "stamps.receive"
    rights = {name: "stamps.print_centrally" if name == "to_print" else hands for name in found}
    if not any(map(who.may, rights.values())):
        return found
    whose = area_filter(who) if own is None else {"facility_id": own}
    sums = _OF_FACILITIES if own is not None else _of_unit(who.unit_id)
    steps: list[dict[str, Any]] = [
        {"$match": {"open": True, **whose}},
        {"$group": {"_id": None, **{name: {"$sum": summed} for name, summed in sums.items()}}},
    ]
    try:
        rows = await db.collection(STAMPS).aggregate(steps, maxTimeMS=within)
        async for row in rows:
            found |= {name: row[name] for name in sums}
    except ExecutionTimeout:
        return None
    return {name: n * who.may(rights[name]) for name, n in found.items()}


def _of_unit(unit_id: str) -> dict[str, Any]:
    """What is summed for a unit of the authorities, of each batch."""

    def its(field: str) -> dict[str, Any]:
        there = {"$getField": {"field": {"$literal": unit_id}, "input": f"${field}"}}
        return {"$ifNull": [there, 0]}

    return {
        "to_print": _one_if("$to_print"),
        "to_hand_over": _one_if(its("to_hand_over")),
        "to_receive": its("to_receive_by"),
        "to_answer": its("to_answer_by"),
    }


def _one_if(number: object) -> dict[str, Any]:
    return {"$cond": [{"$gt": [number, 0]}, 1, 0]}
