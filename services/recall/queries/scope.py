"""The lots that a target touches, both ways, and how far back somebody may look."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.recall.graph import figures
from services.recall.graph.graph import Graph
from services.recall.graph.links import Walk
from services.recall.store import around, kept
from shared.auth import Principal
from shared.mongo import Database

NOBODYS: Final = -2


@dataclass(frozen=True, slots=True)
class Scoped:
    """`down` and `up` begin with the target's own lots at step 0. Lots are those of `graph`.
    `party`: the facility by whose shipments alone it is told where goods went, else None."""

    graph: Graph
    down: Walk
    up: Walk
    party: int | None = None
    # Without memory and `down` what the lots' sources reach otherwise is not in the graph.
    is_whole: bool = True

    def open_to(self, who: Principal) -> "Scoped":
        """What the asker may look at one by one. A facility: the target, and of what was made from
        it that which it made or was sent itself; all else are the affairs of its customers, and
        reach it as a number."""
        if who.facility_id is None:
            return self
        own = _party(self.graph, who.facility_id)
        sent = figures.moves_of(self.graph, self.down.lots, own)
        received = {int(one) for one in sent[0][sent[2] == own]}
        kept = [
            (lot, step)
            for lot, step in zip(self.down.lots, self.down.steps, strict=True)
            if not step or self.graph.facility[lot] == own or lot in received
        ]
        shown = Walk([lot for lot, _ in kept], [step for _, step in kept])
        return replace(self, down=shown, party=own)


async def scoped(
    db: Database, roots: Sequence[str], who: Principal, *, down: bool = True, most_up: int
) -> Scoped:
    """From memory where it is loaded, else read step by step. Without `down` the lots alone.

    Nothing may be awaited between this and the last look at the graph where that must be of one
    moment: memory follows what happens.
    """
    known = await kept.of(db).caught_up()
    graph = known.graph if known else await around.around(db, roots, down=down)
    numbers = graph.known(roots)
    made = graph.down(numbers) if down else Walk(numbers, [0] * len(numbers))
    ordered = sorted(zip(made.steps, graph.lots.ids(made.lots), made.lots, strict=True))
    walk = Walk([lot for _, _, lot in ordered], [step for step, _, _ in ordered])
    up = graph.up(numbers, most_up, may_look_through(graph, who))
    return Scoped(graph, walk, up, is_whole=known is not None)


def _party(graph: Graph, facility_id: str) -> int:
    """A number that no row has where nothing is known of the facility."""
    number = graph.facilities.find(facility_id)
    return NOBODYS if number is None else number


def shipments_of(found: Scoped) -> list[tuple[int, int]]:
    """When affected lots left, and which, the first first; cancelled shipments moved nothing."""
    left = figures.moves_of(found.graph, found.down.lots, found.party)
    return sorted(zip(left[9].tolist(), left[0].tolist(), strict=True))


def may_look_through(graph: Graph, who: Principal) -> Callable[[int], bool] | None:
    """Authorities follow goods back to their origin. A facility is told one step back (Circular
    02/2024/TT-BKHCN): what its own lots were made from, not what that was made from."""
    if who.facility_id is None:
        return None
    own = graph.facilities.find(who.facility_id)
    return lambda lot: graph.facility[lot] == own
