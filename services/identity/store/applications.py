"""Applications for accounts in MongoDB; decided ones are forgotten by themselves."""

from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from services.identity.domain.applications import (
    KEPT_AFTER_DECISION,
    Application,
    Filled,
    State,
    Submission,
    Wish,
)
from services.identity.domain.enclosed import Enclosed, Shows
from shared.auth import Principal, area_filter
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

APPLICATIONS = "applications"


async def prepare(db: Database) -> None:
    applications = db.collection(APPLICATIONS)
    # One open application for each facility's wish; decided ones have no `open_key`.
    await applications.create_index(
        "open_key",
        unique=True,
        partialFilterExpression={"open_key": {"$type": "string"}},
    )
    await applications.create_index("codes", unique=True)
    await applications.create_index([("state", ASCENDING), ("submitted_at", ASCENDING)])
    await applications.create_index(
        [("account_id", ASCENDING)], partialFilterExpression={"account_id": {"$gt": ""}}
    )
    await applications.create_index("forget_at", expireAfterSeconds=0)


async def get(source: Database | Tx, application_id: str) -> Application:
    """Raises NotFound."""
    return _found(await source.collection(APPLICATIONS).find_one({"_id": application_id}))


async def by_code(source: Database | Tx, code: bytes) -> Application:
    """The application that a tracking code's fingerprint belongs to; raises NotFound."""
    return _found(await source.collection(APPLICATIONS).find_one({"codes": code}))


async def of_account(source: Database | Tx, account_id: str) -> Application | None:
    """The application that this account was issued for last."""
    rows = source.collection(APPLICATIONS)
    document = await rows.find_one({"account_id": account_id}, sort=[("decided_at", DESCENDING)])
    return _application(document) if document else None


async def open_of(tx: Tx, key: str) -> Application | None:
    document = await tx.collection(APPLICATIONS).find_one({"open_key": key})
    return _application(document) if document else None


async def insert(tx: Tx, application: Application) -> None:
    """Raises EditConflict if the same facility's came at the same moment: sent again it joins."""
    try:
        await tx.collection(APPLICATIONS).insert_one(_document(application))
    except DuplicateKeyError as error:
        raise EditConflict() from error


async def put(tx: Tx, application: Application) -> None:
    """Replace the version before; raises EditConflict if somebody was quicker."""
    before = {"_id": application.id, "version": application.version - 1}
    result = await tx.collection(APPLICATIONS).replace_one(before, _document(application))
    if not result.matched_count:
        raise EditConflict()


async def forget(tx: Tx, application: Application) -> None:
    """Delete the version before; raises EditConflict if somebody was quicker."""
    before = {"_id": application.id, "version": application.version - 1}
    if not (await tx.collection(APPLICATIONS).delete_one(before)).deleted_count:
        raise EditConflict()


def in_scope(who: Principal, state: str = "") -> dict[str, Any]:
    """Those whose facility lies where the asker's unit answers for."""
    query: dict[str, Any] = area_filter(who, facility="facility_id")
    if state:
        query["state"] = state
    return query


async def count(db: Database, who: Principal, state: str = "") -> int:
    return await db.collection(APPLICATIONS).count_documents(in_scope(who, state))


async def page(
    db: Database, who: Principal, state: str, *, skip: int, limit: int
) -> list[Application]:
    """In scope, who waits longest first."""
    cursor = (
        db.collection(APPLICATIONS)
        .find(in_scope(who, state))
        .sort([("submitted_at", ASCENDING)])
        .skip(skip)
        .limit(limit)
    )
    return [_application(document) async for document in cursor]


def _found(document: Document | None) -> Application:
    if document is None:
        raise NotFound()
    return _application(document)


def _document(it: Application) -> Document:
    return {
        "_id": it.id,
        "version": it.version,
        "codes": [one.code for one in it.submissions],
        "submissions": [
            {"at": one.at, "code": one.code, "filled": _filled_document(one.filled)}
            for one in it.submissions
        ],
        "state": it.state.value,
        **({"open_key": it.first.key} if it.state.open else {}),
        "commune": it.first.commune,
        "sector": it.first.sector,
        "submitted_at": it.submitted_at,
        "answer": it.answer,
        "replies": [{"at": at, "text": text} for at, text in it.replies],
        "decided_at": it.decided_at,
        "decided_by": it.decided_by,
        "account_id": it.account_id,
        "collects": it.collects,
        "papers": [_paper_document(one) for one in it.papers],
        **({} if it.state.open else {"forget_at": _forget_at(it)}),
    }


def _forget_at(it: Application) -> datetime:
    return (it.decided_at or it.submitted_at) + KEPT_AFTER_DECISION


def _filled_document(filled: Filled) -> Document:
    return {
        **{name: getattr(filled, name) for name in Filled.__slots__},
        "wish": filled.wish.value,
        "kinds": list(filled.kinds),
    }


def _application(document: Document) -> Application:
    return Application(
        id=document["_id"],
        version=document["version"],
        submissions=tuple(
            Submission(one["at"], bytes(one["code"]), _filled(one["filled"]))
            for one in document["submissions"]
        ),
        state=State(document["state"]),
        answer=document["answer"],
        replies=tuple((one["at"], one["text"]) for one in document["replies"]),
        decided_at=document["decided_at"],
        decided_by=document["decided_by"],
        account_id=document["account_id"],
        # Applications kept before papers could be enclosed have none.
        papers=tuple(_paper(one) for one in document.get("papers", ())),
        collects=bytes(document.get("collects", b"")),
    )


def _paper_document(paper: Enclosed) -> Document:
    row = {name: getattr(paper, name) for name in Enclosed.__slots__}
    return {**row, "shows": paper.shows.value}


def _paper(row: Document) -> Enclosed:
    return Enclosed(**{**row, "shows": Shows(row["shows"]), "code": bytes(row["code"])})


def _filled(document: Document) -> Filled:
    wish, kinds = Wish(document["wish"]), tuple(document["kinds"])
    return Filled(**{**document, "wish": wish, "kinds": kinds})
