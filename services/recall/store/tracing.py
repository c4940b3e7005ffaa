"""What became of some lots: what was made from them, what stamps stand on it, where it went."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.recall.domain.target import Lot
from services.recall.store import genealogy, shipments, stamps
from services.recall.store.newest import Reader, chunks, together
from services.recall.store.stamps import StampCount


@dataclass(slots=True)
class Trace:
    """Lots with the fewest steps to each from a root, the roots first; their stamps by lot; the
    facilities that some of them were sent to."""

    steps: dict[str, int]
    lots: list[Lot]
    stamps: dict[str, StampCount] = field(default_factory=dict)
    receivers: set[str] = field(default_factory=set)


async def downstream(reader: Reader, roots: Iterable[Lot]) -> Trace:
    """All lots made from the roots, over any number of steps.

    One question a step, whatever is asked about the lots in it; a circle in the data ends by
    itself.
    """
    lots = list(roots)
    trace = Trace({lot.id: 0 for lot in lots}, lots)
    frontier, step = list(trace.steps), 0
    while frontier:
        step += 1
        reached: list[Lot] = []
        for chunk in chunks(sorted(frontier)):
            made, counts, moves = await together(
                reader,
                genealogy.made_from(chunk),
                stamps.on_lots(chunk),
                shipments.with_lots(chunk),
            )
            trace.stamps |= stamps.counted(counts)
            trace.receivers |= shipments.receivers(moves)
            for document in made:
                if document["_id"] not in trace.steps:
                    trace.steps[document["_id"]] = step
                    reached.append(genealogy.lot_of(document))
        trace.lots.extend(reached)
        frontier = [lot.id for lot in reached]
    return trace
