"""The life cycle of stamps: which change is possible from which state, and what it leaves."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.stamps.domain.intervals import Change
from services.stamps.domain.printing import Span
from services.stamps.domain.requests import Batch
from services.stamps.domain.said import Words
from shared.contracts.stamps import Interval, IntervalsChanged
from shared.errors import Kind, Refusal

ACTIVATE: Final = "activate"
# Kept and told as changes are: a sale leaves the state alone, an undone revocation gives it back.
SOLD: Final = "sold"
UNSOLD: Final = "unsold"
UNREVOKE: Final = "unrevoke"
UNSUSPEND: Final = "unsuspend"
# These leave the states of stamps alone.
REPORTS: Final = frozenset({SOLD, UNSOLD})


class SerialsAlreadyActivated(Refusal):
    code = "serials_already_activated"
    message = (
        "Các tem {first}–{last} đã được kích hoạt cho một lô sản phẩm. Tem đã kích hoạt không "
        "đổi lô được; nếu nhầm, hãy thu hồi chúng và dùng tem khác."
    )


class SerialsNotUsable(Refusal):
    code = "serials_not_usable"
    message = (
        "Trạng thái hiện tại của các tem {first}–{last} không cho phép làm việc này. "
        "Hãy xem các khoảng tem của lô rồi chọn khoảng khác."
    )


class LotRecalled(Refusal):
    code = "lot_recalled"
    message = "Lô sản phẩm này đang bị thu hồi nên không thể kích hoạt tem cho nó."


class StampsRecalled(Refusal):
    code = "stamps_recalled"
    message = "Trong khoảng này có tem đang bị thu hồi nên không thể kích hoạt. Hãy chọn tem khác."


class UnknownChange(Refusal):
    code = "unknown_change"
    kind = Kind.INVALID
    message = "Không có loại thay đổi “{change}”. Hãy chọn một loại trong danh sách."


@dataclass(frozen=True, slots=True)
class Changed:
    """What was done to serials first…last of a batch, by whom and why; `public_reason` is what
    buyers are told, in Vietnamese and where given in English and Chinese.

    It is the batch's change `number`, counted from 1: their order does not depend on clocks.
    """

    number: int
    batch: int
    first: int
    last: int
    change: str
    lot: str
    reason: str
    by: str
    by_name: str
    by_authority: bool
    at: datetime
    public_reason: str = ""
    by_tier: str = ""  # Of who decided it; empty where that was before it was kept.
    by_person: tuple[str, ...] = ()  # Of a revocation: marks that tell accounts of one person.
    undoes: int = 0  # The number of the revocation or sale that this one took back.
    public_reason_en: str = ""
    public_reason_zh: str = ""

    @property
    def id(self) -> str:
        return f"{self.batch}/{self.number}"

    @property
    def words(self) -> Words:
        """What buyers are told."""
        return Words(self.public_reason, self.public_reason_en, self.public_reason_zh)

    def told(self, batch: Batch) -> IntervalsChanged:
        return IntervalsChanged(
            subject=str(batch.number),
            version=_version_of(self.number),
            time=self.at,
            batch=batch.number,
            facility_id=batch.facility_id,
            product_id=batch.product_id,
            first=self.first,
            last=self.last,
            count=self.last - self.first + 1,
            change=self.change,
            lot=self.lot,
            reason=self.reason,
            public_reason=self.public_reason,
            undoes=_version_of(self.undoes) if self.undoes else 0,
            public_reason_en=self.public_reason_en,
            public_reason_zh=self.public_reason_zh,
        )


def _version_of(number: int) -> int:
    """Of a change as it is told: the batch was issued with version 1."""
    return number + 1


@dataclass(frozen=True, slots=True)
class _Transition:
    before: frozenset[str]
    after: Callable[[Interval], str]


def _to(state: str) -> Callable[[Interval], str]:
    return lambda _: state


STATES: Final = (
    "issued",
    "active",
    "suspended",
    "returned",
    "damaged",
    "lost",
    "destroyed",
    "revoked",
)

# A lifted suspension gives back what the stamp was: with a lot it had been active.
_CHANGES = {
    "return": _Transition(frozenset({"issued"}), _to("returned")),
    "damaged": _Transition(frozenset({"issued", "active", "suspended"}), _to("damaged")),
    "lost": _Transition(frozenset({"issued", "active", "suspended", "damaged"}), _to("lost")),
    "destroyed": _Transition(
        frozenset({"issued", "active", "suspended", "returned", "damaged", "revoked"}),
        _to("destroyed"),
    ),
    "suspend": _Transition(frozenset({"issued", "active"}), _to("suspended")),
    UNSUSPEND: _Transition(
        frozenset({"suspended"}), lambda interval: "active" if interval.lot else "issued"
    ),
    "revoke": _Transition(
        frozenset({"issued", "active", "suspended", "returned", "damaged", "lost"}),
        _to("revoked"),
    ),
}
CHANGES = tuple(_CHANGES)


def possible_from(state: str) -> frozenset[str]:
    """Those of CHANGES that a stamp in this state may undergo."""
    return frozenset(name for name, one in _CHANGES.items() if state in one.before)


def activation(lot_id: str) -> Change:
    """Give never-activated serials to a lot. A serial's lot never changes afterwards."""

    def change(interval: Interval) -> Interval:
        if interval.lot:
            raise SerialsAlreadyActivated(first=interval.first, last=interval.last)
        if interval.state != "issued":
            raise SerialsNotUsable(first=interval.first, last=interval.last)
        return Interval(interval.first, interval.last, lot_id, "active")

    return change


def as_done(made: Changed) -> Change:
    """An activation or change of state as it was done once, whatever is allowed today."""
    if made.change == ACTIVATE:
        return lambda one: Interval(one.first, one.last, made.lot, "active")
    after = _CHANGES[made.change].after
    return lambda one: one._replace(state=after(one))


def change_of_state(name: str) -> Change:
    """One of CHANGES, applied to intervals that may undergo it; raises UnknownChange."""
    transition = _CHANGES.get(name)
    if transition is None:
        raise UnknownChange("change", change=name)

    def change(interval: Interval) -> Interval:
        if interval.state not in transition.before:
            raise SerialsNotUsable(first=interval.first, last=interval.last)
        return interval._replace(state=transition.after(interval))

    return change


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
