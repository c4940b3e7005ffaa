"""What registry tells of facilities, lots and shipments joins standing cases as it arrives."""

from collections.abc import Mapping, Sequence

from services.recall.actions import completion
from services.recall.actions.reach import places_of
from services.recall.domain.correcting import reached
from services.recall.domain.target import Lot
from services.recall.store import (
    cases,
    entries,
    facts,
    genealogy,
    inputs,
    shipments,
    tracing,
    weights,
)
from services.recall.store.entries import Entry, published
from shared import audit
from shared.contracts.registry import FacilityPublished, LotPublished, ShipmentPublished
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
    turn = await genealogy.arrive(tx)
    before = await genealogy.quantities(tx, {event.subject for event in events})
    lots = {lot.id: lot for lot in await genealogy.note_lots(tx, events, turn)}
    if not lots:
        return
    await inputs.note_used(tx, lots.values())
    await _join(tx, lots)
    anew = [id_ for id_, lot in lots.items() if before.get(id_) != (lot.quantity, lot.unit)]
    await completion.made_anew(tx, anew)


async def take_in_weights(tx: Tx, events: Sequence[LotPublished]) -> None:
    """By what a lot weighs packages of it are counted in kilograms, and the other way round."""
    before = await weights.told(tx, {event.subject for event in events})
    await weights.note_lots(tx, events)
    now_told = await weights.told(tx, {event.subject for event in events})
    await completion.made_anew(tx, [id_ for id_, it in now_told.items() if before.get(id_) != it])


async def take_in_whole(tx: Tx, events: Sequence[LotPublished]) -> None:
    """The same from a queue that only programs of today take from: what one of before, which ran on
    for a while, kept without its area, supplies and inputs is taken in once more."""
    found = await genealogy.lacking(tx, events)
    if found:
        await take_in(tx, found)


async def take_in_facilities(tx: Tx, events: Sequence[FacilityPublished]) -> None:
    """Keep facilities. Where one lies now, or is known to lie, may bring lots of its into the area
    that a standing case about an input speaks for."""
    known = await facts.facilities(tx, {event.subject for event in events})
    await facts.note_facilities(tx, events)
    now_there = await facts.facilities(tx, {event.subject for event in events})
    moved = [
        id_ for id_, it in now_there.items() if id_ not in known or known[id_].place != it.place
    ]
    if not moved:
        return
    # Whoever decides a reach at this moment has to look again.
    await genealogy.arrive(tx)
    for target in await cases.of_inputs(tx):
        await _join(tx, await genealogy.made_by(tx, moved, target))


async def _join(tx: Tx, lots: Mapping[str, Lot]) -> None:
    """What newly told lots, or lots of which more is known, add to the cases they belong to."""
    for case_id, affected in sorted((await cases.touched_by(tx, list(lots.values()))).items()):
        await _grow(tx, case_id, [lots[lot_id] for lot_id in sorted(affected)])


async def take_in_moves(tx: Tx, events: Sequence[ShipmentPublished]) -> None:
    """Keep where goods were sent; whoever receives goods of a standing case is told of it."""
    turn = await genealogy.arrive(tx)
    for move in await shipments.note_shipments(tx, events, turn):
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
    # What was made from a lot of the case is of the case already: tracing a large one once more,
    # for a laboratory's result or a merged commune, would outlast the transaction.
    inside = set(case.lots)
    roots = [lot for lot in roots if lot.id not in inside]
    if not roots:
        return
    trace = await tracing.downstream(tx, roots)
    joining = trace.lots
    if case.excluded:
        # What a correction took out does not come back, nor what is reached through it alone.
        here = await genealogy.lots(tx, trace.steps)
        open_to = reached(here.values(), [lot.id for lot in roots], case.excluded)
        joining = [lot for lot in trace.lots if lot.id in open_to]
    makers = {lot.facility_id for lot in joining}
    facilities = await facts.facilities(tx, trace.receivers | makers)
    at = now()
    grown, parts, events = case.grow(
        [lot.id for lot in joining],
        places_of(joining, facilities, receivers=trace.receivers),
        cause=", ".join(lot.code for lot in roots)[:500],
        now=at,
    )
    if not events:
        return
    await cases.put(tx, grown, parts)
    await outbox.append(tx, *events)
    added = tuple(lot for lot in grown.lots if lot not in inside)
    told = published(events)
    await entries.add(tx, Entry(case_id, grown.version, "grown", at, lots=added, published=told))
    await audit.accepted(tx, None, ACT, case_id, lots=len(added), first=added[0])
