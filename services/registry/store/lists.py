"""Lists of records: for consoles by scope and state, for the public only what is published.

Lists that are searched by words, counted and leafed through are asked of `store/search`; of the
kinds there, only what one facility has and what waits for somebody is read here.
"""

from collections.abc import Sequence

from services.registry.domain.records import Aggregate, State
from services.registry.store.codec import COLLECTIONS, AnyRecord, from_document
from shared.auth import Principal, area_filter
from shared.mongo import Database, Document

PAGE_SIZE = 20


def in_scope(who: Principal) -> Document:
    """What the account may read, as a filter: never applied after the query."""
    return area_filter(
        who, facility="owner.facility_id", commune="owner.commune", sector="owner.sector"
    )


def console_filter(
    who: Principal,
    *,
    state: str = "",
    facility_id: str = "",
    wanted: Document | None = None,
) -> Document:
    """What the account may read, narrowed."""
    conditions: list[Document] = [in_scope(who), wanted or {}]
    if state:
        conditions.append({"state": state})
    if facility_id:
        conditions.append({"owner.facility_id": facility_id})
    return all_of(conditions)


async def console_list(
    db: Database,
    aggregate: Aggregate,
    who: Principal,
    *,
    wanted: Document | None = None,
    page: int = 1,
    size: int = PAGE_SIZE,
    oldest_first: bool = False,
    steady: bool = False,
) -> list[AnyRecord]:
    """What the account may read; newest change first, unless what waits longest is asked for,
    or (`steady`) an order that no change moves anything in."""
    order = [] if steady else [("updated_at", 1 if oldest_first else -1)]
    return await rows(db, aggregate, console_filter(who, wanted=wanted), order, page, size)


async def console_count(
    db: Database, aggregate: Aggregate, who: Principal, *, wanted: Document | None = None
) -> int:
    return await count(db, aggregate, console_filter(who, wanted=wanted), 0)


async def in_order(
    db: Database, aggregate: Aggregate, ids: Sequence[str], allowed: Document
) -> list[AnyRecord]:
    """These records in this order, those that meet the filter."""
    cursor = db.collection(COLLECTIONS[aggregate]).find(all_of([{"_id": {"$in": ids}}, allowed]))
    found = {row["_id"]: from_document(aggregate, row) async for row in cursor}
    return [found[one] for one in ids if one in found]


async def newest(
    db: Database, aggregate: Aggregate, wanted: Document, limit: int
) -> list[AnyRecord]:
    """Records of one that the reader may see: whoever asks has made sure of that."""
    return await rows(db, aggregate, wanted, [("updated_at", -1)], 1, limit)


async def public_list(
    db: Database, aggregate: Aggregate, *, wanted: Document, size: int = PAGE_SIZE
) -> list[AnyRecord]:
    """Only what is published, in use, and of a facility in use; by name."""
    order = [("derived.public_name", 1)]
    return await rows(db, aggregate, all_of([public_filter(), wanted]), order, 1, size)


async def count_public_lots(db: Database) -> int:
    return await count(db, Aggregate.LOT, public_filter(), 0)


def public_filter() -> Document:
    """What the public may see at all."""
    return {"derived.listed": True, "owner.active": True}


async def lots_by_code(db: Database, code: str, limit: int) -> list[AnyRecord]:
    """Public lots of exactly this code, whatever its case."""
    wanted = {"derived.codes": code.strip().upper(), "derived.listed": True, "owner.active": True}
    return await rows(db, Aggregate.LOT, wanted, [("updated_at", -1)], 1, limit)


def waiting_to_check(who: Principal) -> Document:
    """Submitted, and not by oneself."""
    return {"state": State.SUBMITTED.value, "editors.account_id": {"$ne": who.account_id}}


def waiting_to_publish(who: Principal) -> Document:
    """Checked, and neither checked nor entered by oneself."""
    another = {"$ne": who.account_id}
    made = {"checked_by.account_id": another, "editors.account_id": another}
    return {"state": State.CHECKED.value, **made}


def sent_back() -> Document:
    """Drafts that were rejected and not submitted again."""
    return {"state": State.DRAFT.value, "reason": {"$ne": ""}}


def incomplete(below: int) -> Document:
    """Records whose quality score lies below a number."""
    return {"derived.quality": {"$lt": below}}


def unsent() -> Document:
    """Drafts that nobody has handed in yet."""
    return {"state": State.DRAFT.value, "reason": ""}


async def rows(
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


async def count(db: Database, aggregate: Aggregate, query: Document, most: int) -> int:
    rows = db.collection(COLLECTIONS[aggregate])
    if not query:
        return await rows.estimated_document_count()
    if not most:
        return await rows.count_documents(query)
    return await rows.count_documents(query, limit=most + 1)


def all_of(conditions: list[Document]) -> Document:
    """All of them; an empty filter would hide from the server that it may go by an index."""
    held = [one for one in conditions if one]
    return {"$and": held} if held else {}
