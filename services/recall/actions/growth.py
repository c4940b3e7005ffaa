"""Lots and shipments arrive from registry; what they add to standing cases joins at that moment."""

from collections.abc import Sequence

from services.recall.actions.reach import places_of
from services.recall.domain.target import Lot
from services.recall.store import (
    cases,
    entries,
    facts,
    genealogy,
    shipments,
    tracing,
)
from services.recall.store.entries import Entry, published
from shared import audit
from shared.contracts.registry import LotPublished, ShipmentPublished
from shared.ids import now
from shared.messaging import outbox
from shared.mongo import Tx

ACT = "recall.scope_grow"


async def take_in(tx: Tx, events: Sequence[LotPublished]) -> None:
    """Keep new versions of lots; what they are made from may put them, and what was made from
    them already, into the reach of standing cases.

    The growth is part of the transaction that takes the lot in. So when the feed says that a lot
    was taken in, the notice that names it is in the feed before that.
    """
    await genealogy.arrive(tx)
    lots = {lot.id: lot for lot in await genealogy.note_lots(tx, events)}
    if not lots:
        return
    for case_id, affected in sorted((await cases.touched_by(tx, list(lots.values()))).items()):
        await _grow(tx, case_id, [lots[lot_id] for lot_id in sorted(affected)])


async def take_in_moves(tx: Tx, events: Sequence[ShipmentPublished]) -> None:
    """Keep where goods were sent; whoever receives goods of a standing case is told of it."""
    await genealogy.arrive(tx)
    for move in await shipments.note_shipments(tx, events):
        if move["status"] == shipments.CANCELLED or not move["to_facility_id"]:
            continue
        for case_id in sorted(await cases.standing_over(tx, move["lot_ids"])):
            await _spread(tx, case_id, move["to_facility_id"], cause=move["code"])


async def _spread(tx: Tx, case_id: str, facility_id: str, *, cause: str) -> None:
    case = await cases.get(tx, case_id)
    facilities = await facts.facilities(tx, [facility_id])
    at = now()
    places = places_of((), facilities, receivers=[facility_id])
    spread, events = case.spread(places, cause=cause, now=at)
    if not events:
        return
    await cases.put(tx, spread)
    await outbox.append(tx, *events)
    name = facilities[facility_id].name if facility_id in facilities else facility_id
    await entries.add(tx, Entry(case_id, spread.version, "spread", at, text=f"{name} ({cause})"))
    await audit.accepted(tx, None, ACT, case_id, facility=facility_id, cause=cause)


async def _grow(tx: Tx, case_id: str, roots: Sequence[Lot]) -> None:
    case = await cases.get(tx, case_id)
    trace = await tracing.downstream(tx, roots)
    makers = {lot.facility_id for lot in trace.lots}
    facilities = await facts.facilities(tx, trace.receivers | makers)
    at = now()
    grown, parts, events = case.grow(
        [lot.id for lot in trace.lots],
        places_of(trace.lots, facilities, receivers=trace.receivers),
        cause=", ".join(lot.code for lot in roots)[:500],
        now=at,
    )
    if not events:
        return
    await cases.put(tx, grown, parts)
    await outbox.append(tx, *events)
    known = set(case.lots)
    added = tuple(lot for lot in grown.lots if lot not in known)
    told = published(events)
    await entries.add(tx, Entry(case_id, grown.version, "grown", at, lots=added, published=told))
    await audit.accepted(tx, None, ACT, case_id, lots=len(added), first=added[0])
