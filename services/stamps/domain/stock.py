"""Where the stamps of a centrally printed batch lie: each serial in one place only (R40).

Ordered → printing → in stock at a unit → handed over → received. What was spoilt in printing, and
what the facility found missing or damaged, lies nowhere else any more.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from services.stamps.domain.intervals import must_lie_within
from services.stamps.domain.life import SerialsNotUsable
from services.stamps.domain.places import PLACES, Lying, Place, joined_pieces, rewritten
from services.stamps.domain.printing import Span, joined
from services.stamps.domain.requests import Batch
from services.stamps.domain.spans import left, within
from shared.contracts.stamps import Interval, StockMoved, StockSpan
from shared.errors import Kind, Refusal

Act = Literal["order", "print", "store", "hand_over", "take_back", "receive"]
# A batch is kept in so many pieces at most.
MAX_PIECES: Final = 500


class PrintedCentrally(Refusal):
    code = "printed_centrally"
    kind = Kind.FORBIDDEN
    message = (
        "Lô tem này do cơ quan quản lý in tập trung, nên cơ sở không tự in. "
        "Hãy đợi nhận tem, hoặc hỏi cơ quan đã duyệt yêu cầu."
    )


class NotCentral(Refusal):
    code = "not_central"
    message = "Lô tem này do cơ sở tự in nên không có trong kho. Hãy chọn lô tem in tập trung."


class NotToBePrinted(Refusal):
    code = "not_to_be_printed"
    message = (
        "Các tem {first}–{last} đã in hoặc đang in. Hãy chọn các tem còn chờ in trong kho tem."
    )


class NothingToStore(Refusal):
    code = "nothing_to_store"
    message = "Không có tem nào của lần in này chờ nhập kho. Hãy xem kho tem của lô."


class OutsidePrint(Refusal):
    code = "outside_print"
    kind = Kind.INVALID
    message = "Có tem hỏng không thuộc lần in này. Hãy sửa lại các khoảng."


class NotInStock(Refusal):
    code = "not_in_stock"
    message = (
        "Các tem {first}–{last} không nằm trong kho của đơn vị bạn. "
        "Hãy xem kho tem rồi chọn khoảng đang có trong kho."
    )


class NotReceived(Refusal):
    code = "not_received"
    message = (
        "Cơ sở chưa xác nhận đã nhận các tem {first}–{last}. "
        "Hãy xác nhận ở mục Nhận tem trước, hoặc chọn khoảng đã nhận."
    )


class TooManyPieces(Refusal):
    code = "too_many_pieces"
    message = "Lô tem bị chia quá nhỏ (tối đa {limit} khoảng). Hãy giao các khoảng liền nhau."


@dataclass(frozen=True, slots=True)
class Moved:
    """One act on the stock: what it put where. `number` counts the acts of a batch from 1."""

    number: int
    batch: int
    act: Act
    pieces: tuple[StockSpan, ...]
    by: str
    by_name: str
    at: datetime
    unit_id: str = ""
    job: str = ""
    handover: str = ""
    reason: str = ""

    @property
    def id(self) -> str:
        return f"{self.batch}/{self.number}"


@dataclass(frozen=True, slots=True)
class Stock:
    """All serials of a batch as sorted pieces without gap or overlap; `version` counts the acts."""

    batch: int
    facility_id: str
    product_id: str
    lying: tuple[Lying, ...]
    version: int = 1

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

    def at(self, place: Place, *, unit: str | None = None) -> tuple[Span, ...]:
        """The serials that lie in a place, in as few spans as possible; with one unit, if it is
        given."""
        found = (
            (one.first, one.last)
            for one in self.lying
            if one.place == place and unit in (None, one.unit_id)
        )
        return tuple(joined(found))

    def print(self, span: Span, *, job: str, failed: Collection[str], now: datetime) -> "Stock":
        """Serials wait for their sheets; those of jobs that `failed` are printed anew.

        Raises NotToBePrinted, SerialsOutsideBatch.
        """

        def change(one: Lying) -> Lying:
            if one.place != "ordered" and not (one.place == "printing" and one.job in failed):
                raise NotToBePrinted("first", first=one.first, last=one.last)
            return replace(one, place="printing", job=job, since=now)

        return self._changed([span], change)

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
        lost = stored._changed(spoilt, lambda one: replace(one, place="spoilt", since=now))
        return replace(lost, version=self.version + 1)

    def hand_over(
        self, spans: Iterable[Span], *, handover: str, unit: str, now: datetime
    ) -> "Stock":
        """Raises NotInStock for what does not lie with this unit, SerialsOutsideBatch."""

        def change(one: Lying) -> Lying:
            if (one.place, one.unit_id) != ("stock", unit):
                raise NotInStock("serials", first=one.first, last=one.last)
            return replace(one, place="handed", handover=handover, since=now)

        return self._changed(spans, change)

    def take_back(self, handover: str, *, now: datetime) -> "Stock":
        """What was handed over and not received lies with the unit again."""
        return self._changed(
            self._of_handover(handover),
            lambda one: replace(one, place="stock", handover="", since=now),
        )

    def receive(
        self, handover: str, missing: tuple[Span, ...], damaged: tuple[Span, ...], *, now: datetime
    ) -> "Stock":
        """All of a hand-over is with the facility, but for what is missing or damaged."""
        found = self._of_handover(handover)
        stock = self
        places: tuple[tuple[Place, tuple[Span, ...]], ...] = (
            ("received", left(found, missing, damaged)),
            ("missing", missing),
            ("damaged", damaged),
        )
        for place, spans in places:
            stock = stock._changed(spans, _to(place, now))
        return replace(stock, version=self.version + 1)

    def must_be_printing(self, first: int, last: int) -> None:
        """Raise NotToBePrinted where sheets are in stock or further: a second print is a copy."""
        self._must_lie(first, last, "printing", NotToBePrinted)

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

    def told(self, moved: Moved) -> StockMoved:
        return StockMoved(
            subject=f"{self.batch}/stock",
            version=moved.number,
            time=moved.at,
            batch=self.batch,
            facility_id=self.facility_id,
            product_id=self.product_id,
            act=moved.act,
            unit_id=moved.unit_id,
            handover=moved.handover,
            moved=moved.pieces,
        )

    def all_of_it(self) -> tuple[StockSpan, ...]:
        """Where everything lies."""
        return joined_pieces(StockSpan(one.first, one.last, one.place) for one in self.lying)

    def moved_since(self, before: "Stock") -> tuple[StockSpan, ...]:
        """What lies elsewhere than it did, as it lies now, in order."""
        found: list[StockSpan] = []
        for one in self.lying:
            for was in before.lying:
                first, last = max(one.first, was.first), min(one.last, was.last)
                if first <= last and (one.place, one.job) != (was.place, was.job):
                    found.append(StockSpan(first, last, one.place))
        return joined_pieces(found)

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
        if len(lying) > MAX_PIECES:
            raise TooManyPieces(limit=MAX_PIECES)
        return replace(self, lying=lying, version=self.version + 1)


def ordered(batch: Batch) -> Stock:
    """All stamps of a new batch wait to be printed by the authority."""
    lying = Lying(0, batch.quantity - 1, "ordered", batch.issued_at)
    return Stock(batch.number, batch.facility_id, batch.product_id, (lying,))


def unused(intervals: Iterable[Interval], first: int, last: int) -> list[Span]:
    """The serials in first…last that nobody has used or taken out of use."""
    return [
        (max(one.first, first), min(one.last, last))
        for one in intervals
        if one.state == "issued" and one.first <= last and one.last >= first
    ]


def must_be_unused(intervals: Iterable[Interval], first: int, last: int) -> None:
    """Raise SerialsNotUsable for what was taken out of use: nobody is given such stamps."""
    for one in intervals:
        if one.first <= last and one.last >= first and one.state != "issued":
            raise SerialsNotUsable("serials", first=max(one.first, first), last=min(one.last, last))


def _to(place: Place, now: datetime) -> Callable[[Lying], Lying]:
    return lambda one: replace(one, place=place, since=now)
