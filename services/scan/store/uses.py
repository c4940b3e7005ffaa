"""What became of stamps and goods: when serials were activated or reported as sold, and where goods
of a lot were sent to."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final, NamedTuple

from services.scan.domain.aggregates import AREAS, FACILITIES, LOTS
from services.scan.domain.copies import Circumstances
from services.scan.domain.tally import Belongs, Stamp
from services.scan.store import unreadable
from shared.contracts.registry import ShipmentPublished
from shared.contracts.stamps import IntervalsChanged
from shared.mongo import Database, Document, Tx

USES, SENT = "stamp_uses", "lots_sent"
# Stamps asked about at once; facilities that goods of one lot went to.
PART, MOST_SENT = 100, 200
ACTIVATED, SOLD, UNSOLD = "activate", "sold", "unsold"


async def prepare(db: Database) -> None:
    await db.collection(USES).create_index([("batch", 1), ("change", 1), ("first", 1)])
    await db.collection(SENT).create_index("lots")


async def note_change(tx: Tx, event: IntervalsChanged) -> None:
    """Keep when serials were activated or sold; a repeat changes nothing. A sale that was taken
    back is forgotten, also where that is heard of before the sale."""
    if event.change not in (ACTIVATED, SOLD, UNSOLD):
        return
    kept = {
        "batch": event.batch,
        "first": event.first,
        "last": event.last,
        "change": event.change,
        "at": event.time,
    }
    if event.change == UNSOLD:
        taken_back = f"{event.subject}/{event.undoes}"
        await tx.collection(USES).update_one({"_id": taken_back}, {"$set": kept}, upsert=True)
        return
    key = f"{event.subject}/{event.version}"
    await tx.collection(USES).update_one({"_id": key}, {"$setOnInsert": kept}, upsert=True)


async def note_shipment(tx: Tx, event: ShipmentPublished) -> None:
    """Keep to whom which lots went, in the newest version told."""
    sent = tx.collection(SENT)
    before = await sent.find_one({"_id": event.subject}, {"version": 1})
    if before is not None and before["version"] >= event.version:
        return
    on_the_way = event.status in ("in_transit", "handed_over", "received")
    kept = {
        "version": event.version,
        "to": event.to_facility_id if on_the_way else "",
        "lots": [one.lot_id for one in event.lots] if on_the_way else [],
    }
    await sent.update_one({"_id": event.subject}, {"$set": kept}, upsert=True)


class _Lot(NamedTuple):
    """What a lot tells of the places that its goods may well be read in, and until when."""

    facility_id: str
    growing_area_id: str
    expires_on: date | None


async def circumstances(tx: Tx, whose: Mapping[Stamp, Belongs]) -> dict[Stamp, Circumstances]:
    """What is known of stamps beside their scans; every lot, facility and area is read once.

    Of a stamp about which something is kept that cannot be read, nothing is said: with half of
    what is known it might be condemned.
    """
    lots = await _lots(tx, {lot for _, _, lot in whose.values()})
    known = {key: lot for key, lot in lots.items() if lot is not None}
    sent = {key: await _sent_to(tx, key) for key in known}
    facilities = {facility for facility, _, _ in whose.values()}
    facilities |= {lot.facility_id for lot in known.values()}
    facilities |= {facility for to in sent.values() if to is not None for facility in to}
    communes = await _communes(tx, FACILITIES, facilities)
    areas = await _communes(tx, AREAS, {lot.growing_area_id for lot in known.values()})
    times = await _times(tx, whose)
    found = {}
    for stamp, (facility_id, _, lot_id) in whose.items():
        homes: set[str | None] = {communes.get(facility_id, "")}
        lot = lots.get(lot_id, _NO_LOT)
        if lot is not None and lot is not _NO_LOT:
            homes |= {communes.get(lot.facility_id, ""), areas.get(lot.growing_area_id, "")}
            to = sent[lot_id]
            homes |= {None} if to is None else {communes.get(facility, "") for facility in to}
        last = times.get(stamp, {})
        if lot is None or last is None or None in homes:
            continue
        found[stamp] = Circumstances(
            homes=frozenset(home for home in homes if home),
            expires_on=lot.expires_on,
            activated_at=last.get(ACTIVATED),
            sold_at=last.get(SOLD),
        )
    return found


_NO_LOT = _Lot("", "", None)


# Of what was told, its kind ("missing" where nothing was) and single fields: the whole is larger
# than what is needed of it.
_KIND: Final = {"kind": {"$type": "$published"}}
_LOT_FIELDS: Final = ("facility_id", "growing_area_id", "expires_on")


async def _lots(tx: Tx, lots: set[str]) -> dict[str, _Lot | None]:
    """The lots that were told; None for one that cannot be read."""
    fields = {name: f"$published.{name}" for name in _LOT_FIELDS}
    rows = tx.collection(LOTS).find({"_id": {"$in": sorted(lots - {""})}}, _KIND | fields)
    return {
        row["_id"]: unreadable.read(LOTS, row, _lot)
        async for row in rows
        if row["kind"] != "missing"
    }


def _lot(row: Document) -> _Lot:
    until = row.get("expires_on")
    return _Lot(
        _text(row["facility_id"]),
        # A lot of a factory has no growing area.
        _text(row.get("growing_area_id") or ""),
        None if until is None else date.fromisoformat(until),
    )


async def _sent_to(tx: Tx, lot: str) -> set[str] | None:
    """The facilities that goods of a lot went to; None where one of them cannot be read."""
    rows = tx.collection(SENT).find({"lots": lot}, {"to": 1}).limit(MOST_SENT)
    found = [unreadable.read(SENT, row, _to) async for row in rows]
    known = {to for to in found if to is not None}
    return known if len(known) == len(set(found)) else None


def _to(row: Document) -> str:
    return _text(row["to"])


async def _communes(tx: Tx, collection: str, ids: set[str]) -> dict[str, str | None]:
    """In which commune each of these lies, None where that cannot be read; what was not told is
    left out."""
    wanted = {"_id": {"$in": sorted(ids - {""})}}
    rows = tx.collection(collection).find(wanted, _KIND | {"commune": "$published.commune"})
    return {
        row["_id"]: unreadable.read(collection, row, _commune)
        async for row in rows
        if row["kind"] != "missing"
    }


def _commune(row: Document) -> str:
    return _text(row["commune"])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} is no text")
    return value


class _Use(NamedTuple):
    """Serials of a batch were activated or sold then."""

    batch: int
    first: int
    last: int
    change: str
    at: datetime


async def _times(tx: Tx, stamps: Iterable[Stamp]) -> dict[Stamp, dict[str, datetime] | None]:
    """When each stamp was last activated or sold, by change; None where that cannot be read, which
    is then believed of none of the batch."""
    last: dict[Stamp, dict[str, datetime] | None] = {}
    ordered = sorted(stamps)
    for start in range(0, len(ordered), PART):
        part = ordered[start : start + PART]
        either = [
            {"batch": batch, "change": change, "first": {"$lte": serial}, "last": {"$gte": serial}}
            for batch, serial in part
            for change in (ACTIVATED, SOLD)
        ]
        async for row in tx.collection(USES).find({"$or": either}):
            use = unreadable.read(USES, row, _use)
            for stamp in part:
                if use is None:
                    if stamp[0] == row.get("batch"):
                        last[stamp] = None
                elif stamp[0] == use.batch and use.first <= stamp[1] <= use.last:
                    before = last.get(stamp, {})
                    if before is not None:
                        newest = max(before.get(use.change, use.at), use.at)
                        last[stamp] = {**before, use.change: newest}
    return last


def _use(row: Document) -> _Use:
    batch, first, last, at = row["batch"], row["first"], row["last"], row["at"]
    if not (type(batch) is type(first) is type(last) is int and isinstance(at, datetime)):
        raise TypeError("no serials, or no time")
    return _Use(batch, first, last, _text(row["change"]), at)
