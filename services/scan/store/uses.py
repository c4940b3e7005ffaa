"""What became of stamps and goods, as far as it tells whether a scan can be of the one item:
when serials were activated or reported as sold, and where goods of a lot were sent to."""

from datetime import datetime

from services.scan.domain.aggregates import AREAS, FACILITIES, LOTS
from services.scan.domain.copies import Circumstances
from services.scan.domain.tally import Belongs, Stamp
from shared.contracts.registry import FacilityPublished, LotPublished, ShipmentPublished
from shared.contracts.stamps import IntervalsChanged
from shared.mongo import Database, Document, Tx

USES, SENT = "stamp_uses", "lots_sent"
ACTIVATED, SOLD = "activate", "sold"


async def prepare(db: Database) -> None:
    await db.collection(USES).create_index([("batch", 1), ("change", 1), ("first", 1)])
    await db.collection(SENT).create_index("lots")


async def note_change(tx: Tx, event: IntervalsChanged) -> None:
    """Keep when serials were activated or sold; a repeat changes nothing."""
    if event.change not in (ACTIVATED, SOLD):
        return
    kept = {
        "batch": event.batch,
        "first": event.first,
        "last": event.last,
        "change": event.change,
        "at": event.time,
    }
    key = f"{event.subject}/{event.version}"
    await tx.collection(USES).update_one({"_id": key}, {"$set": kept}, upsert=True)


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


async def circumstances(tx: Tx, stamp: Stamp, belongs: Belongs) -> Circumstances:
    """What is known of a stamp beside its scans."""
    facility_id, _, lot_id = belongs
    homes = {await _commune_of(tx, facility_id)}
    expires_on = None
    lot = await _published(tx, LOTS, lot_id)
    if lot is not None:
        told = LotPublished.model_validate(lot)
        expires_on = told.expires_on
        area = await _published(tx, AREAS, told.growing_area_id)
        homes |= {await _commune_of(tx, told.facility_id), area["commune"] if area else ""}
        async for sent in tx.collection(SENT).find({"lots": lot_id}, {"to": 1}).limit(200):
            homes.add(await _commune_of(tx, sent["to"]))
    return Circumstances(
        homes=frozenset(homes - {""}),
        expires_on=expires_on,
        activated_at=await _last(tx, stamp, ACTIVATED),
        sold_at=await _last(tx, stamp, SOLD),
    )


async def _last(tx: Tx, stamp: Stamp, change: str) -> datetime | None:
    batch, serial = stamp
    wanted = {
        "batch": batch,
        "change": change,
        "first": {"$lte": serial},
        "last": {"$gte": serial},
    }
    found = await tx.collection(USES).find_one(wanted, {"at": 1}, sort=[("at", -1)])
    return found["at"] if found else None


async def _commune_of(tx: Tx, facility_id: str) -> str:
    facility = await _published(tx, FACILITIES, facility_id)
    return FacilityPublished.model_validate(facility).commune if facility else ""


async def _published(tx: Tx, collection: str, key: str) -> Document | None:
    if not key:
        return None
    found = await tx.collection(collection).find_one({"_id": key}, {"published": 1})
    return found.get("published") if found else None
