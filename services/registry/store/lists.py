"""Lists of records: for consoles by scope and state, for the public only what is published."""

import re
from dataclasses import dataclass
from typing import Any

from services.registry.domain.records import Aggregate, State
from services.registry.domain.words import asked, fold
from services.registry.store.codec import COLLECTIONS, AnyRecord, from_document
from shared.auth import Principal, area_filter
from shared.mongo import Database, Document

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a list and how many there are in all."""

    records: list[AnyRecord]
    total: int


def in_scope(who: Principal) -> Document:
    """What the account may read, as a filter: never applied after the query."""
    return area_filter(
        who, facility="owner.facility_id", commune="owner.commune", sector="owner.sector"
    )


async def console_list(
    db: Database,
    aggregate: Aggregate,
    who: Principal,
    *,
    q: str = "",
    state: str = "",
    facility_id: str = "",
    wanted: Document | None = None,
    page: int = 1,
) -> Found:
    """Newest change first."""
    conditions: list[Document] = [in_scope(who), wanted or {}]
    if state:
        conditions.append({"state": state})
    if facility_id:
        conditions.append({"owner.facility_id": facility_id})
    if q:
        conditions.append(await _matching(db, aggregate, q))
    return await _page(db, aggregate, {"$and": conditions}, [("updated_at", -1)], page)


async def public_list(
    db: Database,
    aggregate: Aggregate,
    *,
    q: str = "",
    wanted: Document | None = None,
    page: int = 1,
    sort: list[tuple[str, int]] | None = None,
    size: int = PAGE_SIZE,
) -> Found:
    """Only what is published, in use, and of a facility in use; by name unless told otherwise."""
    query: Document = {
        "$and": [
            {"derived.listed": True, "owner.active": True},
            wanted or {},
            *_every_word(q, "derived.public_words"),
        ]
    }
    return await _page(db, aggregate, query, sort or [("derived.public_name", 1)], page, size)


async def count_public(db: Database, aggregate: Aggregate, wanted: Document | None = None) -> int:
    query = {"derived.listed": True, "owner.active": True, **(wanted or {})}
    return await db.collection(COLLECTIONS[aggregate]).count_documents(query)


def waiting_to_check(who: Principal) -> Document:
    """Submitted, and not by oneself."""
    return {"state": State.SUBMITTED.value, "editors.account_id": {"$ne": who.account_id}}


def waiting_to_publish(who: Principal) -> Document:
    """Checked, and not by oneself."""
    return {"state": State.CHECKED.value, "checked_by.account_id": {"$ne": who.account_id}}


def sent_back() -> Document:
    return {"state": State.DRAFT.value, "reason": {"$ne": ""}}


async def count(db: Database, aggregate: Aggregate, who: Principal, wanted: Document) -> int:
    query = {"$and": [in_scope(who), wanted]}
    return await db.collection(COLLECTIONS[aggregate]).count_documents(query)


async def choices(
    db: Database, aggregate: Aggregate, who: Principal, wanted: Document, limit: int = 500
) -> list[AnyRecord]:
    """What a form offers to choose from, by name."""
    found = await _page(
        db, aggregate, {"$and": [in_scope(who), wanted]}, [("derived.name", 1)], 1, limit
    )
    return found.records


async def _page(
    db: Database,
    aggregate: Aggregate,
    query: Document,
    sort: list[tuple[str, int]],
    page: int,
    size: int = PAGE_SIZE,
) -> Found:
    rows = db.collection(COLLECTIONS[aggregate])
    total = await rows.count_documents(query)
    cursor = rows.find(query).sort([*sort, ("_id", 1)]).skip((page - 1) * size).limit(size)
    return Found([from_document(aggregate, row) async for row in cursor], total)


async def _matching(db: Database, aggregate: Aggregate, q: str) -> Document:
    """Lots are looked for by their code and by the name of their product."""
    conditions = _every_word(q, "derived.words")
    if not conditions:
        return {"_id": None}
    if aggregate is not Aggregate.LOT:
        return {"$and": conditions}
    products = db.collection(COLLECTIONS[Aggregate.PRODUCT])
    named = [row["_id"] async for row in products.find({"$and": conditions}, {"_id": 1}).limit(200)]
    return {
        "$or": [
            {"$and": conditions},
            {"derived.codes": q.strip().upper()},
            {"published.product_id": {"$in": named}},
            {"draft.product_id": {"$in": named}},
        ]
    }


def _every_word(q: str, field: str) -> list[Document]:
    """Each word asked for must begin a word of the record or of its facility's name."""
    found = asked(q)
    if q.strip() and not found:
        # Nothing but signs was typed: nothing is named so.
        return [{"_id": None}]
    return [_begins(field, word) for word in found]


def _begins(field: str, word: str) -> Document:
    start: Any = re.compile(f"^{re.escape(fold(word))}")
    return {"$or": [{field: start}, {"owner.words": start}]}
