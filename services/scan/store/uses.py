"""What became of stamps and goods: when serials were activated or reported as sold, and where goods
of a lot were sent to."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from services.scan.domain.aggregates import AREAS, FACILITIES, LOTS
from services.scan.domain.copies import Circumstances
from services.scan.domain.tally import Belongs, Stamp
from shared.contracts.registry import LotPublished, ShipmentPublished
from shared.contracts.stamps import IntervalsChanged
from shared.mongo import Database, Tx

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


async def circumstances(tx: Tx, whose: Mapping[Stamp, Belongs]) -> dict[Stamp, Circumstances]:
    """What is known of stamps beside their scans; every lot, facility and area is read once."""
    lots = await _lots(tx, {lot for _, _, lot in whose.values()})
    sent = {lot: await _sent_to(tx, lot) for lot in lots}
    facilities = {facility for facility, _, _ in whose.values()}
    facilities |= {lot.facility_id for lot in lots.values()}
    facilities |= {facility for to in sent.values() for facility in to}
    communes = await _communes(tx, FACILITIES, facilities)
    areas = await _communes(tx, AREAS, {lot.growing_area_id for lot in lots.values()})
    times = await _times(tx, whose)
    found = {}
    for stamp, (facility_id, _, lot_id) in whose.items():
        homes = {communes.get(facility_id, "")}
        if (lot := lots.get(lot_id)) is not None:
            homes |= {communes.get(lot.facility_id, ""), areas.get(lot.growing_area_id, "")}
            homes |= {communes.get(facility, "") for facility in sent[lot_id]}
        found[stamp] = Circumstances(
            homes=frozenset(homes - {""}),
            expires_on=lot.expires_on if lot is not None else None,
            activated_at=times.get((stamp, ACTIVATED)),
            sold_at=times.get((stamp, SOLD)),
        )
    return found


async def _lots(tx: Tx, lots: set[str]) -> dict[str, LotPublished]:
    rows = tx.collection(LOTS).find({"_id": {"$in": sorted(lots - {""})}}, {"published": 1})
    return {
        row["_id"]: LotPublished.model_validate(row["published"])
        async for row in rows
        if "published" in row
    }


async def _sent_to(tx: Tx, lot: str) -> set[str]:
    """The facilities that goods of a lot went to."""
    rows = tx.collection(SENT).find({"lots": lot}, {"to": 1}).limit(MOST_SENT)
    return {row["to"] async for row in rows}


async def _communes(tx: Tx, collection: str, ids: set[str]) -> dict[str, str]:
    """In which commune each of these lies; what was not told is left out."""
    wanted = {"_id": {"$in": sorted(ids - {""})}}
    rows = tx.collection(collection).find(wanted, {"published.commune": 1})
    return {row["_id"]: row["published"]["commune"] async for row in rows if "published" in row}


async def _times(tx: Tx, stamps: Iterable[Stamp]) -> dict[tuple[Stamp, str], datetime]:
    """When each stamp was last activated or sold, by stamp and change."""
    last: dict[tuple[Stamp, str], datetime] = {}
    ordered = sorted(stamps)
    for start in range(0, len(ordered), PART):
        part = ordered[start : start + PART]
        either = [
            {"batch": batch, "change": change, "first": {"$lte": serial}, "last": {"$gte": serial}}
            for batch, serial in part
            for change in (ACTIVATED, SOLD)
        ]
        async for row in tx.collection(USES).find({"$or": either}):
            for stamp in part:
                if stamp[0] == row["batch"] and row["first"] <= stamp[1] <= row["last"]:
                    key = stamp, row["change"]
                    last[key] = max(last.get(key, row["at"]), row["at"])
    return last
