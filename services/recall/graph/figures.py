"""What a set of lots adds up to: stamps, scans, places, and how much of it is still about."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal

import numpy as np

from services.recall.graph.graph import KINDS, NOWHERE, PARTS, STATUSES, Graph
from services.recall.graph.lines import Rows

TRANSFER, EXPORT, SALE, LOSS = range(len(KINDS))
PLANNED, IN_TRANSIT, HANDED_OVER, RECEIVED, CANCELLED = range(len(STATUSES))


@dataclass(slots=True)
class Balance:
    """Where the goods are by the books, in one unit; each a quantity in it.

    `at_makers` is what was made less what left the maker; it may be below zero, where more left
    than was made. `short` is what receivers counted less than was sent. What was used up as a
    material of other lots is in nobody's record here, so it stands under `at_makers` and
    `at_receivers`.
    """

    made: Decimal = Decimal(0)
    at_makers: Decimal = Decimal(0)
    on_the_way: Decimal = Decimal(0)
    at_receivers: Decimal = Decimal(0)
    sold: Decimal = Decimal(0)
    exported: Decimal = Decimal(0)
    lost: Decimal = Decimal(0)
    short: Decimal = Decimal(0)

    @property
    def on_market(self) -> Decimal:
        """Still about, in nobody's stock: made, less stocks, exports and losses."""
        return (
            self.made
            - max(self.at_makers, Decimal(0))
            - max(self.at_receivers, Decimal(0))
            - self.exported
            - self.lost
        )


@dataclass(frozen=True, slots=True)
class Scanned:
    """Scans in one commune, "" where phones told none, and the different stamps whose first scan
    they were; `last` in seconds since 1970."""

    commune: str
    scans: int
    stamps: int
    last: int


@dataclass(slots=True)
class Figures:
    """Of a set of lots. `makers` and `receivers` are facilities with the number of lots each made
    or was sent, `products` those of the lots; `balances` by unit; `held` the lots that each
    facility made or was sent."""

    lots: int = 0
    makers: Counter[str] = field(default_factory=Counter)
    receivers: Counter[str] = field(default_factory=Counter)
    products: Counter[str] = field(default_factory=Counter)
    issued: int = 0
    active: int = 0
    scans: int = 0
    stamps_scanned: int = 0
    lots_scanned: int = 0
    lots_moved: int = 0
    places: list[Scanned] = field(default_factory=list)
    held: list[tuple[str, list[int]]] = field(default_factory=list)
    balances: dict[str, Balance] = field(default_factory=dict)

    def lots_by(self, place_of: Mapping[str, str]) -> Counter[str]:
        """How many of the lots were made or received at each place, by facility."""
        at: dict[str, set[int]] = {}
        for facility, lots in self.held:
            if place := place_of.get(facility):
                at.setdefault(place, set()).update(lots)
        return Counter({place: len(lots) for place, lots in at.items()})


def of_lots(graph: Graph, lots: Sequence[int], party: int | None = None) -> Figures:
    """Of lots that are known; with `party` see `moves_of`."""
    marks = graph.marked(lots)
    stamps, scans = (kind.of(marks) for kind in (graph.stamps, graph.scans))
    moves = moves_of(graph, lots, party)
    sent = moves[:, moves[2] != NOWHERE]
    return Figures(
        lots=len(lots),
        makers=_counted(graph.facilities.id, [graph.facility[lot] for lot in lots]),
        receivers=_counted(graph.facilities.id, _once(sent[2], sent[0])),
        products=_counted(graph.products.id, [graph.product[lot] for lot in lots]),
        issued=int(stamps[1].sum()),
        active=int(stamps[2].sum()),
        scans=int(scans[2].sum()),
        stamps_scanned=int(scans[3].sum()),
        lots_scanned=len(np.unique(scans[0])),
        lots_moved=len(np.unique(moves[0])),
        places=_places(graph, scans),
        held=_held(graph, lots, sent),
        balances=_balances(graph, lots, moves),
    )


def moves_of(graph: Graph, lots: Sequence[int], party: int | None = None) -> Rows:
    """What moved the lots; with `party`, a facility's number, what that sent or received alone."""
    moves = graph.moves.of(graph.marked(lots))
    moves = moves[:, moves[4] != CANCELLED]
    if party is None:
        return moves
    return moves[:, (moves[1] == party) | ((moves[2] == party) & (moves[2] != NOWHERE))]


