"""Where affected goods were sent."""

from dataclasses import dataclass

from services.recall.actions.reach import NOBODY
from services.recall.domain.target import Lot
from services.recall.queries import scope
from services.recall.queries.radius import Radius
from services.recall.store import facts, genealogy, shipments
from services.recall.store.facts import Facility
from services.recall.store.shipments import Move
from shared.mongo import Database


@dataclass(frozen=True, slots=True)
class Journey:
    """Where an affected lot was sent; `receiver` None for exports and sales to consumers."""

    move: Move
    lot: Lot
    sender: Facility
    receiver: Facility | None


async def journeys(radius: Radius, db: Database, most: int) -> tuple[Journey, ...]:
    """Where the goods were sent, in the order in which they left; the first of them. A facility is
    told what it sent or received itself."""
    found = radius.scoped
    first = scope.shipments_of(found)[:most]
    ids = found.graph.lots.ids({lot for _, lot in first})
    every = await shipments.of_lots(db, ids)
    own = radius.told_to
    moves = [one for one in every if own in (None, one.from_facility_id, one.to_facility_id)][:most]
    lots = await genealogy.lots(db, {move.lot_id for move in moves})
    ends = {end for move in moves for end in (move.from_facility_id, move.to_facility_id) if end}
    known = await facts.facilities(db, ends)
    return tuple(
        Journey(
            move=move,
            lot=lots[move.lot_id],
            sender=known.get(move.from_facility_id, NOBODY),
            receiver=known.get(move.to_facility_id, NOBODY) if move.to_facility_id else None,
        )
        for move in moves
        if move.lot_id in lots
    )
