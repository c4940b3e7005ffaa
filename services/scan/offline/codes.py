"""Which stamps go into the filter."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from services.scan.domain.offline import Missing
from services.scan.domain.segments import Segment
from services.scan.domain.verdict import ENDED
from services.scan.offline.ranges import Range, Ranges, Stamps
from services.scan.store import offline as store
from services.scan.store import suspicions
from services.scan.store.offline import Standing
from shared.as_of import AsOf, as_of_one_time
from shared.mongo import Database, Document
from shared.stampcode import MAX_SERIAL

# What they are wanted for (a batch, lot, product or facility; "" where for themselves) comes with
# them.
Found = AsyncIterator[tuple[str, Range]]
BAD_STATES = ENDED | {"suspended"}

# In this order they are taken, for what does not fit is left out from the end. The widest comes
# first: a recall names a product and all its lots, and they are left out as the product or not.
NAMED, OF_PRODUCTS = "codes_named", "codes_products"
OF_FACILITIES, OF_LOTS = "codes_facilities", "codes_lots"
REVOKED, LOST, SPENT, SUSPECTED = "codes_revoked", "codes_lost", "codes_spent", "codes_suspected"
# A filter that has some of a lot's codes tells little of the lot, and takes the room of others.
WHOLE = frozenset({NAMED, OF_LOTS, OF_PRODUCTS, OF_FACILITIES})
# Such stamps are taken also where what they are of was left out: they are bad for themselves too.
# Those that went back or were destroyed pile up over the years and are hardly on goods.
FOR_THEMSELVES = {
    REVOKED: frozenset({"revoked"}),
    LOST: frozenset({"lost", "suspended"}),
    SPENT: frozenset({"returned", "damaged", "destroyed"}),
}
# What is left out is counted so far; to count more, too much would be read for a number.
MOST_COUNTED = 100_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What stamps are in the filter for, beside their own state. Warnings alone are no reason.
    `made` are lots that such facilities made of products of others."""

    lots: frozenset[str]
    products: frozenset[str]
    facilities: frozenset[str]
    batches: frozenset[int]
    ranges: tuple[Range, ...]
    made: frozenset[str]

    def why(self, batch: int, segment: Segment, place: int) -> str:
        """For which kind of reason an interval of a segment is in it; "" if for none."""
        lot = segment.lots[place]
        for kind, applies in (
            (NAMED, batch in self.batches),
            (OF_PRODUCTS, segment.product_id in self.products),
            (OF_FACILITIES, segment.facility_id in self.facilities or lot in self.made),
            (OF_LOTS, bool(lot) and lot in self.lots),
            *((kind, segment.states[place] in states) for kind, states in FOR_THEMSELVES.items()),
        ):
            if applies:
                return kind
        return ""

    def target(self, kind: str, batch: int, segment: Segment, place: int) -> str:
        """For which of the things that are left out whole an interval is in it."""
        if kind == NAMED:
            return str(batch)
        if kind == OF_PRODUCTS:
            return segment.product_id
        if kind == OF_FACILITIES and segment.facility_id in self.facilities:
            return segment.facility_id
        return segment.lots[place] if kind in WHOLE else ""

    def wants(self, batch: int, segment: Segment) -> bool:
        return any(self.why(batch, segment, place) for place in range(len(segment.firsts)))


def wanted(stands: Standing, made: Mapping[str, str] = MappingProxyType({})) -> Wanted:
    """`made`: lots that listed facilities made of products of others, and by whom."""
    grave = [notice for notice in stands.notices if notice.kind != "warning"]
    holds = stands.holds
    facilities = (
        stands.facilities
        | {one for notice in grave for one in notice.facilities}
        | {hold.target for hold in holds if hold.scope == "facility"}
    )
    return Wanted(
        lots=frozenset({*stands.lots, *(one for notice in grave for one in notice.lots)}),
        products=stands.products | {one for notice in grave for one in notice.products},
        facilities=facilities,
        batches=frozenset(
            {
                *(one for notice in grave for one in notice.batches),
                *(int(hold.target) for hold in holds if hold.scope == "batch"),
            }
        ),
        ranges=tuple(
            (one.batch, max(one.first, 0), min(one.last, MAX_SERIAL))
            for notice in grave
            for one in notice.stamps
            if one.first <= min(one.last, MAX_SERIAL)
        ),
        made=frozenset(lot for lot, maker in made.items() if maker in facilities),
    )


