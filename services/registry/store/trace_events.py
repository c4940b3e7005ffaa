"""Every trace event as a row of its own, so that they are searched without reading the diaries.

Rows follow from diaries, transformations, shipments and what is done with goods where they are, and
are written with them; they are never read back into those.
"""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from pymongo import ReplaceOne

from services.registry.domain.communes import commune_name
from services.registry.domain.diary import Entry
from services.registry.domain.keeping import Keeping
from services.registry.domain.records import Aggregate, Owner, Record
from services.registry.domain.shipment import End, Shipment, Status
from services.registry.domain.transformation import Transformation
from services.registry.domain.words import asked, words
from services.registry.store.codec import COLLECTIONS
from shared.auth import Principal, area_filter
from shared.indexes import retire
from shared.mongo import Database, Document, Tx

TRACE: Final = "trace_events"
PAGE_SIZE = 25
# What moves goods, beside the steps of diaries and the kinds of transformations.
MOVES: Final = ("shipped", "received", "sale", "loss")


@dataclass(frozen=True, slots=True)
class TraceEvent:
    """One event as it is found: what was done, when, where, by whom, with which lots.

    `of` is the record that tells it: a lot, an area, a transformation, a shipment or a keeping
    (`source`).
    """

    id: str
    source: str
    of: str
    step: str
    kind: str
    at: datetime
    facility_id: str
    facility: str
    place: str
    code: str
    name: str
    quantity: str
    unit: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """`text`: whole words that the event, its lots or its facility must all have."""

    text: str = ""
    step: str = ""
    facility_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


_LATEST: Final = [("at", -1), ("_id", -1)]
# Words by commune: two that are common everywhere are rare together in one place. A search of the
# whole province goes through all communes of a word at once. The step stands at the end, so that
# the rows of other steps need not be read.
_BY_WORD: Final = [("words", 1), ("commune", 1), *_LATEST, ("step", 1)]
# What earlier versions made and nothing asks for any more.
_REPLACED: Final = "words_1_at_-1__id_-1"


async def prepare(db: Database) -> None:
    """Each way of narrowing has an index in the order of the list, so that no page is sorted."""
    rows = db.collection(TRACE)
    for narrowing in ([], ["facility_id"], ["commune"], ["step"], ["commune", "step"]):
        await rows.create_index([*((name, 1) for name in narrowing), *_LATEST])
    await rows.create_index(_BY_WORD)
    await rows.create_index("of")
    await retire(rows, _REPLACED)


async def follow_lot(tx: Tx, record: Record[Any]) -> None:
    """With the publication of a lot: the entries of its own diary."""
    lot = record.published
    if lot is None:
        return
    rows = [_entry_row("lot", record.id, entry, record.owner, lot.code) for entry in lot.entries]
    await _replace(tx, record.id, rows)


async def follow_area(tx: Tx, area: Record[Any], entry: Entry, *, gone: bool = False) -> None:
    """With one entry of a growing area's diary, written or taken out."""
    it = area.published or area.content
    row = _entry_row("area", area.id, entry, area.owner, it.code or area.code)
    if gone:
        await tx.collection(TRACE).delete_one({"_id": row["_id"]})
    else:
        await tx.collection(TRACE).replace_one({"_id": row["_id"]}, row, upsert=True)


async def follow_transformation(tx: Tx, one: Transformation, owner: Owner) -> None:
    """With an act on lots; a cancelled one did not happen."""
    if one.cancelled:
        await _replace(tx, one.id, [])
        return
    row = _row("transformation", one.id, "", one.kind.value, one.at, owner)
    codes = [made.code for made in one.made]
    quantity = sum((made.quantity for made in one.made), Decimal(0))
    sellers = [given.supplier for given in one.given if given.supplier]
    given = await _codes(tx, one.lots_given)
    row |= {"place": one.place, "code": ", ".join(codes)[:200], "name": one.method}
    row |= {"quantity": str(quantity), "unit": one.made[0].unit}
    row["words"] = words(*codes, *given, one.method, one.place, *sellers, *_whose(owner))
    await _replace(tx, one.id, [row])


async def follow_shipment(tx: Tx, shipment: Shipment) -> None:
    """With each step of a shipment: its departure, its arrival; a sale or a loss is one event."""
    codes = await _codes(tx, [line.lot_id for line in shipment.lines])
    to = shipment.receiver
    where = to.name if to is not None else shipment.country or shipment.buyer or shipment.reason
    rows = []
    for step, at, owner in _moves(shipment):
        row = _row("shipment", shipment.id, step, step, at, owner)
        row |= {"place": shipment.place, "code": ", ".join(codes)[:200], "name": where}
        row |= {"quantity": str(shipment.lines[0].quantity), "unit": shipment.lines[0].unit}
        told = (*codes, shipment.code, where, shipment.place, shipment.vehicle)
        row["words"] = words(*told, *_whose(owner))
        rows.append(row)
    await _replace(tx, shipment.id, rows)


async def follow_keeping(tx: Tx, one: Keeping, owner: Owner, lot: Record[Any]) -> None:
    """With what was done with goods where they are; what was struck did not happen."""
    if one.struck:
        await _replace(tx, one.id, [])
        return
    row = _row("keeping", one.id, "", one.work.value, one.at, owner)
    code = lot.shown.code
    row |= {"place": one.place, "code": code, "name": one.note[:200]}
    row |= {"quantity": str(one.quantity or ""), "unit": one.unit}
    row["words"] = words(code, one.place, one.note, *_whose(lot.owner), *_whose(owner))
    await _replace(tx, one.id, [row])


