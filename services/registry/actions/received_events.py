"""A received lot as EPCIS events: what was approved of it and its origins, and how it came.

The same limits as in `received`: no drafts, no amounts that others made or used beyond those in
published diaries, no other receivers, and the origins only where the sender said so too.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from services.registry.actions import genealogy, keeping, received, tracing
from services.registry.actions.received import Received
from services.registry.domain import epcis
from services.registry.domain.epcis import Event, Goods, Names
from services.registry.domain.epcis_findings import Ordered, of_recalls, of_tests
from services.registry.domain.epcis_keepings import of_keepings
from services.registry.domain.epcis_shipments import of_shipment
from services.registry.domain.records import Aggregate, Record
from services.registry.store import facts, records, testing
from shared.auth import Principal
from shared.mongo import Database

PAGE_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class Told:
    """`document` holds the lot and `PAGE_SIZE` of its origins; `more`: there are further ones."""

    document: dict[str, Any]
    more: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A received lot and the ids of its origins, nearest first: the parts of one document.
    `named` are those of which its reader knows no more than their names."""

    came: Received
    before: tuple[str, ...]
    names: Names
    named: frozenset[str] = frozenset()

    @property
    def parts(self) -> int:
        return max(1, -(-len(self.before) // PAGE_SIZE))


async def opened(lot_id: str, *, origin: str, who: Principal, db: Database) -> Opened:
    """Raises NotFound for a lot that never came to this account's facilities."""
    came = await received.get(db, lot_id, who=who)
    family = await genealogy.family(lot_id, who=who, db=db)
    before = tuple(one.id for one in family.before)
    return Opened(came, before, Names(origin.rstrip("/"), {}), family.named)


async def events_of(
    lot_id: str, *, page: int, origin: str, who: Principal, now: datetime, db: Database
) -> Told:
    """The lot, nearest origins first; on later pages its further origins alone; raises NotFound."""
    found = await opened(lot_id, origin=origin, who=who, db=db)
    events = await part(found, page, who=who, db=db)
    document = epcis.document(events, origin=found.names.origin, created=now)
    return Told(document, page < found.parts)


async def all_of(found: Opened, *, who: Principal, db: Database) -> AsyncIterator[list[Event]]:
    """The events of the lot and of every origin, a part at a time: as many as there are, and never
    more than a part of them in memory."""
    for page in range(1, found.parts + 1):
        yield await part(found, page, who=who, db=db)


async def part(found: Opened, page: int, *, who: Principal, db: Database) -> list[Event]:
    """The first part is of the lot itself and of its nearest origins."""
    came, lot_id = found.came, found.came.lot.id
    here = found.before[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    wanted = [lot_id, *here] if page == 1 else here
    lots = await records.find_many(db, Aggregate.LOT, tuple(wanted))
    told = [lot for key in wanted if key not in found.named and (lot := lots.get(key))]
    approved = [lot for lot in told if lot.published is not None]
    moves = came.by if page == 1 else ()
    kept = await keeping.seen_of_lot(db, lot_id, who=who) if page == 1 else []
    carried = {line.lot_id for move in moves for line in move.lines}
    chain = {lot_id, *found.before}
    goods = await tracing.goods_of(db, {*wanted, *carried, *_named(approved, chain)})
    ends = [end for move in moves for end in (move.sender, move.receiver) if end is not None]
    places = {lot.owner.facility_id for lot in approved} | {end.facility_id for end in ends}
    places |= {one.facility_id for one in kept}
    names = replace(found.names, glns=await tracing.glns_of(db, places))
    known = {key: one for key, one in goods.items() if key in chain}
    events: list[Event] = []
    results = await testing.of_lots(db, [lot.id for lot in approved])
    for lot in approved if came.told else ():
        events += _approved(lot, known, names)
        shown = [one for one in results.get(lot.id, ()) if one.is_shown]
        events += of_tests(shown, known[lot.id], names)
    for move in moves:
        events += of_shipment(move, goods, names)
    if page == 1:
        events += of_keepings(kept, goods[lot_id], names)
        events += of_recalls(await _notices(db, came.lot), [], goods[lot_id], names)
    return events


def _named(lots: Iterable[Record[Any]], known: Collection[str]) -> set[str]:
    """The lots that these name as what went into them: of all the origins only these are read."""
    return {key for lot in lots for key in (*lot.shown.inputs, *lot.shown.supplies) if key in known}


def _approved(lot: Record[Any], known: Mapping[str, Goods], names: Names) -> list[Event]:
    """What consumers read of a lot besides its results: diary, and which lots went into it."""
    it, at = lot.shown, lot.published_at or lot.created_at
    events: list[Event] = [*epcis.of_diary(it, known[lot.id], at, names, known)]
    if any(one in known for one in it.inputs):
        events.append(epcis.of_uses(it, known, known[lot.id], at, names, counted=False))
    return events


async def _notices(db: Database, lot: Record[Any]) -> Sequence[Ordered]:
    """The public notices that name the lot, its product or its maker."""
    found = await facts.notices(
        db,
        lots=[lot.id],
        products=[lot.shown.product_id],
        facilities=[lot.owner.facility_id],
    )
    named = {
        one.case_id: Ordered(one.case_id, one.kind, one.title, one.reason, one.ordered_at)
        for one in found
    }
    return list(named.values())
