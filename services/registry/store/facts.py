"""What registry remembers of others: names of units, and notices that touch its records."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.identity import UnitPublished
from shared.contracts.recall import NoticePublished, RecallClosed
from shared.mongo import Database, Document, Tx

UNITS = "units"
NOTICES = "notices"
CLOSINGS = "recalls_closed"


async def prepare(db: Database) -> None:
    notices = db.collection(NOTICES)
    for field in ("lots", "products", "facilities"):
        await notices.create_index(field)
    await notices.create_index([("active", 1), ("ordered_at", -1)])


async def note_unit(tx: Tx, event: UnitPublished) -> None:
    await _newest(tx, UNITS, event.subject, event.version, {"name": event.name, "tier": event.tier})


async def note_notice(tx: Tx, event: NoticePublished) -> None:
    await _newest(
        tx,
        NOTICES,
        event.subject,
        event.version,
        {
            "case_id": event.case_id,
            "kind": event.kind,
            "active": event.active,
            "title": event.title,
            "title_en": event.title_en,
            "title_zh": event.title_zh,
            "reason": event.reason,
            "reason_en": event.reason_en,
            "reason_zh": event.reason_zh,
            "ordered_at": event.ordered_at,
            "lots": list(event.lots),
            "products": list(event.products),
            "facilities": list(event.facilities),
        },
    )


async def note_closing(tx: Tx, event: RecallClosed) -> None:
    body = {
        "handling": event.handling,
        "recovered": event.recovered,
        "finding": event.finding,
        "at": event.time,
    }
    await _newest(tx, CLOSINGS, event.subject, event.version, body)


async def _newest(tx: Tx, collection: str, key: str, version: int, body: Document) -> None:
    """Keep the newest version: late and repeated events fall away."""
    rows = tx.collection(collection)
    known = await rows.find_one({"_id": key}, {"version": 1})
    if known is None:
        await rows.insert_one({"_id": key, "version": version, **body})
    elif known["version"] < version:
        await rows.replace_one({"_id": key}, {"version": version, **body})


async def unit_names(db: Database, ids: Iterable[str]) -> dict[str, str]:
    cursor = db.collection(UNITS).find({"_id": {"$in": list(set(ids))}}, {"name": 1})
    return {row["_id"]: row["name"] async for row in cursor}


@dataclass(frozen=True, slots=True)
class Notice:
    """An active recall, withdrawal or warning, as far as registry's pages tell of it."""

    case_id: str
    kind: str
    title: str
    title_en: str
    title_zh: str
    reason: str
    reason_en: str
    reason_zh: str
    ordered_at: datetime
    lots: frozenset[str]
    products: frozenset[str]
    facilities: frozenset[str]


@dataclass(frozen=True, slots=True)
class Closing:
    """How a case was closed: what became of its goods, and how much of them was recovered."""

    case_id: str
    handling: str
    recovered: str
    finding: str
    at: datetime


async def closings(db: Database, cases: Sequence[str]) -> list[Closing]:
    cursor = db.collection(CLOSINGS).find({"_id": {"$in": list(cases)}})
    return [
        Closing(row["_id"], row["handling"], row["recovered"], row["finding"], row["at"])
        async for row in cursor
    ]


async def notices(
    db: Database | Tx,
    *,
    lots: Iterable[str] = (),
    products: Iterable[str] = (),
    facilities: Iterable[str] = (),
) -> list[Notice]:
    """The active notices that name any of these, newest first."""
    named = [
        {field: {"$in": list(ids)}}
        for field, ids in (("lots", lots), ("products", products), ("facilities", facilities))
        if ids
    ]
    return await _notices(db, {"active": True, "$or": named}, 50) if named else []


async def latest_notices(db: Database, limit: int) -> list[Notice]:
    """The newest active notices, one a case."""
    found = await _notices(db, {"active": True}, limit * 5)
    return list({notice.case_id: notice for notice in reversed(found)}.values())[::-1][:limit]


async def _notices(db: Database | Tx, wanted: Document, limit: int) -> list[Notice]:
    cursor = db.collection(NOTICES).find(wanted).sort("ordered_at", -1).limit(limit)
    return [
        Notice(
            case_id=row["case_id"],
            kind=row["kind"],
            title=row["title"],
            title_en=row["title_en"],
            title_zh=row.get("title_zh", ""),  # Notices stored earlier lack these three.
            reason=row["reason"],
            reason_en=row.get("reason_en", ""),
            reason_zh=row.get("reason_zh", ""),
            ordered_at=row["ordered_at"],
            lots=frozenset(row["lots"]),
            products=frozenset(row["products"]),
            facilities=frozenset(row["facilities"]),
        )
        async for row in cursor
    ]