def stamps_of(graph: Graph, lots: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Issued and active stamps of each lot that has any."""
    found: dict[int, tuple[int, int]] = {}
    for lot, issued, active in graph.stamps.of(graph.marked(lots)).T.tolist():
        before = found.get(lot, (0, 0))
        found[lot] = (before[0] + issued, before[1] + active)
    return found


def scans_of(graph: Graph, lots: Sequence[int]) -> dict[int, int]:
    """Scans of each lot that has any."""
    found: Counter[int] = Counter()
    for lot, _, scans, _, _ in graph.scans.of(graph.marked(lots)).T.tolist():
        found[lot] += scans
    return found


def receivers_of(graph: Graph, lots: Sequence[int]) -> set[str]:
    """The facilities that any of the lots was sent to."""
    moves = graph.moves.of(graph.marked(lots))
    sent = moves[2][(moves[4] != CANCELLED) & (moves[2] != NOWHERE)]
    return {graph.facilities.id(int(one)) for one in np.unique(sent)}


def _counted(name: Callable[[int], str], numbers: Sequence[int]) -> Counter[str]:
    return Counter({name(one): count for one, count in Counter(numbers).items()})


def _held(graph: Graph, lots: Sequence[int], sent: Rows) -> list[tuple[str, list[int]]]:
    at: dict[int, set[int]] = {}
    for lot in lots:
        at.setdefault(graph.facility[lot], set()).add(lot)
    for lot, to in zip(sent[0].tolist(), sent[2].tolist(), strict=True):
        at.setdefault(to, set()).add(lot)
    return [(graph.facilities.id(one), list(its)) for one, its in at.items()]


def _once(receivers: Rows, lots: Rows) -> list[int]:
    """The receivers, each once for each of its lots."""
    pairs = np.unique(np.array([receivers, lots]), axis=1) if len(lots) else np.empty((2, 0))
    return [int(one) for one in pairs[0]]


def _places(graph: Graph, scans: Rows) -> list[Scanned]:
    """The most recently scanned first."""
    found = []
    for commune in np.unique(scans[1]):
        here = scans[:, scans[1] == commune]
        name = graph.communes.id(int(commune))
        found.append(Scanned(name, int(here[2].sum()), int(here[3].sum()), int(here[4].max())))
    return sorted(found, key=lambda place: (-place.last, place.commune))


def _balances(graph: Graph, lots: Sequence[int], moves: Rows) -> dict[str, Balance]:
    made: Counter[int] = Counter()
    for lot in lots:
        made[graph.unit[lot]] += graph.made[lot]
    units = sorted({*made, *(int(one) for one in np.unique(moves[5]))})
    makers = np.frombuffer(graph.facility, np.int32)[moves[0]]
    found = {}
    for unit in units:
        here = moves[5] == unit
        found[graph.units.id(unit)] = _balance(made[unit], moves[:, here], makers[here])
    return found


def _balance(made: int, moves: Rows, makers: Rows) -> Balance:
    _, sender, _, kind, status, _, quantity, counted, returned, _ = moves
    gone = (status != PLANNED) & (status != CANCELLED)
    net = quantity - returned
    arrived = gone & (kind == TRANSFER) & (status == RECEIVED)
    # What came back never was with the receiver: it is of what lies outside the count.
    got = np.where(counted == NOWHERE, net, counted)
    by_maker = gone & (sender == makers)
    of_kind = {name: _sum(net[gone & (kind == name)]) for name in (SALE, EXPORT, LOSS)}
    taken_on = _sum(net[gone & ~by_maker])
    in_parts = Balance(
        made=Decimal(made),
        at_makers=Decimal(made - _sum(net[by_maker])),
        on_the_way=Decimal(_sum(net[gone & (kind == TRANSFER) & ~arrived])),
        at_receivers=Decimal(_sum(got[arrived]) - taken_on),
        sold=Decimal(of_kind[SALE]),
        exported=Decimal(of_kind[EXPORT]),
        lost=Decimal(of_kind[LOSS]),
        short=Decimal(_sum(np.maximum(net - got, 0)[arrived])),
    )
    return Balance(*(getattr(in_parts, one.name) / PARTS for one in fields(Balance)))


def _sum(quantities: Rows) -> int:
    """Beyond what a column's number holds."""
    return sum(quantities.tolist())
