"""Which stamps go into the filter, and their hashes: the secret keys are used here alone."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from types import MappingProxyType

from services.scan.domain.code_filter import PAIR_BYTES, pairs_of
from services.scan.domain.offline import Missing
from services.scan.domain.segments import SEGMENT_BITS, Segment
from services.scan.domain.verdict import ENDED
from services.scan.store import offline as store
from services.scan.store import suspicions
from services.scan.store.offline import Standing
from shared.mongo import Database, Document
from shared.stampcode import Keyring, encode

# Serials of a batch, both ends included.
Range = tuple[int, int, int]
# What they are wanted for (a batch, lot, product or facility; "" where for themselves) comes with
# them.
Found = AsyncIterator[tuple[str, Range]]
# Such stamps may be on goods; those that went back or were destroyed pile up and hardly are.
LAID_ASIDE = frozenset({"returned", "damaged", "destroyed"})
BAD_STATES = ENDED | {"suspended"}
AT_LARGE = BAD_STATES - LAID_ASIDE
# So many codes are hashed at a time, beside the loop.
AT_A_TIME = 1 << SEGMENT_BITS

# In this order they are taken, for what does not fit is left out from the end. The widest comes
# first: a recall names a product and all its lots, and they are left out as the product or not.
SUSPECTED, NAMED = "codes_suspected", "codes_named"
OF_PRODUCTS, OF_FACILITIES, OF_LOTS = "codes_products", "codes_facilities", "codes_lots"
ENDINGS, SPENT = "codes_ended", "codes_spent"
# A filter that has some of a lot's codes tells little of the lot, and takes the room of others.
WHOLE = frozenset({NAMED, OF_LOTS, OF_PRODUCTS, OF_FACILITIES})
# Such stamps are taken also where what they are of was left out: they are bad for themselves too.
FOR_THEMSELVES = {ENDINGS: AT_LARGE, SPENT: LAID_ASIDE}


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
            (ENDINGS, segment.states[place] in AT_LARGE),
            (SPENT, segment.states[place] in LAID_ASIDE),
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
        ranges=tuple((s.batch, s.first, s.last) for notice in grave for s in notice.stamps),
        made=frozenset(lot for lot, maker in made.items() if maker in facilities),
    )


async def collect(
    want: Wanted, room: int, *, db: Database
) -> tuple[list[Range], tuple[Missing, ...], frozenset[str]]:
    """Stamps for the filter, at most `room` of them, which kinds of reason did not fit, and the
    ids of lots, products and facilities of which it has not all stamps for being theirs. Things
    that are taken whole get half of what room is left, kind by kind: something is always left for
    stamps that are bad for themselves."""
    taken: list[Range] = []
    missing: list[Missing] = []
    left_out: set[str] = set()
    batches: set[str] = set()
    for kind, source in _sources(want, db, left_out):
        if kind in WHOLE:
            fit, left = await _together(source, room // 2)
            left_out |= left
        else:
            fit, left = await _first(source, room)
        taken += fit
        room -= sum(last - first + 1 for _, first, last in fit)
        if left:
            missing.append(Missing(kind, len(left) if kind in WHOLE else -1))
        if kind == NAMED:
            batches = left
    of_batches = await store.products_of(db, map(int, batches))
    return taken, tuple(missing), frozenset(left_out - batches | of_batches)


async def _first(source: Found, room: int) -> tuple[list[Range], set[str]]:
    """As many as there is room for, cut off there."""
    taken: list[Range] = []
    async for target, (batch, first, last) in source:
        fits = min(last - first + 1, room)
        if fits > 0:
            taken.append((batch, first, first + fits - 1))
            room -= fits
        if fits < last - first + 1:
            return taken, {target}
    return taken, set()


async def _together(source: Found, room: int) -> tuple[list[Range], set[str]]:
    """All stamps of a thing or none. The largest is left out while all of them do not fit: so never
    more is held than there is room for."""
    taken: dict[str, list[Range]] = defaultdict(list)
    sizes: dict[str, int] = defaultdict(int)
    left: set[str] = set()
    total = 0
    async for target, one in source:
        if target in left:
            continue
        size = one[2] - one[1] + 1
        taken[target].append(one)
        sizes[target] += size
        total += size
        while total > room:
            largest = max(sizes, key=sizes.__getitem__)
            total -= sizes.pop(largest)
            del taken[largest]
            left.add(largest)
    return [one for ranges in taken.values() for one in ranges], left


def _sources(want: Wanted, db: Database, left_out: Set[str]) -> Iterator[tuple[str, Found]]:
    """`left_out` grows while they are read."""
    yield SUSPECTED, _suspected(db)
    yield NAMED, _named(want, db)
    found: list[tuple[str, Callable[[], Document], Iterable[object]]] = [
        (OF_PRODUCTS, lambda: store.of_products(want.products), want.products),
        (OF_FACILITIES, lambda: store.made_by_any(want.facilities, want.made), want.facilities),
        (OF_LOTS, lambda: store.of_lots(want.lots), want.lots),
        (ENDINGS, lambda: store.in_states(AT_LARGE), AT_LARGE),
        (SPENT, lambda: store.in_states(LAID_ASIDE), LAID_ASIDE),
    ]
    for kind, condition, ids in found:
        if ids:
            yield kind, _intervals(want, kind, condition(), db, left_out)


async def _suspected(db: Database) -> Found:
    _, stamps = await suspicions.shown(db)
    for batch, serial in sorted(stamps):
        yield "", (batch, serial, serial)


async def _named(want: Wanted, db: Database) -> Found:
    for one in want.ranges:
        yield str(one[0]), one
    if want.batches:
        condition = store.of_batches(want.batches)
        async for found in _intervals(want, NAMED, condition, db, frozenset()):
            yield found


async def _intervals(
    want: Wanted, kind: str, condition: Document, db: Database, left_out: Set[str]
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


class Hashes:
    """Hashes of codes, kept from one snapshot to the next: making a code anew costs far more.

    A stamp has a code in every key slot; which one it was printed with nobody here knows, so all
    of them are in the filter.
    """

    def __init__(self) -> None:
        self._kept: dict[Range, bytes] = {}
        self._slots: tuple[object, ...] = ()

    async def of(self, ranges: Iterable[Range], ring: Keyring) -> bytes:
        """The hashes of all codes of these stamps (domain/code_filter.py), in no order."""
        if self._slots != ring.by_slot:
            self._kept, self._slots = {}, ring.by_slot
        parts = {part for one in ranges for part in _parts(one)}
        found = {part: self._kept[part] for part in parts if part in self._kept}
        waiting: list[Range] = []
        size = 0
        for part in sorted(parts - found.keys()):
            waiting.append(part)
            size += part[2] - part[1] + 1
            if size >= AT_A_TIME:
                found.update(await asyncio.to_thread(_hashed, waiting, ring))
                waiting, size = [], 0
        found.update(await asyncio.to_thread(_hashed, waiting, ring))
        self._kept = found
        return b"".join(found.values())


def codes_in(pairs: bytes) -> int:
    return len(pairs) // PAIR_BYTES


def slots_of(ring: Keyring) -> list[int]:
    return [number for number, slot in enumerate(ring.by_slot) if slot is not None]


def _parts(one: Range) -> Iterator[Range]:
    """The same cut where segments end."""
    batch, first, last = one
    while first <= last:
        end = min(last, first | (AT_A_TIME - 1))
        yield batch, first, end
        first = end + 1


def _hashed(ranges: list[Range], ring: Keyring) -> dict[Range, bytes]:
    slots = slots_of(ring)
    return {
        (batch, first, last): pairs_of(
            encode(ring, batch, serial, slot) for serial in range(first, last + 1) for slot in slots
        )
        for batch, first, last in ranges
    }
