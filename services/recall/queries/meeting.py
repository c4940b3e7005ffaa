"""Where the ways back of several lots meet, walked once each and without holding up the process."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.recall.graph.graph import NOWHERE, Graph
from services.recall.graph.links import Walk
from services.recall.queries import scope
from services.recall.queries.radius import MOST_UP
from shared.auth import Principal

# Lots on the ways back of all that are asked about; what lies beyond is left out.
MOST_WALKED: Final = 200_000
# Kind and number of a source.
Key = tuple[str, int]


@dataclass(slots=True)
class Met:
    """The lots asked about that lead to something, with the fewest steps from each."""

    steps: dict[int, int]

    def note(self, root: int, step: int) -> None:
        self.steps[root] = min(step, self.steps.get(root, step))

    @property
    def rank(self) -> tuple[int, int]:
        return -len(self.steps), sum(self.steps.values())


async def let_others() -> None:
    """The process that counts here answers replicas meanwhile. Numbers of a graph stay what they
    are, so what was walked holds though more comes."""
    await asyncio.sleep(0)


async def walks_of(graph: Graph, lot_ids: Sequence[str], who: Principal) -> dict[int, Walk]:
    """The way back of each lot, by its number. Each is cut at an even share of what may be walked,
    so that it does not matter in which order the lots were asked about."""
    walks: dict[int, Walk] = {}
    through = scope.may_look_through(graph, who)
    roots = graph.known(lot_ids)
    most = max(1, min(MOST_UP, MOST_WALKED // max(1, len(roots))))
    for root in roots:
        walks[root] = graph.up([root], most, through)
        await let_others()
    return walks


async def met_by(graph: Graph, walks: Mapping[int, Walk]) -> dict[Key, Met]:
    """By source, which of the lots lead to it."""
    met: dict[Key, Met] = {}
    for root, walk in walks.items():
        for lot, step in zip(walk.lots, walk.steps, strict=True):
            keys: list[Key] = [("lot", lot)]
            if graph.is_known(lot):
                keys.append(("facility", graph.facility[lot]))
            if graph.area[lot] != NOWHERE:
                keys.append(("area", graph.area[lot]))
            for key in keys:
                one = met.get(key)
                if one is None:
                    one = met[key] = Met({})
                one.note(root, step)
        await let_others()
    return met
