"""What is reported of recalled goods, what it comes to by lot, and who was told of a case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from services.recall.domain.recovery import Fate, Row, Spot, Stated, Tally
from services.recall.domain.recovery_refusals import RowAlreadyCorrected, RowUnknown
from services.recall.domain.terms import Handling, Official
from services.recall.store.newest import Reader, each
from shared.errors import EditConflict
from shared.mongo import Database, Document, Tx, Unasked

ROWS, TALLIES = "recovery_rows", "recovery_tallies"
# Counts who had a turn, also what only looks because of something it heard; it tells nothing else.
GUARD: Final = Unasked("recovery_guard")
ACKNOWLEDGED = "acknowledgements"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """That a facility said it was told of a case: by whom, and when."""

    facility_id: str
    by: str
    at: datetime


async def prepare(db: Database) -> None:
    rows = db.collection(ROWS)
    await rows.create_index([("case", ASCENDING), ("_id", DESCENDING)])
    await rows.create_index([("case", ASCENDING), ("lot_id", ASCENDING)])
    # A row is corrected once, whoever does it at the same moment.
    await rows.create_index(
        "corrects", unique=True, partialFilterExpression={"corrects": {"$gt": ""}}
    )
    await db.collection(TALLIES).create_index([("case", ASCENDING)])
    await db.collection(ACKNOWLEDGED).create_index([("case", ASCENDING)])
    await db.collection(ACKNOWLEDGED).create_index([("facility_id", ASCENDING)])


async def hold(tx: Tx, case_id: str) -> int:
    """Reports of a case, and its closing, come one after another: none is left out of what the
    closing states. Returns how many had their turn before."""
    try:
        before = await tx.collection(GUARD).find_one_and_update(
            {"_id": case_id}, {"$inc": {"turns": 1}}, upsert=True
        )
    except DuplicateKeyError as error:
        raise EditConflict() from error
    return _turns(before)


async def look(tx: Tx, case_id: str) -> int:
    """As `hold`, by who only looks: what others added up before holds as well afterwards."""
    try:
        before = await tx.collection(GUARD).find_one_and_update(
            # Programs of before read the turns of every guard there is.
            {"_id": case_id},
            {"$inc": {"looks": 1, "turns": 0}},
            upsert=True,
        )
    except DuplicateKeyError as error:
        raise EditConflict() from error
    return _turns(before)


async def turns(reader: Reader, case_id: str) -> int:
    """How many had their turn: what is added up before a transaction holds in it while it is the
    same there."""
    return _turns(await reader.collection(GUARD).find_one({"_id": case_id}))


async def add(tx: Tx, row: Row) -> Row | None:
    """Keep a row; returns the one that it corrects. Raises RowUnknown, RowAlreadyCorrected."""
    before = None
    if row.stated.corrects:
        before = await get(tx, row.case_id, row.stated.corrects)
        if before.corrected_by:
            raise RowAlreadyCorrected()
        await tx.collection(ROWS).update_one({"_id": before.id}, {"$set": {"corrected_by": row.id}})
    await tx.collection(ROWS).insert_one(_document(row))
    return before


async def add_all(tx: Tx, rows: Sequence[Row]) -> None:
    """Keep rows that correct none."""
    if rows:
        await tx.collection(ROWS).insert_many([_document(row) for row in rows])


async def get(reader: Reader, case_id: str, row_id: str) -> Row:
    found = await reader.collection(ROWS).find_one({"_id": row_id, "case": case_id})
    if found is None:
        raise RowUnknown("corrects")
    return _row(found)


async def tallies_of(reader: Reader, case_id: str, lots: Iterable[str]) -> dict[str, Tally]:
    """By lot, those of these lots that anything was reported of."""
    keys = [f"{case_id}/{lot}" for lot in lots]
    return {row["lot_id"]: _tally(row) async for row in each(reader, TALLIES, keys)}


async def tally(reader: Reader, case_id: str, lot_id: str) -> Tally:
    found = await reader.collection(TALLIES).find_one({"_id": f"{case_id}/{lot_id}"})
    return _tally(found) if found else Tally(lot_id)


async def put_tally(tx: Tx, case_id: str, counted: Tally) -> None:
    kept = {
        "case": case_id,
        "lot_id": counted.lot_id,
        "unit": counted.unit,
        "sums": {key.replace(".", "/"): str(value) for key, value in counted.sums.items()},
    }
    key = f"{case_id}/{counted.lot_id}"
    await tx.collection(TALLIES).update_one({"_id": key}, {"$set": kept}, upsert=True)


async def tallies(reader: Reader, case_id: str) -> dict[str, Tally]:
    """By lot, those of a case that anything was reported of."""
    cursor = reader.collection(TALLIES).find({"case": case_id})
    return {row["lot_id"]: _tally(row) async for row in cursor}


async def reported(reader: Reader, case_id: str) -> set[str]:
    """The lots of a case that anything was reported of."""
    cursor = reader.collection(TALLIES).find({"case": case_id}, {"lot_id": 1})
    return {row["lot_id"] async for row in cursor}


async def page(
    db: Database, case_id: str, wanted: Document, *, skip: int, size: int
) -> tuple[list[Row], int]:
    """Rows of a case that fit, the newest first, corrected ones among them."""
    asked = {**wanted, "case": case_id}
    total = await db.collection(ROWS).count_documents(asked)
    cursor = db.collection(ROWS).find(asked).sort("_id", DESCENDING).skip(skip).limit(size)
    return [_row(row) async for row in cursor], total


async def is_any(reader: Reader, case_id: str, wanted: Document) -> bool:
    """Whether the case has a row that fits."""
    return await reader.collection(ROWS).find_one({**wanted, "case": case_id}) is not None


async def of_case(reader: Reader, case_id: str) -> list[Row]:
    """All rows, oldest first."""
    cursor = reader.collection(ROWS).find({"case": case_id}).sort("_id", ASCENDING)
    return [_row(row) async for row in cursor]


async def counting(
    reader: Reader, case_id: str, lots: Iterable[str], facility_id: str | None
) -> list[Row]:
    """Rows of these lots that count, as a facility told them, or, with None, officials."""
    wanted = {"case": case_id, "lot_id": {"$in": sorted(lots)}, "by_facility": facility_id}
    cursor = reader.collection(ROWS).find({**wanted, "corrected_by": ""})
    return [_row(row) async for row in cursor]


async def of_days(
    reader: Reader, case_id: str, lots: Iterable[str], days: Iterable[date]
) -> list[Row]:
    """Rows of these lots and days, whoever told them, corrected ones among them."""
    told_of = {"$in": sorted({day.isoformat() for day in days})}
    wanted = {"case": case_id, "lot_id": {"$in": sorted(lots)}, "day": told_of}
    return [_row(row) async for row in reader.collection(ROWS).find(wanted)]


async def by_ids(reader: Reader, ids: Iterable[str]) -> dict[str, Row]:
    cursor = reader.collection(ROWS).find({"_id": {"$in": sorted(set(ids))}})
    return {row["_id"]: _row(row) async for row in cursor}


async def acknowledge(tx: Tx, case_id: str, facility_id: str, who: Official, at: datetime) -> bool:
    """False if the facility has said so before: the first word stands."""
    key = f"{case_id}/{facility_id}"
    if await tx.collection(ACKNOWLEDGED).find_one({"_id": key}):
        return False
    kept = {"_id": key, "case": case_id, "facility_id": facility_id, "at": at}
    by = {"account_id": who.account_id, "name": who.name}
    try:
        await tx.collection(ACKNOWLEDGED).insert_one({**kept, **by})
    except DuplicateKeyError as error:
        raise EditConflict() from error
    return True


async def acknowledged(reader: Reader, case_id: str) -> dict[str, Acknowledged]:
    """By facility."""
    cursor = reader.collection(ACKNOWLEDGED).find({"case": case_id})
    return {
        row["facility_id"]: Acknowledged(row["facility_id"], row["name"], row["at"])
        async for row in cursor
    }


async def acknowledged_by(db: Database, facility_id: str, cases: Iterable[str]) -> set[str]:
    """Which of these cases the facility has acknowledged."""
    wanted = {"facility_id": facility_id, "case": {"$in": sorted(set(cases))}}
    return {row["case"] async for row in db.collection(ACKNOWLEDGED).find(wanted, {"case": 1})}


def _turns(guard: Document | None) -> int:
    # Who only looked took none.
    return int(guard.get("turns", 0)) if guard else 0


def _document(row: Row) -> Document:
    stated = row.stated
    return {
        "_id": row.id,
        "case": row.case_id,
        "lot_id": stated.lot_id,
        "fate": str(stated.fate),
        "handling": str(stated.handling) if stated.handling else "",
        "quantity": str(stated.quantity),
        "unit": stated.unit,
        "amount": str(row.amount),
        "amount_unit": row.unit,
        "day": stated.day.isoformat(),
        "facility_id": stated.spot.facility_id,
        "commune": stated.spot.commune,
        "where": stated.spot.words,
        "words": stated.words,
        "corrects": stated.corrects,
        "reason": stated.reason,
        "evidence": list(row.evidence),
        "corrected_by": row.corrected_by,
        "account_id": row.by.account_id,
        "name": row.by.name,
        "by_facility": row.by.facility_id,
        "at": row.at,
    }


def _row(document: Document) -> Row:
    return Row(
        id=document["_id"],
        case_id=document["case"],
        stated=Stated(
            lot_id=document["lot_id"],
            fate=Fate(document["fate"]),
            quantity=Decimal(document["quantity"]),
            unit=document["unit"],
            day=date.fromisoformat(document["day"]),
            spot=Spot(document["facility_id"], document["commune"], document["where"]),
            handling=Handling(document["handling"]) if document["handling"] else None,
            words=document["words"],
            corrects=document["corrects"],
            reason=document["reason"],
        ),
        amount=Decimal(document["amount"]),
        by=Official(document["account_id"], document["name"], document["by_facility"]),
        at=document["at"],
        evidence=tuple(document["evidence"]),
        corrected_by=document["corrected_by"],
        unit=document.get("amount_unit", ""),
    )


def _tally(document: Document) -> Tally:
    sums = {key.replace("/", "."): Decimal(value) for key, value in document["sums"].items()}
    return Tally(document["lot_id"], sums, document.get("unit", ""))
