"""Temperatures that people write down of goods are told with what their product asks for (R20,
R24): whoever watches them needs no register for it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.registry.domain.degrees import Degrees
from services.registry.domain.keeping import Keeping
from services.registry.domain.records import Aggregate, Record
from services.registry.domain.shipment import Position, Shipment
from services.registry.store import records
from shared.contracts.registry import TemperatureMeasured
from shared.messaging import outbox
from shared.mongo import Database, Tx

TRANSPORTING = "transporting"


async def tell_kept(tx: Tx, one: Keeping, lot: Record[Any], now: datetime) -> None:
    """An entry of whoever has the goods; told once more when it is struck."""
    if one.temperature is None:
        return
    asked = await asked_for(tx, lot)
    event = TemperatureMeasured(
        subject=one.id,
        version=2 if one.struck else 1,
        time=now,
        lot_id=lot.id,
        product_id=lot.shown.product_id,
        facility_id=one.facility_id,
        step=one.work.value,
        at=one.at,
        celsius=one.temperature,
        lowest=asked.lowest,
        highest=asked.highest,
        struck=bool(one.struck),
    )
    await outbox.append(tx, event)


async def tell_carried(tx: Tx, shipment: Shipment, where: Position, now: datetime) -> None:
    """A report of the transporter, for each lot that is on its way; the goods are their sender's
    until they are handed over."""
    if where.temperature is None:
        return
    for lot_id in sorted({line.lot_id for line in shipment.lines}):
        lot = await records.find(tx, Aggregate.LOT, lot_id)
        if lot is None:
            continue  # What is amiss with one lot keeps no driver from reporting.
        asked = await asked_for(tx, lot)
        event = TemperatureMeasured(
            subject=f"{where.id}/{lot_id}",
            version=1,
            time=now,
            lot_id=lot_id,
            product_id=lot.shown.product_id,
            facility_id=shipment.sender.facility_id,
            step=TRANSPORTING,
            at=where.at,
            celsius=where.temperature,
            lowest=asked.lowest,
            highest=asked.highest,
            shipment_id=shipment.id,
        )
        await outbox.append(tx, event)


async def asked_for(source: Database | Tx, lot: Record[Any]) -> Degrees:
    """What the product as published asks for."""
    product = await records.find(source, Aggregate.PRODUCT, lot.shown.product_id)
    return Degrees.of(product.published if product else None)


async def asked_by_lot(db: Database, lot_ids: Iterable[str]) -> dict[str, Degrees]:
    """Of each lot that is there."""
    lots = await records.find_many(db, Aggregate.LOT, tuple(set(lot_ids)))
    return {id_: await asked_for(db, lot) for id_, lot in lots.items()}
