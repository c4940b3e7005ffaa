"""The check of goods that are sent abroad against what the importing country asks for (R25)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.registry.domain.markets import (
    Consigned,
    MarketClosed,
    Obstacle,
    Origin,
    country_of,
    examine,
)
from services.registry.domain.records import Aggregate, Record
from services.registry.domain.shipment import End, Shipment
from services.registry.store import markets, records
from shared.days import local_day
from shared.errors import Phrase
from shared.mongo import Database, Tx


async def obstacles(
    source: Database | Tx, country: str, lot_ids: Sequence[str], sender: Record[Any], at: datetime
) -> list[Obstacle]:
    """What stands in the way of these lots; nothing where the country is not in the catalogue."""
    row = country_of(country)
    if row is None:
        return []
    lots = await records.find_many(source, Aggregate.LOT, tuple(lot_ids))
    goods = [await _consigned(source, lots[one]) for one in lot_ids if one in lots]
    facility = sender.published or sender.content
    return examine(row, goods, plant_code=facility.plant_code, day=local_day(at))


async def check_export(
    tx: Tx, country: str, lot_ids: Sequence[str], sender: Record[Any], at: datetime
) -> None:
    """Raise what keeps a consignment from leaving; what is only pointed out is shown with it."""
    found = await obstacles(tx, country, lot_ids, sender, at)
    first = next((one for one in found if one.blocks), None)
    row = country_of(country)
    if first is not None and row is not None:
        raise MarketClosed(
            "country", lot=first.lot_code, country=Phrase(row.name), problem=first.problem
        )


async def of_shipment(db: Database, shipment: Shipment, now: datetime) -> list[Obstacle]:
    """The same for a shipment that has not left yet."""
    if shipment.end is not End.EXPORT or shipment.is_over:
        return []
    sender = await records.get(db, Aggregate.FACILITY, shipment.sender.facility_id)
    lots = [line.lot_id for line in shipment.lines]
    return await obstacles(db, shipment.country, lots, sender, shipment.planned_pickup or now)


async def _consigned(source: Database | Tx, lot: Record[Any]) -> Consigned:
    product = await records.find(source, Aggregate.PRODUCT, lot.content.product_id)
    areas = await markets.areas_behind(source, lot.id)
    return Consigned(
        lot_code=lot.code,
        category=product.content.category if product is not None else "",
        origins=tuple(
            Origin(one.published.code or one.code, one.published)
            for one in areas
            if one.published is not None
        ),
    )
