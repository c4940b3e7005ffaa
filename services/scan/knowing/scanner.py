"""From batch and serial to all that is known of a stamp, by memory alone wherever it can be."""

import time
from collections.abc import Callable, Hashable
from datetime import date
from typing import Any

from services.scan.domain.aggregates import AREAS, FACILITIES, LOTS, PRODUCTS, SEGMENTS, Aggregate
from services.scan.domain.segments import SILENT, Interval, Segment, key_of
from services.scan.domain.tally import Stamp
from services.scan.domain.verdict import (
    NO_LINK,
    UNKNOWN,
    Case,
    Judgement,
    Link,
    disagrees,
    judge,
    same_case,
)
from services.scan.knowing.confirm import Clock, Confirmer
from services.scan.knowing.lookup import Found, Lookup
from services.scan.knowing.memory import Key, Memory
from shared import days
from shared.contracts.registry import LotPublished

MOST_ROUNDS = 5
MOST_KNOWN = 50_000

# What is asked of a whole lot is asked of no batch.
NO_BATCH = -1

NOTHING: Aggregate = {}


class Known:
    """A case and what follows from it, both ways; what its answers are kept by is made once.

    `case` is None for a serial that was never issued. `generation` is that of the memory for which
    it was last found to be true.
    """

    __slots__ = ("case", "confirmed", "generation", "kept", "keys", "unconfirmed")

    def __init__(
        self,
        case: Case | None,
        confirmed: Judgement,
        unconfirmed: Judgement,
        generation: int = -1,
    ) -> None:
        self.case = case
        self.confirmed = confirmed
        self.unconfirmed = unconfirmed
        self.generation = generation
        # Of the answers made from it, by how they were asked for (answering/marks.py).
        self.keys: dict[Any, Hashable] = {}
        # Whether the scanner keeps it, so that answers made from it may be kept too.
        self.kept = False


def never_issued() -> Known:
    """The same for a forged code, which is known before anything is looked up."""
    return Known(None, Judgement(UNKNOWN), Judgement(UNKNOWN))