async def collect(
    want: Wanted, room: int, *, db: Database
) -> tuple[Ranges, tuple[Missing, ...], frozenset[str]]:
    """Stamps for the filter, at most `room` of them, which kinds of reason did not fit, and the
    ids of lots, products and facilities of which it has not all stamps for being theirs. Things
    that are taken whole get half of what room is left, kind by kind: something is always left for
    stamps that are bad for themselves. Suspicions are last, but half of what is left then is kept
    for them from those that went back."""
    taken = Ranges()
    missing: list[Missing] = []
    left_out: set[str] = set()
    batches: set[str] = set()
    suspects, is_every = await _suspects(db)
    # Suspended when the revoked are read, revoked when the suspended are: else it were in neither.
    async with as_of_one_time(db) as then:
        for kind, source in _sources(want, then, left_out):
            if kind in WHOLE:
                fit, left = await _together(source, room // 2)
                left_out |= left
                batches = left if kind == NAMED else batches
                missing += [Missing(kind, len(left))] if left else []
            else:
                kept = min(room // 2, len(_but(suspects, taken))) if kind == SPENT else 0
                fit, count = await _first(source, room - kept)
                missing += _cut(kind, count, count < MOST_COUNTED)
            taken.take(fit)
            room -= fit.size
    others = _but(suspects, taken)
    taken.take(Ranges.of(others[:room]))
    missing += _cut(SUSPECTED, max(len(others) - room, 0), is_every)
    of_batches = await store.products_of(db, map(int, batches))
    return taken, tuple(missing), frozenset(left_out - batches | of_batches)


def _but(stamps: Stamps, taken: Ranges) -> Stamps:
    """Those whose codes are not in the filter for being revoked, or of recalled goods."""
    return np.setdiff1d(stamps, taken.stamps(), assume_unique=True)


def _cut(kind: str, count: int, is_all: bool) -> list[Missing]:
    """`is_all`: whether these are counted to the last."""
    if count:
        return [Missing(kind, count, at_least=not is_all)]
    return [] if is_all else [Missing(kind, -1)]


async def _suspects(db: Database) -> tuple[Stamps, bool]:
    """Stamps that buyers are warned of, and whether these are all."""
    _, found = await suspicions.shown(db)
    singles = Ranges((batch, serial, serial) for batch, serial in found)
    return singles.stamps(), len(found) < suspicions.MOST_SHOWN


async def _first(source: Found, room: int) -> tuple[Ranges, int]:
    """As many as there is room for, cut off there, and how many not; of them MOST_COUNTED are
    counted."""
    taken = Ranges()
    left = 0
    async for _, (batch, first, last) in source:
        fits = min(last - first + 1, room)
        if fits > 0:
            taken.add((batch, first, first + fits - 1))
            room -= fits
        left += last - first + 1 - fits
        if left >= MOST_COUNTED:
            return taken, MOST_COUNTED
    return taken, left


async def _together(source: Found, room: int) -> tuple[Ranges, set[str]]:
    """All stamps of a thing or none. The largest is left out while all of them do not fit: so never
    more is held than there is room for."""
    taken: dict[str, Ranges] = defaultdict(Ranges)
    sizes: dict[str, int] = defaultdict(int)
    left: set[str] = set()
    total = 0
    async for target, one in source:
        if target in left:
            continue
        size = one[2] - one[1] + 1
        taken[target].add(one)
        sizes[target] += size
        total += size
        while total > room:
            largest = max(sizes, key=sizes.__getitem__)
            total -= sizes.pop(largest)
            del taken[largest]
            left.add(largest)
    every = Ranges()
    for ranges in taken.values():
        every.take(ranges)
    return every, left


def _sources(want: Wanted, db: AsOf, left_out: Set[str]) -> Iterator[tuple[str, Found]]:
    """`left_out` grows while they are read."""
    yield NAMED, _named(want, db)
    found: list[tuple[str, Callable[[], Document], Iterable[object]]] = [
        (OF_PRODUCTS, lambda: store.of_products(want.products), want.products),
        (OF_FACILITIES, lambda: store.made_by_any(want.facilities, want.made), want.facilities),
        (OF_LOTS, lambda: store.of_lots(want.lots), want.lots),
    ]
    for kind, condition, ids in found:
        if ids:
            yield kind, _intervals(want, kind, condition(), db, left_out)
    for kind, states in FOR_THEMSELVES.items():
        yield kind, _intervals(want, kind, store.in_states(states), db, left_out)


async def _named(want: Wanted, db: AsOf) -> Found:
    for one in want.ranges:
        yield str(one[0]), one
    if want.batches:
        condition = store.of_batches(want.batches)
        async for found in _intervals(want, NAMED, condition, db, frozenset()):
            yield found


async def _intervals(
    want: Wanted, kind: str, condition: Document, db: AsOf, left_out: Set[str]
) -> Found:
    """Intervals that are in the filter for this kind of reason and none before it, or for one
    before it whose thing was left out."""
    states = FOR_THEMSELVES.get(kind, frozenset())
    async for batch, segment in store.segments_where(db, condition):
        for place, first in enumerate(segment.firsts):
            why = want.why(batch, segment, place)
            target = want.target(why, batch, segment, place)
            if why == kind or (segment.states[place] in states and target in left_out):
                yield target, (batch, first, segment.lasts[place])
