"""The genealogy in memory: walked both ways, filled in any order, as computed plainly."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.recall.graph import lines, links
from services.recall.graph.graph import Graph
from services.recall.graph.lines import Lines

NAMES = [f"l{n}" for n in range(12)]
# Versions of lots with what they were made of, circles and lots of themselves among them.
TOLD = st.lists(
    st.tuples(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=4, unique=True)),
    max_size=40,
)


def document(lot_id: str, inputs: list[str]) -> dict[str, Any]:
    return {
        "_id": lot_id,
        "facility_id": f"f{lot_id}",
        "product_id": "p",
        "quantity": "1.5",
        "unit": "kg",
        "inputs": inputs,
    }


def steps_from(edges: dict[str, set[str]], roots: set[str]) -> dict[str, int]:
    """Plainly: the fewest steps to each."""
    found = dict.fromkeys(roots, 0)
    frontier, step = set(roots), 0
    while frontier:
        step += 1
        frontier = {b for a in frontier for b in edges.get(a, ())} - set(found)
        found |= dict.fromkeys(frontier, step)
    return found


def told(graph: Graph, walk: links.Walk) -> dict[str, int]:
    return dict(zip(graph.lots.ids(walk.lots), walk.steps, strict=True))


@settings(max_examples=150, deadline=None)
@given(loaded=TOLD, versions=TOLD, roots=st.sets(st.sampled_from(NAMES), min_size=1))
@pytest.mark.parametrize("many", [0, 3, 1_000])
def test_walks_equal_a_plain_recomputation_after_any_order_of_arrival(
    many: int,
    loaded: list[tuple[str, list[str]]],
    versions: list[tuple[str, list[str]]],
    roots: set[str],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(links, "CHANGES", many)
        graph = Graph()
        first = dict(loaded)
        for lot_id, inputs in first.items():
            graph.take_lot(document(lot_id, inputs), is_new=True)
        graph.links.lay_out(len(graph.lots))
        for lot_id, inputs in versions:
            graph.take_lot(document(lot_id, inputs))
    ups = {lot_id: set(inputs) for lot_id, inputs in (first | dict(versions)).items()}
    downs: dict[str, set[str]] = {}
    for lot_id, above in ups.items():
        for one in above:
            downs.setdefault(one, set()).add(lot_id)
    numbers = [graph.number(one) for one in sorted(roots)]
    assert told(graph, graph.down(numbers)) == steps_from(downs, roots)
    assert told(graph, graph.up(numbers)) == steps_from(ups, roots)
    for a in ups:
        reached = told(graph, graph.down([graph.number(a)]))
        for b in reached:
            back = told(graph, graph.up([graph.number(b)]))
            assert back[a] == reached[b], "the way there is as long as the way back"


def test_a_walk_that_may_see_so_many_lots_says_that_there_were_more() -> None:
    graph = Graph()
    for n in range(10):
        graph.take_lot(document(f"l{n}", [f"l{n - 1}"] if n else []))
    walk = graph.down([graph.number("l0")], most=4)
    assert (told(graph, walk), walk.cut) == ({"l0": 0, "l1": 1, "l2": 2, "l3": 3}, True)
    assert graph.down([graph.number("l0")], most=10).cut is False


def test_upstream_goes_only_through_what_may_be_looked_at() -> None:
    graph = Graph()
    for n in range(4):
        graph.take_lot(document(f"l{n}", [f"l{n - 1}"] if n else []))
    own = {graph.number("l3"), graph.number("l2")}
    walk = graph.up([graph.number("l3")], through=own.__contains__)
    assert told(graph, walk) == {"l3": 0, "l2": 1, "l1": 2}


@settings(max_examples=200, deadline=None)
@given(
    puts=st.lists(
        st.tuples(
            st.integers(0, 6),
            st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), max_size=3),
        ),
        max_size=40,
    ),
    recent=st.sampled_from([0, 2, 1_000]),
    wanted=st.sets(st.integers(0, 4)),
)
def test_lines_hold_the_last_rows_of_each_key(
    puts: list[tuple[int, list[tuple[int, int]]]], recent: int, wanted: set[int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "RECENT", recent)
        kept = Lines("q")
        for key, rows in puts:
            kept.put(key, rows)
    here = [row for rows in dict(puts).values() for row in rows]
    assert sorted(map(tuple, kept.all().T.tolist())) == sorted(here)
    assert len(kept) == len(here)
    graph = Graph()
    for n in range(5):
        graph.number(f"l{n}")
    found = kept.of(graph.marked(wanted))
    assert sorted(map(tuple, found.T.tolist())) == sorted(r for r in here if r[0] in wanted)


def test_a_shipment_told_again_replaces_what_it_was() -> None:
    graph = Graph()
    at = datetime(2026, 11, 1, tzinfo=UTC)
    line = {"lot_id": "l1", "unit": "kg", "quantity": "40", "received": None}
    shipment: dict[str, Any] = {
        "_id": "s1",
        "from_facility_id": "f1",
        "to_facility_id": "f2",
        "kind": "transfer",
        "status": "in_transit",
        "sent_at": at,
        "lots": [line],
    }
    graph.take_move(shipment)
    got = {**line, "received": "39.5", "returned": "1"}
    graph.take_move({**shipment, "status": "received", "lots": [got]})
    assert graph.moves.all().T.tolist() == [
        [0, 0, 1, 0, 3, 0, 40_000, 39_500, 1_000, int(at.timestamp())]
    ]


def test_the_same_lot_told_again_and_again_takes_no_more_room() -> None:
    graph = Graph()
    for _ in range(50):
        graph.take_lot(document("b", ["a"]))
    assert len(graph.links._gained[graph.lots.of("a")]) == 1