async def search(
    db: Database, who: Principal, wanted: Wanted, *, after: str = ""
) -> tuple[list[TraceEvent], str]:
    """A page of what the account may see, the latest first; and where the next one begins."""
    cursor = db.collection(TRACE).find(await query(db, who, wanted, after=after))
    cursor = cursor.sort(_LATEST).limit(PAGE_SIZE + 1)
    rows = await cursor.to_list(PAGE_SIZE + 1)
    more = len(rows) > PAGE_SIZE
    return [_event(row) for row in rows[:PAGE_SIZE]], _mark(rows[PAGE_SIZE - 1]) if more else ""


def _is_near(who: Principal, wanted: Wanted) -> bool:
    """Whether the search is narrowed to communes or to one facility already."""
    return bool(who.facility_id or wanted.facility_id) or "*" not in who.communes


async def query(db: Database, who: Principal, wanted: Wanted, *, after: str = "") -> Document:
    """The filter of a search; a page begins behind its mark, however far down the list."""
    found: list[Document] = [area_filter(who)]
    if wanted.text.strip():
        named = asked(wanted.text)
        found.append({"words": {"$all": list(named)}} if named else {"_id": None})
        if not _is_near(who, wanted):
            # The index by words parts them by commune: all are named, so that it gives them in
            # order.
            found.append({"commune": {"$in": await db.collection(TRACE).distinct("commune")}})
    if wanted.step:
        found.append({"step": wanted.step})
    if wanted.facility_id:
        found.append({"facility_id": wanted.facility_id})
    days = {"$gte": wanted.since, "$lt": wanted.until}
    if limits := {key: day for key, day in days.items() if day is not None}:
        found.append({"at": limits})
    begin = _begin(after)
    if begin is not None:
        at, row_id = begin
        # The first condition keeps the walk within the index; the second leaves out the equal.
        found.append({"at": {"$lte": at}})
        found.append({"$or": [{"at": {"$lt": at}}, {"_id": {"$lt": row_id}}]})
    return {"$and": found}


def _row(
    source: str, of: str, part: str, step: str, at: datetime, owner: Owner, kind: str = ""
) -> Document:
    return {
        "_id": f"{of}/{part}" if part else of,
        "source": source,
        "of": of,
        "step": step,
        "kind": kind,
        "at": at,
        "facility_id": owner.facility_id,
        "facility": owner.name,
        "commune": owner.commune,
        "sector": owner.sector,
    }


def _entry_row(source: str, of: str, entry: Entry, owner: Owner, code: str) -> Document:
    row = _row(source, of, entry.id, entry.step.value, entry.at, owner, entry.kind)
    name = entry.name or entry.material or entry.method or entry.destination or entry.source
    row |= {"place": entry.place, "code": code, "name": name}
    row |= {"quantity": str(entry.quantity or ""), "unit": entry.unit}
    told = (entry.name, entry.active_substance, entry.lot_number, entry.material, entry.method)
    where = (entry.source, entry.destination, entry.vehicle, entry.place, entry.place_code)
    row["words"] = words(code, *told, *where, *_whose(owner))
    return row


def _moves(shipment: Shipment) -> list[tuple[str, datetime, Owner]]:
    if shipment.status is Status.CANCELLED:
        return []
    if shipment.end in (End.SALE, End.LOSS):
        at = shipment.received_at or shipment.created_at
        return [(shipment.end.value, at, shipment.sender)]
    found = []
    if shipment.sent_at is not None:
        found.append(("shipped", shipment.sent_at, shipment.sender))
    if shipment.received_at is not None and shipment.receiver is not None:
        found.append(("received", shipment.received_at, shipment.receiver))
    return found


def _whose(owner: Owner) -> tuple[str, ...]:
    return owner.name, owner.code, commune_name(owner.commune)


async def _codes(tx: Tx, lots: Sequence[str]) -> list[str]:
    rows = tx.collection(COLLECTIONS[Aggregate.LOT]).find({"_id": {"$in": [*lots]}}, {"code": 1})
    return [row["code"] async for row in rows]


async def _replace(tx: Tx, of: str, rows: Iterable[Document]) -> None:
    """The rows of one record, and none that it no longer tells."""
    kept = list(rows)
    ids = [row["_id"] for row in kept]
    collection = tx.collection(TRACE)
    await collection.delete_many({"of": of, "_id": {"$nin": ids}})
    if kept:
        changes = [ReplaceOne({"_id": row["_id"]}, row, upsert=True) for row in kept]
        await collection.bulk_write(changes, ordered=False)


def _mark(row: Document) -> str:
    at: datetime = row["at"]
    text = f"{int(at.timestamp() * 1000)} {row['_id']}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _begin(mark: str) -> tuple[datetime, str] | None:
    """Where a page begins; a mark that is none begins at the top."""
    try:
        text = base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)).decode()
        milliseconds, _, row_id = text.partition(" ")
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC), row_id
    except (ValueError, binascii.Error, OverflowError, OSError):
        return None


def _event(row: Document) -> TraceEvent:
    fields = {name: row[name] for name in TraceEvent.__slots__ if name != "id"}
    return TraceEvent(id=row["_id"], **fields)
