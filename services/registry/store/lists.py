"""Lists of records: for consoles by scope and state, for the public only what is published."""

import re
from typing import Any

from services.registry.domain.categories import groups
from services.registry.domain.records import Aggregate, State
from services.registry.domain.words import asked, fold, words
from services.registry.store.codec import COLLECTIONS, AnyRecord, from_document
from shared.auth import Principal, area_filter
from shared.mongo import Database, Document

PAGE_SIZE = 20
# So many of a list are counted and leafed through: whoever looks further narrows the search.
MOST = 10_000
MOST_FOUND = 1_000


def most_of(q: str) -> int:
    """How far a list is counted; a search has to look at every record it counts."""
    return MOST_FOUND if q.strip() else MOST


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
    size: int = PAGE_SIZE,
    oldest_first: bool = False,
    worst_first: bool = False,
    steady: bool = False,
) -> list[AnyRecord]:
    """What the account may read; newest change first, unless what waits longest is asked for,
    or what is least complete, or (`steady`) an order that no change moves anything in."""
    query = await _console(db, aggregate, who, q, state, facility_id, wanted)
    order = [("updated_at", 1 if oldest_first else -1)]
    if worst_first:
        order.insert(0, ("derived.quality", 1))
    if steady:
        order = []
    return await _rows(db, aggregate, query, order, page, size)


async def console_count(
    db: Database,
    aggregate: Aggregate,
    who: Principal,
    *,
    q: str = "",
    state: str = "",
    facility_id: str = "",
    wanted: Document | None = None,
    most: int = 0,
) -> int:
    """How many there are; with `most`, one more than that stands for any larger number."""
    query = await _console(db, aggregate, who, q, state, facility_id, wanted)
    return await _count(db, aggregate, query, most)


async def _console(
    db: Database,
    aggregate: Aggregate,
    who: Principal,
    q: str,
    state: str,
    facility_id: str,
    wanted: Document | None,
) -> Document:
    conditions: list[Document] = [in_scope(who), wanted or {}]
    if state:
        conditions.append({"state": state})
    if facility_id:
        conditions.append({"owner.facility_id": facility_id})
    if q:
        conditions.append(await _matching(db, aggregate, q))
    return _all(conditions)


async def same_tax_number(db: Database, who: Principal, record: AnyRecord) -> list[AnyRecord]:
    """Other facilities in the asker's scope on record with this facility's tax number."""
    number = record.content.tax_number
    if not number:
        return []
    named = {"$or": [{"published.tax_number": number}, {"draft.tax_number": number}]}
    query = {"$and": [in_scope(who), named, {"_id": {"$ne": record.id}}]}
    return await _rows(db, Aggregate.FACILITY, query, [("updated_at", -1)], 1, 10)


async def newest(
    db: Database, aggregate: Aggregate, wanted: Document, limit: int
) -> list[AnyRecord]:
    """Records of one that the reader may see: whoever asks has made sure of that."""
    return await _rows(db, aggregate, wanted, [("updated_at", -1)], 1, limit)


async def public_list(
    db: Database,
    aggregate: Aggregate,
    *,
    q: str = "",
    wanted: Document | None = None,
    page: int = 1,
    sort: list[tuple[str, int]] | None = None,
    size: int = PAGE_SIZE,
) -> list[AnyRecord]:
    """Only what is published, in use, and of a facility in use; by name unless told otherwise."""
    order = sort or [("derived.public_name", 1)]
    return await _rows(db, aggregate, public_filter(aggregate, q, wanted), order, page, size)


async def count_public(
    db: Database,
    aggregate: Aggregate,
    *,
    q: str = "",
    wanted: Document | None = None,
    most: int = 0,
) -> int:
    """How many there are; with `most`, one more than that stands for any larger number."""
    return await _count(db, aggregate, public_filter(aggregate, q, wanted), most)


