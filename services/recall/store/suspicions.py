"""Suspicions, the links of reports to cases, and what others found of the goods meanwhile."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Final

from pymongo import ASCENDING, DESCENDING, UpdateOne

from services.recall.domain.complaint import Complaint, Step
from services.recall.domain.suspicion import State, Suspicion
from services.recall.domain.target import Target, TargetKind
from services.recall.domain.terms import OPEN
from services.recall.store.cases import CASES
from services.recall.store.newest import Reader, chunks, put_newest
from shared.auth import Principal, Scope, area_filter
from shared.contracts.registry import InspectionRecorded, LotTested
from shared.contracts.scan import SuspicionPublished
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

SUSPICIONS = "unsafe_suspicions"
LINKS = "case_complaints"
# From which suspicion's page a case was ordered.
MEANT = "case_suspicions"
INSPECTIONS, TESTS, COPIES = "inspections_heard", "tests_heard", "copies_heard"
# A dismissed suspicion, and the links of a case, after the end.
KEPT_AFTER_END: Final = timedelta(days=730)
SHOWN: Final = 50
_OF_STAMPS: Final = (TargetKind.BATCH, TargetKind.STAMPS)
PAGE_SIZE: Final = 25


async def prepare(db: Database) -> None:
    rows = db.collection(SUSPICIONS)
    await rows.create_index([("state", ASCENDING), ("opened_at", DESCENDING)])
    await rows.create_index([("facility_id", ASCENDING), ("opened_at", DESCENDING)])
    await rows.create_index([("complaints", ASCENDING)])
    await rows.create_index([("case_id", ASCENDING)])
    await rows.create_index([("target.kind", ASCENDING), ("target.id", ASCENDING)])
    await rows.create_index("kept_until", expireAfterSeconds=0)
    links = db.collection(LINKS)
    await links.create_index([("case_id", ASCENDING)])
    await links.create_index([("complaint_id", ASCENDING)])
    # Without that day a link stays: the case has not ended (ADR 40).
    await links.create_index("kept_until", expireAfterSeconds=0)
    await db.collection(MEANT).create_index("kept_until", expireAfterSeconds=0)
    await _let_go(db)
    await db.collection(INSPECTIONS).create_index([("facility_id", 1), ("on", -1)])
    await db.collection(TESTS).create_index([("lot_id", 1)])
    await db.collection(COPIES).create_index([("product_id", 1), ("day", -1)])


async def _let_go(db: Database) -> None:
    """What was linked at the very moment that its case ended had no last day until now."""
    links, without = db.collection(LINKS), {"kept_until": {"$exists": False}}
    for some in chunks(await links.distinct("case_id", without)):
        over = {"_id": {"$in": list(some)}, "state": {"$nin": [str(one) for one in OPEN]}}
        async for case in db.collection(CASES).find(over, {"changed_at": 1}):
            last = {"kept_until": case["changed_at"] + KEPT_AFTER_END}
            await links.update_many({"case_id": case["_id"], **without}, {"$set": last})


async def insert(tx: Tx, suspicion: Suspicion) -> None:
    await tx.collection(SUSPICIONS).insert_one(_document(suspicion))


async def get(reader: Reader, suspicion_id: str) -> Suspicion:
    row = await reader.collection(SUSPICIONS).find_one({"_id": suspicion_id})
    if row is None:
        raise NotFound()
    return _suspicion(row)


async def put(tx: Tx, before: Suspicion, after: Suspicion) -> None:
    """Raises EditConflict if somebody else acted meanwhile."""
    body = _document(after)
    if after.state is State.DISMISSED:
        body["kept_until"] = after.changed_at + KEPT_AFTER_END
    result = await tx.collection(SUSPICIONS).replace_one(
        {"_id": before.id, "version": before.version}, body
    )
    if not result.matched_count:
        raise EditConflict()


async def listed(
    db: Database, who: Principal, *, state: str, page: int
) -> tuple[list[Suspicion], int]:
    """One page of those in the asker's area, the newest first, and how many there are."""
    wanted: Document = area_filter(who)
    if state in set(State):
        wanted["state"] = state
    rows = db.collection(SUSPICIONS)
    found = rows.find(wanted).sort([("opened_at", -1), ("_id", 1)])
    cursor = found.skip((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    return [_suspicion(row) async for row in cursor], await rows.count_documents(wanted)


async def of_complaint(db: Database, complaint_id: str) -> list[Suspicion]:
    """Those that a report bears out, the newest first."""
    rows = db.collection(SUSPICIONS).find({"complaints": complaint_id}).sort("opened_at", -1)
    return [_suspicion(row) async for row in rows.limit(SHOWN)]


async def open_of_facility(db: Database, facility_id: str) -> list[Suspicion]:
    """Those that are not over, to which more reports may be added."""
    wanted = {"facility_id": facility_id, "state": {"$in": [State.OPEN, State.WANTED]}}
    rows = db.collection(SUSPICIONS).find(wanted).sort("opened_at", -1)
    return [_suspicion(row) async for row in rows.limit(SHOWN)]


async def aimed_at(tx: Tx, kind: str, target: str, before: datetime) -> list[Suspicion]:
    """Those that are not over, of these goods or of stamps of the same batch, opened before this
    moment."""
    kinds = [*_OF_STAMPS] if kind in _OF_STAMPS else [kind]
    wanted = {
        **{"target.kind": {"$in": kinds}, "target.id": target, "opened_at": {"$lte": before}},
        "state": {"$in": [State.OPEN, State.WANTED]},
    }
    return [_suspicion(row) async for row in tx.collection(SUSPICIONS).find(wanted)]


async def mean(tx: Tx, case_id: str, suspicion_id: str) -> None:
    """The case is ordered from the page of a suspicion, which need not be of the same target."""
    await tx.collection(MEANT).insert_one({"_id": case_id, "suspicion_id": suspicion_id})


async def meant_by(tx: Tx, case_id: str) -> Suspicion | None:
    row = await tx.collection(MEANT).find_one({"_id": case_id})
    if row is None:
        return None
    found = await tx.collection(SUSPICIONS).find_one({"_id": row["suspicion_id"]})
    return None if found is None else _suspicion(found)


async def of_case(reader: Reader, case_id: str) -> list[Suspicion]:
    """Those that led to the case."""
    rows = reader.collection(SUSPICIONS).find({"case_id": case_id, "state": State.ACTED})
    return [_suspicion(row) async for row in rows]


async def link(
    tx: Tx, case_id: str, found: Sequence[Complaint], *, by: str, ended_at: datetime | None
) -> None:
    """These reports belong to the case. What is kept of each for the case names nobody: neither
    words nor places nor pictures. A link that is there stays as it was made."""
    writes = []
    for one in found:
        body: Document = {
            **{"case_id": case_id, "complaint_id": one.id, "number": one.number},
            **{"kind": one.kind, "verdict": one.verdict, "batch": one.batch, "serial": one.serial},
            **{"facility_id": one.facility_id, "product_id": one.product_id},
            **{"lot_id": one.lot_id, "commune": one.commune, "filed_at": one.filed_at, "by": by},
        }
        if ended_at is not None:
            body["kept_until"] = ended_at + KEPT_AFTER_END
        key = {"_id": f"{case_id}/{one.id}"}
        writes.append(UpdateOne(key, {"$setOnInsert": body}, upsert=True))
    if writes:
        await tx.collection(LINKS).bulk_write(writes, ordered=False)


async def case_ended(tx: Tx, case_id: str, at: datetime) -> None:
    """From now on the links' time runs; a second end does not lengthen it."""
    kept: Document = {"$set": {"kept_until": at + KEPT_AFTER_END}}
    still: Document = {"kept_until": {"$exists": False}}
    await tx.collection(LINKS).update_many({"case_id": case_id, **still}, kept)
    await tx.collection(MEANT).update_one({"_id": case_id, **still}, kept)


async def links_of_case(reader: Reader, case_id: str) -> list[Document]:
    rows = reader.collection(LINKS).find({"case_id": case_id}).sort("filed_at", ASCENDING)
    return [row async for row in rows]


async def cases_of(reader: Reader, complaint_id: str) -> list[str]:
    rows = reader.collection(LINKS).find({"complaint_id": complaint_id}, {"case_id": 1})
    return [row["case_id"] async for row in rows]


async def note_inspections(tx: Tx, events: Sequence[InspectionRecorded]) -> None:
    rows = [
        {
            **{"_id": one.subject, "version": one.version, "facility_id": one.facility_id},
            **{"on": one.on.isoformat(), "result": one.result, "kind": one.kind},
            **{"violations": one.violations, "open_violations": one.open_violations},
        }
        for one in events
    ]
    await put_newest(tx, INSPECTIONS, rows)


async def note_tests(tx: Tx, events: Sequence[LotTested]) -> None:
    rows = [
        {
            **{"_id": one.subject, "version": one.version, "lot_id": one.lot_id, "at": one.time},
            **{"parameter": one.parameter, "laboratory": one.laboratory},
            **{"verdict": one.verdict, "decision": one.decision},
        }
        for one in events
    ]
    await put_newest(tx, TESTS, rows)


async def note_copies(tx: Tx, events: Sequence[SuspicionPublished]) -> None:
    rows = [
        {
            **{"_id": one.subject, "version": one.version, "product_id": one.product_id},
            **{"lot_id": one.lot_id, "state": one.state, "day": one.day},
        }
        for one in events
    ]
    await put_newest(tx, COPIES, rows)


async def inspections_since(db: Database, facility_id: str, day: date) -> list[Document]:
    wanted = {"facility_id": facility_id, "on": {"$gte": day.isoformat()}}
    rows = db.collection(INSPECTIONS).find(wanted).sort("on", DESCENDING)
    return [{**row, "on": date.fromisoformat(row["on"])} async for row in rows.limit(SHOWN)]


async def tests_of(db: Database, lot_id: str) -> list[Document]:
    rows = db.collection(TESTS).find({"lot_id": lot_id}).sort("at", DESCENDING)
    return [row async for row in rows.limit(SHOWN)] if lot_id else []


async def copies_of(db: Database, product_id: str) -> list[Document]:
    wanted = {"product_id": product_id, "state": {"$in": ["suspected", "confirmed"]}}
    rows = db.collection(COPIES).find(wanted).sort("day", DESCENDING)
    return [row async for row in rows.limit(SHOWN)] if product_id else []


def scope_of(suspicion: Suspicion) -> Scope:
    return Scope(suspicion.facility_id, suspicion.commune, suspicion.sector)


def _document(suspicion: Suspicion) -> Document:
    body = asdict(suspicion)
    body["_id"] = body.pop("id")
    body["until"] = suspicion.until.isoformat() if suspicion.until else None
    target = {"kind": suspicion.target.kind, "id": suspicion.target.id}
    body["target"] = {**target, "first": suspicion.target.first, "last": suspicion.target.last}
    return body


def _suspicion(row: Document) -> Suspicion:
    values = {key: value for key, value in row.items() if key not in ("_id", "kept_until")}
    target = values.pop("target")
    values["target"] = Target(
        TargetKind(target["kind"]), target["id"], target["first"], target["last"]
    )
    values["until"] = date.fromisoformat(row["until"]) if row["until"] else None
    values["complaints"] = tuple(row["complaints"])
    values["steps"] = tuple(Step(**step) for step in row["steps"])
    values["state"] = State(row["state"])
    return Suspicion(id=row["_id"], **values)


async def inspection(db: Database, inspection_id: str) -> Document:
    """One that registry told of; raises NotFound."""
    row = await db.collection(INSPECTIONS).find_one({"_id": inspection_id})
    if row is None:
        raise NotFound()
    return row
