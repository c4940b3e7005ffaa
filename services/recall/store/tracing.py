"""What became of some lots: what was made from them, what stamps stand on it, where it went."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from services.recall.domain.target import Lot
from services.recall.graph import figures
from services.recall.store import genealogy, kept, shipments, stamps
from services.recall.store.newest import Reader, chunks, together
from services.recall.store.stamps import StampCount
from shared.mongo import Database, Tx

# Beyond so many lots or steps memory is asked, where it holds just what the reader would find:
# with few the database answers sooner.
LARGE: Final = 2_000
DEEP: Final = 8


class Reached(NamedTuple):
    """A lot as far as an order needs it."""

    id: str
    facility_id: str


@dataclass(slots=True)
class Trace:
    """Lots with the fewest steps to each from a root, the roots first; their stamps by lot; the
    facilities that some of them were sent to."""

    steps: dict[str, int]
    lots: list[Reached]
    stamps: dict[str, StampCount] = field(default_factory=dict)
    receivers: set[str] = field(default_factory=set)


async def downstream(reader: Reader, roots: Iterable[Lot], *, at_least: int = 0) -> Trace:
    """All lots made from the roots, over any number of steps, with everything up to the turn
    `at_least` at which the roots were read.

    One question a step, whatever is asked about the lots in it; a circle in the data ends by
    itself.
    """
    lots = [Reached(lot.id, lot.facility_id) for lot in roots]
    trace = Trace({lot.id: 0 for lot in lots}, list(lots))
    frontier, step = list(trace.steps), 0
    asked = False
    is_large = kept.of(_db_of(reader)).reaches_more(frontier, LARGE)
    while frontier:
        step += 1
        known = len(trace.lots) + len(frontier)
        if not asked and (is_large or known > LARGE or step > DEEP):
            asked = True
            if remembered := await _remembered(reader, [lot.id for lot in lots], at_least):
                return remembered
        reached: list[Reached] = []
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
                    reached.append(Reached(document["_id"], document["facility_id"]))
        trace.lots.extend(reached)
        frontier = [lot.id for lot in reached]
    return trace


async def _remembered(reader: Reader, roots: Sequence[str], at_least: int) -> Trace | None:
    """The same from memory; None where it is not loaded, or knows more or less than the reader.

    Within a transaction it must stand at the turn that the transaction sees: what that wrote
    itself is in no memory yet. Outside of one, nothing newer than the call is asked for; a memory
    older than the roots followed a primary that was lost.
    """
    sees = await genealogy.turns_in(reader) if isinstance(reader, Tx) else None
    known = await kept.of(_db_of(reader)).caught_up()
    if known is None or sees not in (None, known.turns) or known.turns < at_least:
        return None
    graph = known.graph
    numbers = graph.known(roots)
    if len(numbers) < len(roots):
        return None
    walk = graph.down(numbers)
    lots = [
        Reached(id_, graph.facilities.id(graph.facility[lot]))
        for id_, lot in zip(graph.lots.ids(walk.lots), walk.lots, strict=True)
    ]
    steps = dict(zip(graph.lots.ids(walk.lots), walk.steps, strict=True))
    counts = figures.stamps_of(graph, walk.lots)
    return Trace(
        steps,
        lots,
        {graph.lots.id(lot): StampCount(*count) for lot, count in counts.items()},
        figures.receivers_of(graph, walk.lots),
    )


def _db_of(reader: Reader) -> Database:
    return reader.db if isinstance(reader, Tx) else reader
