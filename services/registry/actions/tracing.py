"""Everything that is recorded of a lot, as EPCIS events, for whoever reads the lot itself."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from services.registry.actions import keeping
from services.registry.actions.rights import require_for
from services.registry.domain import epcis
from services.registry.domain.epcis import Goods, Names
from services.registry.domain.epcis_findings import Handled, Ordered, of_recalls, of_tests
from services.registry.domain.epcis_keepings import of_keepings
from services.registry.domain.epcis_shipments import of_shipment
from services.registry.domain.records import Aggregate, Record
from services.registry.store import facts, records, shipments, testing, transformations
from shared.auth import Principal
from shared.mongo import Database


async def events_of(
    lot_id: str, *, origin: str, who: Principal, now: datetime, db: Database
) -> dict[str, Any]:
    """An EPCIS document: diary, what it was made from and into, its way, tests, recalls.

    What others do with its goods is told to whoever may read them; of what they made of it its
    maker is told which lots that were, and neither how much nor what else went in.
    """
    record = await records.get(db, Aggregate.LOT, lot_id)
    require_for(who, "lot.read", record)
    acts = await transformations.of_lot(db, lot_id)
    moves = await shipments.of_lot(db, lot_id)
    touched = {lot_id, *record.content.supplies, *record.content.inputs}
    for act in acts:
        touched |= {*act.lots_given, *(made.lot_id for made in act.made)}
    for move in moves:
        touched |= {line.lot_id for line in move.lines}
    goods = await goods_of(db, touched)
    facilities = {record.owner.facility_id, *(act.facility_id for act in acts)}
    for move in moves:
        facilities |= {end.facility_id for end in (move.sender, move.receiver) if end is not None}
    kept = await keeping.seen_of_lot(db, lot_id, who=who)
    facilities |= {one.facility_id for one in kept}
    names = Names(origin.rstrip("/"), await glns_of(db, facilities))
    it = goods[lot_id]
    events = epcis.of_diary(record.content, it, record.updated_at, names, goods)
    if record.content.inputs and not record.content.transformation_id:
        events.append(epcis.of_uses(record.content, goods, it, record.updated_at, names))
    for act in acts:
        others = who.facility_id not in (None, act.facility_id)
        events.append(epcis.of_transformation(act, goods, names, only=lot_id if others else ""))
    for move in moves:
        events += of_shipment(move, goods, names)
    events += of_keepings(kept, it, names)
    events += of_tests(await testing.of_lot(db, lot_id), it, names)
    events += of_recalls(*await _recalls(db, record), it, names)
    return epcis.document(events, origin=names.origin, created=now)


async def _recalls(db: Database, record: Record[Any]) -> tuple[list[Ordered], list[Handled]]:
    """The notices that name the lot, its product or its facility, and how their cases ended."""
    found = await facts.notices(
        db,
        lots=[record.id],
        products=[record.content.product_id],
        facilities=[record.owner.facility_id],
    )
    ordered = {
        one.case_id: Ordered(one.case_id, one.kind, one.title, one.reason, one.ordered_at)
        for one in found
    }
    closings = await facts.closings(db, list(ordered))
    handled = [
        Handled(one.case_id, one.handling, one.recovered, one.finding, one.at) for one in closings
    ]
    return list(ordered.values()), handled


async def goods_of(db: Database, ids: Collection[str]) -> dict[str, Goods]:
    """What names each of these lots: the GTIN of its published product where there is one."""
    lots = await records.find_many(db, Aggregate.LOT, tuple(ids))
    products = await records.find_many(
        db, Aggregate.PRODUCT, tuple({lot.content.product_id for lot in lots.values()})
    )
    found = {}
    for lot_id, lot in lots.items():
        product = products.get(lot.content.product_id)
        known = product.published if product is not None else None
        found[lot_id] = Goods(lot_id, lot.code, known.gtin if known is not None else "")
    return found


async def glns_of(db: Database, ids: Collection[str]) -> dict[str, str]:
    """The location numbers of published facilities, by id."""
    found = await records.find_many(db, Aggregate.FACILITY, tuple(ids))
    return {key: one.published.gln for key, one in found.items() if one.published is not None}