async def count_by_category(db: Database) -> dict[str, int]:
    """How many public products each category has."""
    cursor = db.collection(COLLECTIONS[Aggregate.PRODUCT]).aggregate(
        [
            {"$match": public_filter(Aggregate.PRODUCT)},
            {"$group": {"_id": "$published.category", "number": {"$sum": 1}}},
        ]
    )
    return {row["_id"]: row["number"] async for row in cursor}


def public_filter(aggregate: Aggregate, q: str = "", wanted: Document | None = None) -> Document:
    """What the catalogue lists: every word of `q` must begin one of the record's, of its
    facility's name, or, of a product, one of the name of its category or group."""
    conditions = _every_word(q, "derived.public_words")
    if aggregate is Aggregate.PRODUCT:
        for condition, word in zip(conditions, asked(q), strict=False):
            condition["$or"] = [*condition.get("$or", ()), *_named_so(word)]
    listed: Document = {"derived.listed": True, "owner.active": True}
    return _all([listed, wanted or {}, *conditions])


def _named_so(word: str) -> list[Document]:
    """The categories with a word that begins so, if there are any."""
    keys = [
        one.key
        for group in groups().values()
        for one in group.categories
        if any(
            known.startswith(word)
            for known in words(one.name, one.name_en, group.name, group.name_en)
        )
    ]
    return [{"published.category": {"$in": keys}}] if keys else []


async def lots_by_code(db: Database, code: str, limit: int) -> list[AnyRecord]:
    """Public lots of exactly this code, whatever its case."""
    wanted = {"derived.codes": code.strip().upper(), "derived.listed": True, "owner.active": True}
    return await _rows(db, Aggregate.LOT, wanted, [("updated_at", -1)], 1, limit)


def waiting_to_check(who: Principal) -> Document:
    """Submitted, and not by oneself."""
    return {"state": State.SUBMITTED.value, "editors.account_id": {"$ne": who.account_id}}


def waiting_to_publish(who: Principal) -> Document:
    """Checked, and not by oneself."""
    return {"state": State.CHECKED.value, "checked_by.account_id": {"$ne": who.account_id}}


def sent_back() -> Document:
    """Drafts that were rejected and not submitted again."""
    return {"state": State.DRAFT.value, "reason": {"$ne": ""}}


def incomplete(below: int) -> Document:
    """Records whose quality score lies below a number."""
    return {"derived.quality": {"$lt": below}}


def unsent() -> Document:
    """Drafts that nobody has handed in yet."""
    return {"state": State.DRAFT.value, "reason": ""}


async def choices(
    db: Database, aggregate: Aggregate, who: Principal, wanted: Document, limit: int = 500
) -> list[AnyRecord]:
    """What a form offers to choose from, by name."""
    query = {"$and": [in_scope(who), wanted]}
    return await _rows(db, aggregate, query, [("derived.name", 1)], 1, limit)


async def _rows(
    db: Database,
    aggregate: Aggregate,
    query: Document,
    sort: list[tuple[str, int]],
    page: int,
    size: int,
) -> list[AnyRecord]:
    rows = db.collection(COLLECTIONS[aggregate])
    # The id goes the way of the key before it, so that an index is read from either end.
    order = [*sort, ("_id", sort[-1][1] if sort else 1)]
    cursor = rows.find(query).sort(order).skip((page - 1) * size).limit(size)
    return [from_document(aggregate, row) async for row in cursor]


async def _count(db: Database, aggregate: Aggregate, query: Document, most: int) -> int:
    rows = db.collection(COLLECTIONS[aggregate])
    if not query:
        return await rows.estimated_document_count()
    if not most:
        return await rows.count_documents(query)
    return await rows.count_documents(query, limit=most + 1)


def _all(conditions: list[Document]) -> Document:
    """All of them; an empty filter would hide from the server that it may go by an index."""
    held = [one for one in conditions if one]
    return {"$and": held} if held else {}


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
