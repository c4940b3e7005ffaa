"""Where the stamps of a centrally printed batch lie: each serial in one place only (R40).

Ordered → printing → in stock at a unit → handed over → received. What was spoilt in printing, and
what the facility found missing or damaged, lies nowhere else any more. What is taken out of use in
stock is unusable there, and in stock again where that is taken back.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from services.stamps.domain.intervals import must_lie_within
from services.stamps.domain.life import SerialsNotUsable
from services.stamps.domain.moves import Moved
from services.stamps.domain.places import (
    ENDS,
    INHERITED,
    PLACES,
    Lying,
    Place,
    joined_pieces,
    moved,
    parted,
    rewritten,
)
from services.stamps.domain.printing import Span, joined
from services.stamps.domain.requests import Batch, PrintedBy
from services.stamps.domain.spans import left, within
from services.stamps.domain.stock_refusals import (
    NotBeingPrinted,
    NothingToStore,
    NotInStock,
    NotReceived,
    NotToBePrinted,
    OutsidePrint,
    TooManyPieces,
)
from shared.contracts.stamps import Interval, StockMoved, StockSpan
from shared.errors import Refusal

# So many pieces of a batch are on their way at most, and so many there are in all: nothing that
# was printed or handed over is refused for it, only cutting further pieces off.
MAX_PIECES: Final = 500
MAX_WITH_ENDS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Stock:
    """All serials of a batch as sorted pieces without gap or overlap; `version` counts the acts.

    `printed_by` the facility, it was left to that before anything was printed. `parted`: what is
    unusable is told apart from what can be handed over; of stocks of before it is not yet.
    """

    batch: int
    facility_id: str
    product_id: str
    lying: tuple[Lying, ...]
    version: int = 1
    printed_by: PrintedBy = "authority"
    parted: bool = False

    @property
    def quantity(self) -> int:
        return self.lying[-1].last + 1

    @property
    def counts(self) -> dict[Place, int]:
        """How many serials lie in each place, in the order of PLACES; none that is empty."""
        found: dict[Place, int] = {}
        for place in PLACES:
            number = sum(one.last - one.first + 1 for one in self.lying if one.place == place)
            if number:
                found[place] = number
        return found

    @property
    def in_stock(self) -> dict[str, int]:
        """How many serials each unit has in stock."""
        found: Counter[str] = Counter()
        for one in self.lying:
            if one.place == "stock":
                found[one.unit_id] += one.last - one.first + 1
        return dict(found)

    def at(self, place: Place, *, unit: str | None = None) -> tuple[Span, ...]:
        """The serials that lie in a place, in as few spans as possible; with one unit, if it is
        given."""
        found = (
            (one.first, one.last)
            for one in self.lying
            if one.place == place and unit in (None, one.unit_id)
        )
        return tuple(joined(found))

    def left_to(self, printed_by: PrintedBy, *, now: datetime) -> "Stock":
        """Another prints all of it: nothing was printed yet, which who calls this has seen to."""
        waiting = Lying(0, self.quantity - 1, "ordered", now)
        return replace(self, lying=(waiting,), printed_by=printed_by, version=self.version + 1)

    def print(self, span: Span, *, job: str, failed: Collection[str], now: datetime) -> "Stock":
        """Serials wait for their sheets; those of jobs that `failed` are printed anew.

        Raises NotToBePrinted, SerialsOutsideBatch, TooManyPieces.
        """

        def change(one: Lying) -> Lying:
            if one.place != "ordered" and not (one.place == "printing" and one.job in failed):
                raise NotToBePrinted("first", first=one.first, last=one.last)
            return replace(one, place="printing", job=job, since=now)

        return self._changed([span], change)._roomy(self)

    def cancel_print(self, job: str, *, now: datetime) -> "Stock":
        """The sheets of a job are not wanted after all: its serials wait to be printed again.

        Raises NothingToStore once they are in stock, or where the job has none.
        """
        mine = self.of_job(job)
        if not mine:
            raise NothingToStore()
        return self._changed(mine, lambda one: replace(one, place="ordered", job="", since=now))

    def store(self, job: str, spoilt: tuple[Span, ...], *, unit: str, now: datetime) -> "Stock":
        """The sheets of a job are printed and lie with a unit, but for what was spoilt.

        Raises NothingToStore, OutsidePrint.
        """
        mine = self.of_job(job)
        if not mine:
            raise NothingToStore()
        if not within(spoilt, mine):
            raise OutsidePrint("spoilt")
        stored = self._changed(
            left(mine, spoilt), lambda one: replace(one, place="stock", unit_id=unit, since=now)
        )
        lost = stored._changed(spoilt, _to("spoilt", now))
        return replace(lost, version=self.version + 1)

    def hand_over(
        self, spans: Iterable[Span], *, handover: str, unit: str, now: datetime
    ) -> "Stock":
        """Raises NotInStock for what does not lie with this unit, SerialsNotUsable for what was
        taken out of use there, SerialsOutsideBatch, TooManyPieces."""

        def change(one: Lying) -> Lying:
            if (one.place, one.unit_id) == ("unusable", unit):
                raise SerialsNotUsable("serials", first=one.first, last=one.last)
            if (one.place, one.unit_id) != ("stock", unit):
                raise NotInStock("serials", first=one.first, last=one.last)
            return replace(one, place="handed", handover=handover, since=now)

        return self._changed(spans, change)._roomy(self)

    def take_back(self, handover: str, *, now: datetime) -> "Stock":
        """What was handed over and not received lies with the unit again."""
        return self._changed(
            self._of_handover(handover),
            lambda one: replace(one, place="stock", handover="", since=now),
        )

    def receive(
        self,
        handover: str,
        missing: tuple[Span, ...],
        damaged: tuple[Span, ...],
        *,
        now: datetime,
        unit: str = "",
    ) -> "Stock":
        """All of a hand-over is with the facility, or in stock with the `unit` that took it in, but
        for what is missing or damaged."""
        found = self._of_handover(handover)
        here = _in_stock_of(unit, now) if unit else _to("received", now)
        stock = self._changed(left(found, missing, damaged), here)
        stock = stock._changed(missing, _to("missing", now))
        stock = stock._changed(damaged, _to("damaged", now))
        return replace(stock, version=self.version + 1)

    def as_used(self, intervals: Sequence[Interval], version: int) -> "Stock":
        """As an act leaves it that changed what these serials are, or put them in stock: what can
        be handed over is told apart from what cannot. Refused for no number of pieces."""
        return replace(self, lying=parted(self.lying, intervals), version=version)

    def inherited(self, gone: str, heir: str) -> "Stock":
        """What a unit keeps, or has handed over and nobody received yet, is the unit's that it was
        merged into."""
        lying = self.lying
        for one in self.lying:
            if one.unit_id == gone and one.place in INHERITED:
                change = partial(replace, unit_id=heir)
                lying = rewritten(lying, one.first, one.last, change)
        return replace(self, lying=lying, version=self.version + 1)

    def must_be_printing(self, first: int, last: int, *, job: str = "") -> None:
        """Raise NotBeingPrinted where sheets are in stock or further, for a second print is a copy;
        and where they wait for another job than this, as after it was cancelled."""
        self._must_lie(first, last, "printing", NotBeingPrinted)
        if job and not self.is_printing(first, last, job):
            raise NotBeingPrinted("first", first=first, last=last)

    def is_printing(self, first: int, last: int, job: str) -> bool:
        """Whether all of these serials wait for the sheets of a job."""
        return within(((first, last),), tuple(joined(self.of_job(job))))

    def must_be_received(self, first: int, last: int) -> None:
        """Raise NotReceived: what the facility has not received it neither uses nor changes."""
        self._must_lie(first, last, "received", NotReceived)

    def of_job(self, job: str) -> tuple[Span, ...]:
        """The serials that wait to be put in stock once this job is printed."""
        return tuple(
            (one.first, one.last)
            for one in self.lying
            if one.place == "printing" and one.job == job
        )

    def told(self, act: Moved) -> StockMoved:
        return StockMoved(
            subject=f"{self.batch}/stock",
            version=act.number,
            time=act.at,
            batch=self.batch,
            facility_id=self.facility_id,
            product_id=self.product_id,
            act=act.act,
            unit_id=act.unit_id,
            handover=act.handover,
            moved=act.pieces,
            to_unit_id=act.to_unit_id,
        )

    def all_of_it(self) -> tuple[StockSpan, ...]:
        """Where everything lies."""
        return joined_pieces(StockSpan(one.first, one.last, one.place) for one in self.lying)

    def moved_since(self, before: "Stock") -> tuple[StockSpan, ...]:
        """What lies elsewhere than it did, as it lies now, in order."""
        return moved(self.lying, before.lying)

    def _must_lie(self, first: int, last: int, place: Place, refusal: type[Refusal]) -> None:
        for one in self.lying:
            if one.first <= last and one.last >= first and one.place != place:
                low, high = max(first, one.first), min(last, one.last)
                raise refusal("first", first=low, last=high)

    def _of_handover(self, handover: str) -> tuple[Span, ...]:
        return tuple(
            (one.first, one.last)
            for one in self.lying
            if one.place == "handed" and one.handover == handover
        )

    def _changed(self, spans: Iterable[Span], change: Callable[[Lying], Lying]) -> "Stock":
        lying = self.lying
        for first, last in spans:
            must_lie_within(self.quantity, first, last)
            lying = rewritten(lying, first, last, change)
        return replace(self, lying=lying, version=self.version + 1)

    def _roomy(self, before: "Stock") -> "Stock":
        """Raise TooManyPieces where an act cut more pieces off than there is room for."""
        for now, was, limit in (
            (self._on_their_way, before._on_their_way, MAX_PIECES),
            (len(self.lying), len(before.lying), MAX_WITH_ENDS),
        ):
            if now > max(was, limit):
                raise TooManyPieces(limit=limit)
        return self

    @property
    def _on_their_way(self) -> int:
        return sum(one.place not in ENDS for one in self.lying)


def ordered(batch: Batch) -> Stock:
    """All stamps of a new batch wait to be printed by the authority."""
    lying = Lying(0, batch.quantity - 1, "ordered", batch.issued_at)
    return Stock(batch.number, batch.facility_id, batch.product_id, (lying,), parted=True)


def _in_stock_of(unit: str, now: datetime) -> Callable[[Lying], Lying]:
    return lambda one: replace(one, place="stock", unit_id=unit, handover="", since=now)


def _to(place: Place, now: datetime) -> Callable[[Lying], Lying]:
    return lambda one: one.moved(place, now)
