"""What owners of recalled goods asked of the authorities, and how they were answered."""

from dataclasses import dataclass
from datetime import datetime

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from services.recall.domain.owner_request import About, Answer, OwnerRequest
from services.recall.domain.recovery_refusals import RequestUnknown
from services.recall.domain.terms import Handling
from services.recall.store.documents import official_document, official_of
from services.recall.store.newest import Reader
from shared.errors import EditConflict
from shared.mongo import Database, Document, Tx

REQUESTS = "owner_requests"
BEFORE = "closings_asked"


@dataclass(frozen=True, slots=True)
class ReportOfBefore:
    case_id: str
    account_id: str
    name: str
    at: datetime
    words: str


async def prepare(db: Database) -> None:
    # One of a kind has a number of its own, however many ask at once.
    await db.collection(REQUESTS).create_index(
        [("case", ASCENDING), ("about", ASCENDING), ("number", ASCENDING)], unique=True
    )


async def add(tx: Tx, one: OwnerRequest) -> None:
    """Raises EditConflict where another came first."""
    try:
        await tx.collection(REQUESTS).insert_one(_document(one))
    except DuplicateKeyError as error:
        raise EditConflict() from error


async def put(tx: Tx, one: OwnerRequest) -> None:
    """Keep the answer; raises EditConflict where another answered meanwhile."""
    wanted = {"_id": one.id, "state": str(Answer.WAITING)}
    result = await tx.collection(REQUESTS).replace_one(wanted, _document(one))
    if not result.matched_count:
        raise EditConflict()


async def get(reader: Reader, case_id: str, id_: str) -> OwnerRequest:
    found = await reader.collection(REQUESTS).find_one({"_id": id_, "case": case_id})
    if found is None:
        raise RequestUnknown()
    return _request(found)


async def of_case(reader: Reader, case_id: str, about: About | None = None) -> list[OwnerRequest]:
    """Oldest first."""
    wanted = {"case": case_id, **({"about": str(about)} if about else {})}
    # Ids are made before they wait for their turn, and by the clocks of several processes.
    by = "number" if about else "_id"
    cursor = reader.collection(REQUESTS).find(wanted).sort(by, ASCENDING)
    return [_request(row) async for row in cursor]


async def of_before(reader: Reader, limit: int, *, after: str = "") -> list[ReportOfBefore]:
    """Reports from before the authority could answer them, by case, from the one after this on."""
    rows = reader.collection(BEFORE).find({"_id": {"$gt": after}}).sort("_id", ASCENDING)
    return [
        ReportOfBefore(row["_id"], row["account_id"], row["name"], row["at"], row["words"])
        async for row in rows.limit(limit)
    ]


async def drop_of_before(tx: Tx, case_id: str) -> None:
    await tx.collection(BEFORE).delete_one({"_id": case_id})


def _document(one: OwnerRequest) -> Document:
    return {
        "_id": one.id,
        "case": one.case_id,
        "about": str(one.about),
        "number": one.number,
        "words": one.words,
        "by": official_document(one.by),
        "at": one.at,
        "handling": str(one.handling) if one.handling else "",
        "state": str(one.state),
        "answer": one.answer,
        "answered_by": official_document(one.answered_by) if one.answered_by else None,
        "answered_at": one.answered_at,
    }


def _request(row: Document) -> OwnerRequest:
    return OwnerRequest(
        id=row["_id"],
        case_id=row["case"],
        about=About(row["about"]),
        number=row["number"],
        words=row["words"],
        by=official_of(row["by"]),
        at=row["at"],
        handling=Handling(row["handling"]) if row["handling"] else None,
        state=Answer(row["state"]),
        answer=row["answer"],
        answered_by=official_of(row["answered_by"]) if row["answered_by"] else None,
        answered_at=row["answered_at"],
    )