class Scanner:
    """Cases are kept, and looked at again when anything in memory has changed.

    A recall must not void the answers of all other stamps: making those anew, for everybody at
    once, would take the replica a tenth of a second, just when the notice is to be shown.
    """

    def __init__(
        self,
        memory: Memory,
        confirmer: Confirmer,
        lookup: Lookup,
        *,
        clock: Clock = time.monotonic,
        today: Callable[[], date] = days.today,
    ) -> None:
        self._memory = memory
        self._confirmer = confirmer
        self._lookup = lookup
        self._clock = clock
        self._read_day = today
        self._today = today()
        self._known: dict[Any, Known] = {}
        self.unknown = never_issued()

    def turn_day(self) -> None:
        """At midnight in Vietnam lots expire; asked once a second."""
        if (day := self._read_day()) != self._today:
            self._today = day
            self._memory.generation += 1

    def peek(self, batch: int, serial: int, link: Link = NO_LINK) -> Known | None:
        """What memory knows at once; None where `find` has to look further."""
        memory = self._memory
        segment = memory.segments.get(key_of(batch, serial))
        if segment is None:
            return None
        interval = segment.find(serial)
        if interval is None:
            return self.unknown
        one = self._singled_out(batch, serial)
        known = self._known.get((segment.facility_id, segment.product_id, *interval, one, link))
        if known is None or known.generation == memory.generation:
            return known
        return known if self._still_true(known, batch, serial, segment, interval, link) else None

    def _still_true(
        self,
        known: Known,
        batch: int,
        serial: int,
        segment: Segment,
        interval: Interval,
        link: Link,
    ) -> bool:
        """Whether the case made from memory as it is now is the same, and judged the same."""
        # Reading may push something out of a cache, and what is not there is not told of changes.
        generation = self._memory.generation
        case = self._case(batch, serial, segment.facility_id, segment.product_id, interval, link)
        if not (
            same_case(case, known.case)
            and self._judge(case, True) == known.confirmed
            and self._judge(case, False) == known.unconfirmed
        ):
            return False
        known.generation = generation
        return True

    async def find(self, batch: int, serial: int, link: Link = NO_LINK) -> Known:
        """What is known of a stamp, read from the database where memory lacks it."""
        known = self.peek(batch, serial, link)
        if known is not None:
            return known
        since = self._clock()
        key = key_of(batch, serial)
        lacking: dict[Key, Found] = {}
        # Three rounds reach everything; a cache so small that it forgets meanwhile takes no more.
        for _ in range(MOST_ROUNDS):
            needs = [need for need in self._needs(key, serial) if need not in lacking]
            if not needs:
                break
            await self._load(needs, lacking)
            if lacking.get((SEGMENTS, key)) is Found.ABSENT:
                proof = await self._lookup.was_never_issued(key, since)
                if proof:
                    return self.unknown
                if proof is False:
                    del lacking[SEGMENTS, key]
        # Of a batch never met, the lot may have been: then all of it is known by now.
        return self.peek(batch, serial, link) or self._know(batch, serial, link)

    async def find_whole(self, facility_id: str, product_id: str = "", lot_id: str = "") -> Known:
        """What is known of a lot, product or facility as a whole, whatever stamps are on it."""
        lacking: dict[Key, Found] = {}
        for _ in range(MOST_ROUNDS):
            wanted = self._needs_of(facility_id, product_id, lot_id)
            needs = [need for need in wanted if need not in lacking]
            if not needs:
                break
            await self._load(needs, lacking)
        generation = self._memory.generation
        whole = (lot_id, "active", SILENT)
        case = self._case(NO_BATCH, -1, facility_id, product_id, whole, NO_LINK)
        return Known(case, self._judge(case, True), self._judge(case, False), generation)

    async def _load(self, needs: list[Key], lacking: dict[Key, Found]) -> None:
        ended = await self._lookup.load_all(needs)
        lacking.update((need, found) for need, found in ended.items() if found is not Found.HERE)

    def _needs(self, key: str, serial: int) -> list[Key]:
        """What to read next; what a passport names is known only once it is here."""
        memory = self._memory
        segment = memory.segments.get(key)
        if segment is None:
            return [(SEGMENTS, key)]
        interval = segment.find(serial)
        if interval is None:
            return []
        return self._needs_of(segment.facility_id, segment.product_id, interval[0])

    def _needs_of(self, facility_id: str, product_id: str, lot_id: str) -> list[Key]:
        wanted = [(FACILITIES, facility_id), (PRODUCTS, product_id), (LOTS, lot_id)]
        lot = self._passport(LOTS, lot_id).get("published")
        if isinstance(lot, LotPublished):
            wanted.append((AREAS, lot.growing_area_id))
        passports = self._memory.passports
        return [need for need in wanted if need[1] and need[1] not in passports[need[0]]]

    def _know(self, batch: int, serial: int, link: Link) -> Known:
        """Make the case from what is in memory now; nothing is awaited from here on."""
        generation = self._memory.generation
        segment = self._memory.segments.get(key_of(batch, serial))
        interval = segment.find(serial) if segment else None
        if segment is not None and interval is None:
            return self.unknown
        facility_id, product_id = (segment.facility_id, segment.product_id) if segment else ("", "")
        interval = interval or ("", "", SILENT)
        case = self._case(batch, serial, facility_id, product_id, interval, link)
        known = Known(case, self._judge(case, True), self._judge(case, False), generation)
        # An address that disagrees, or names a lot where there is none, may say anything, so there
        # may be any number of them.
        named = not link.lot or case.published_lot is not None
        if case.complete and named and not disagrees(case):
            one = self._singled_out(batch, serial)
            known.kept = True
            if len(self._known) > MOST_KNOWN:
                self._known.clear()
            self._known[facility_id, product_id, *interval, one, link] = known
        return known

    def _case(
        self,
        batch: int,
        serial: int,
        facility_id: str,
        product_id: str,
        interval: Interval,
        link: Link,
    ) -> Case:
        lot_id, state, said = interval
        facility = self._passport(FACILITIES, facility_id)
        product = self._passport(PRODUCTS, product_id)
        lot = self._passport(LOTS, lot_id)
        published = lot.get("published")
        area_id, facilities, products = "", {facility_id}, {product_id}
        if isinstance(published, LotPublished):
            area_id = published.growing_area_id
            facilities.add(published.facility_id)
            products.add(published.product_id)
        area = self._passport(AREAS, area_id)
        # A growing area is shown, not judged by: one that was never told is done without.
        area_ok = bool(area) or not area_id or (AREAS, area_id) in self._memory.absent
        board = self._memory.board
        notices = board.notices(batch, serial, lot_id, products, facilities)
        return Case(
            state=state,
            facility=facility,
            product=product,
            lot=lot,
            area=area,
            notices=notices,
            holds=board.holds(batch, facilities),
            link=link,
            complete=bool(facility and product and (lot or not lot_id) and area_ok),
            today=self._today,
            said=said,
            suspected=(batch, serial) in self._memory.suspects.stamps,
            spoken=self._memory.speeches.of(product_id, lot_id, [one.subject for one in notices]),
        )

    def _singled_out(self, batch: int, serial: int) -> Stamp | None:
        """The stamp, if anything is known of it that need not be true of its neighbours."""
        memory, stamp = self._memory, (batch, serial)
        alone = stamp in memory.suspects.stamps or memory.board.touches(batch)
        return stamp if alone else None

    def _judge(self, case: Case, confirmed: bool) -> Judgement:
        return judge(
            case,
            confirmed=confirmed,
            today=self._today,
            genealogy_to=self._confirmer.genealogy_to,
        )

    def _passport(self, collection: str, key: str) -> Aggregate:
        return (self._memory.passports[collection].get(key) if key else None) or NOTHING
