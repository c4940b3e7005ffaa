"""The whole genealogy in the memory of a process, as of a number: loaded once, then followed.

Whoever writes lots, shipments, stamps or scans takes a number of that kind in the same transaction
and leaves it on what is written (`genealogy.next_turn`). Such transactions wait for one another, so
whoever has read a number sees everything up to it. What bears a higher one is what memory lacks.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import structlog

from services.recall.graph.graph import Document, Graph
from services.recall.store import genealogy, scans, shipments, stamps
from services.recall.store.genealogy import REACH, SCANS, STAMPS
from services.recall.store.newest import together
from shared.mongo import Database, is_outage

log = structlog.get_logger()

# How often memory follows by itself, so that nobody who asks waits for much.
PAUSE_SECONDS: Final = 1.0
# What cannot be read is met again by each loading: it is tried less and less often.
MOST_PAUSE_SECONDS: Final = 600.0
_UNREADABLE: Final = (KeyError, TypeError, ValueError)
BATCH: Final = 2_000
# Turns that are read again after loading.
MARGIN: Final = 1_000
# Collections, what is read of them, the number they follow, and how a graph takes a document.
_Take = Callable[..., None]
_SOURCES: Final[tuple[tuple[str, Document, str, _Take], ...]] = (
    (genealogy.LOTS, genealogy.IN_GRAPH, REACH, Graph.take_lot),
    (shipments.SHIPMENTS, {"search": 0}, REACH, Graph.take_move),
    (stamps.SEGMENTS, {"lots": 1}, STAMPS, Graph.take_segment),
    (scans.COUNTS, {"facility_id": 0, "product_id": 0}, SCANS, Graph.take_scans),
)


@dataclass(frozen=True, slots=True)
class Known:
    """A graph and up to which turn of `genealogy.decide` it holds everything."""

    graph: Graph
    turns: int


class Kept:
    """The memory of one process. Nothing changes in it but while somebody awaits `caught_up`."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._graph: Graph | None = None
        self._turns: dict[str, int] = {}
        # Turns of which nobody left a number, from before there were such.
        self._silent = 0
        # How often in a row something could not be read.
        self._broken = 0
        self._following = asyncio.Lock()

    async def keep(self) -> None:
        """Load, then follow until cancelled."""
        while True:
            try:
                if self._graph is None:
                    await self._load()
                if await self.caught_up() is not None:
                    self._broken = 0
            except _UNREADABLE:
                self._broken += 1
                log.exception("the genealogy cannot be loaded; the database is asked instead")
            except Exception as error:
                if not is_outage(error):
                    raise
            await asyncio.sleep(self.pause)

    @property
    def pause(self) -> float:
        """Seconds before it is looked at again."""
        return min(PAUSE_SECONDS * float(2 ** min(self._broken, 16)), MOST_PAUSE_SECONDS)

    def reaches_more(self, roots: Iterable[str], most: int) -> bool:
        """Whether more than so many lots hang on these by what is remembered now, which may lag: a
        hint of whom to ask."""
        graph = self._graph
        return graph is not None and graph.down(graph.known(roots), max(1, most)).cut

    async def caught_up(self) -> Known | None:
        """With all that was acknowledged before this call; None while it is being loaded."""
        async with self._following:
            graph = self._graph
            if graph is None:
                return None
            guards, *found = await together(
                self._db,
                (genealogy.GUARD, []),
                *(
                    (name, [{"$match": {"turn": {"$gt": self._turns[kind]}}}, {"$project": fields}])
                    for name, fields, kind, _ in _SOURCES
                ),
            )
            turns = _turns(guards)
            if any(turns[kind] < self._turns[kind] for kind in turns):
                # An older state of the database: a restored one, or read before it was lost.
                log.warning("turns went back; the genealogy is loaded anew")
                self._graph = None
                return None
            if _silent(guards) != self._silent:
                # A process of before writes too, and leaves no numbers: what it wrote is not found.
                self._graph = None
                return None
            try:
                for documents, (_, _, _, take) in zip(found, _SOURCES, strict=True):
                    for document in documents:
                        take(graph, document)
            except _UNREADABLE:
                # What cannot be read here must not stop what can be read from the database.
                log.exception("the genealogy is given up and loaded anew")
                self._graph = None
                self._broken += 1
                return None
            self._turns = turns
            return Known(graph, turns[REACH])

    async def _load(self) -> None:
        guards = [row async for row in self._db.collection(genealogy.GUARD).find({})]
        graph = Graph()
        for name, fields, _, take in _SOURCES:
            rows = self._db.collection(name).find({}, fields, batch_size=BATCH)
            async for document in rows:
                take(graph, document, is_new=True)
        graph.links.lay_out(len(graph.lots))
        after = [row async for row in self._db.collection(genealogy.GUARD).find({})]
        turns = _turns(guards)
        if any(_turns(after)[kind] < turns[kind] for kind in turns):
            # Another primary answered meanwhile, one that had not seen all of these yet.
            log.warning("turns went back while the genealogy was loaded")
            return
        # What was read by another node may lack the last of them: these are read once more.
        self._turns = {kind: max(0, turn - MARGIN) for kind, turn in turns.items()}
        self._silent = _silent(guards)
        self._graph = graph
        log.info("the genealogy is in memory", lots=len(graph.lots))


def _turns(guards: list[Document]) -> dict[str, int]:
    numbers = {row["_id"]: int(row.get("turns", 0)) for row in guards}
    return {kind: numbers.get(kind, 0) for kind in (REACH, STAMPS, SCANS)}


def _silent(guards: list[Document]) -> int:
    return sum(row.get("turns", 0) - row.get("told", 0) for row in guards if row["_id"] == REACH)


_KEPT: WeakKeyDictionary[Database, Kept] = WeakKeyDictionary()


def of(db: Database) -> Kept:
    """The memory of this process for a database; whoever runs `keep` fills it."""
    kept = _KEPT.get(db)
    if kept is None:
        kept = _KEPT[db] = Kept(db)
    return kept
