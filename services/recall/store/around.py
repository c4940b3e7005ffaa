"""What lies around some lots, read from the database step by step: where memory has nothing yet."""

from collections.abc import Iterable, Sequence
from typing import Final

from services.recall.graph.graph import Graph
from services.recall.store import genealogy, scans, shipments, stamps
from services.recall.store.newest import Reader, Wanted, chunks, together
from shared.mongo import Document

# Lots looked at on the way back to the sources; beyond, memory must know.
MOST_UPSTREAM: Final = 20_000


async def around(
    reader: Reader, roots: Iterable[str], *, down: bool = True, up: bool = True
) -> Graph:
    """A graph of the roots, of all that was made from them, and of what they were made from."""
    graph = Graph()
    first = sorted(set(roots))
    taken: set[str] = set()
    for chunk in chunks(first):
        (here,) = await together(reader, _lots("_id", chunk))
        _take(graph, here, taken)
    if down:
        await _down(reader, graph, first, taken)
    else:
        await _facts(reader, graph, first)
    if up:
        await _up(reader, graph, first, taken)
    return graph


async def _down(reader: Reader, graph: Graph, first: Sequence[str], taken: set[str]) -> None:
    frontier = list(first)
    while frontier:
        reached: list[str] = []
        for chunk in chunks(sorted(frontier)):
            found, *others = await together(reader, _lots("inputs", chunk), *_of_lots(chunk))
            reached += _take(graph, found, taken)
            _take_facts(graph, *others)
        frontier = reached


async def _facts(reader: Reader, graph: Graph, lots: Sequence[str]) -> None:
    for chunk in chunks(lots):
        _take_facts(graph, *await together(reader, *_of_lots(chunk)))


async def _up(reader: Reader, graph: Graph, first: Sequence[str], taken: set[str]) -> None:
    seen, frontier = set(first), list(first)
    while frontier and len(seen) < MOST_UPSTREAM:
        numbers = graph.lots.found(frontier)
        above = {graph.lots.id(n) for lot in numbers for n in graph.links.inputs(lot)} - seen
        frontier = sorted(above)[: MOST_UPSTREAM - len(seen)]
        seen.update(frontier)
        for chunk in chunks([lot for lot in frontier if lot not in taken]):
            found, moves = await together(reader, _lots("_id", chunk), shipments.with_lots(chunk))
            _take(graph, found, taken)
            for move in moves:
                graph.take_move(move)


def _take(graph: Graph, documents: Iterable[Document], taken: set[str]) -> list[str]:
    """Those that were not here yet."""
    fresh = []
    for document in documents:
        if document["_id"] not in taken:
            taken.add(document["_id"])
            fresh.append(document["_id"])
            graph.take_lot(document)
    return fresh


def _take_facts(
    graph: Graph,
    segments: Iterable[Document],
    moves: Iterable[Document],
    counts: Iterable[Document],
) -> None:
    for one in segments:
        graph.take_segment(one)
    for one in moves:
        graph.take_move(one)
    for one in counts:
        graph.take_scans(one)


def _lots(field: str, ids: Sequence[str]) -> Wanted:
    return genealogy.LOTS, [{"$match": {field: {"$in": ids}}}, {"$project": genealogy.IN_GRAPH}]


def _of_lots(ids: Sequence[str]) -> tuple[Wanted, Wanted, Wanted]:
    """Their stamps, their shipments, their scans."""
    segments: list[Document] = [{"$match": {"lots.lot": {"$in": ids}}}, {"$project": {"lots": 1}}]
    return (
        (stamps.SEGMENTS, segments),
        shipments.with_lots(ids),
        (scans.COUNTS, [{"$match": {"lot_id": {"$in": ids}}}]),
    )
