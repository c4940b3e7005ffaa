"""Lots of both directions put together for a picture: by themselves where they are few, else by
facility and product, with their number; never more nodes than a person can look at."""

from dataclasses import dataclass, field
from typing import Final

from services.recall.graph.figures import EXPORT, LOSS, SALE, moves_of
from services.recall.graph.graph import NOWHERE, Graph
from services.recall.graph.links import Walk

# More lots than this in one direction are put together.
SINGLE: Final = 18
# Steps that are drawn, either way; what lies beyond is told by its number.
STEPS_UP: Final = 4
STEPS_DOWN: Final = 4
# Where goods went besides to facilities.
SOLD: Final = {SALE: "sold", EXPORT: "exported", LOSS: "lost"}

Key = tuple[int, ...]


@dataclass(slots=True)
class Group:
    """Lots of one step, below 0 for what the target was made from. `lot_id` where it is one lot by
    itself; a lot that only its number is known of has no facility."""

    step: int
    facility_id: str = ""
    product_id: str = ""
    lot_id: str = ""
    lots: int = 0


@dataclass(slots=True)
class Picture:
    """`edges` run between keys of `groups`; `sent` are lots by receiver ("" with a key of SOLD),
    each from a group. `beyond_up`, `beyond_down`: lots in steps that are not in it."""

    groups: dict[Key, Group] = field(default_factory=dict)
    edges: set[tuple[Key, Key]] = field(default_factory=set)
    sent: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    sent_from: set[tuple[Key, tuple[str, str]]] = field(default_factory=set)
    beyond_up: int = 0
    beyond_down: int = 0


def picture(graph: Graph, down: Walk, up: Walk, party: int | None = None) -> Picture:
    """Of a walk each way from the same lots; with `party` where that sent them alone."""
    drawn = Picture()
    here: dict[int, Key] = {}
    drawn.beyond_down = _group(graph, drawn, here, down, 1, STEPS_DOWN)
    drawn.beyond_up = _group(graph, drawn, here, up, -1, STEPS_UP)
    for lot, key in here.items():
        for one in graph.links.inputs(lot):
            above = here.get(one)
            if above is not None and above != key:
                drawn.edges.add((above, key))
    _send(graph, drawn, here, party)
    return drawn


def _group(
    graph: Graph, drawn: Picture, here: dict[int, Key], walk: Walk, way: int, most: int
) -> int:
    """Returns how many lots lie too far away."""
    single = len(walk.lots) <= SINGLE
    beyond = 0
    for lot, far in zip(walk.lots, walk.steps, strict=True):
        if far > most:
            beyond += 1
            continue
        if lot in here:
            continue
        step = way * far
        facility, product = graph.facility[lot], graph.product[lot]
        key = (step, lot) if single else (step, facility, product)
        here[lot] = key
        group = drawn.groups.get(key)
        if group is None:
            group = drawn.groups[key] = Group(
                step,
                graph.facilities.id(facility) if facility != NOWHERE else "",
                graph.products.id(product) if product != NOWHERE else "",
                graph.lots.id(lot) if single else "",
            )
        group.lots += 1
    return beyond


def _send(graph: Graph, drawn: Picture, here: dict[int, Key], party: int | None) -> None:
    """Where the target and what was made from it went."""
    from_ = [lot for lot, key in here.items() if key[0] >= 0]
    for lot, _, receiver, kind, *_ in moves_of(graph, from_, party).T.tolist():
        to = ("", SOLD[kind]) if kind in SOLD else ("", "")
        if receiver != NOWHERE:
            to = (graph.facilities.id(receiver), "")
        if to != ("", ""):
            drawn.sent.setdefault(to, set()).add(lot)
            drawn.sent_from.add((here[lot], to))
