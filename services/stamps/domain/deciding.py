"""Who decided that stamps are out of use: what a higher tier decided, no lower one changes."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.stamps.domain.life import UNREVOKE, Changed, possible_from
from shared.contracts.stamps import Interval
from shared.errors import Kind, Refusal
from shared.tiers import AUTHORITIES, DecidedAbove, is_below

Span = tuple[int, int]

# In these a stamp waits for its use or is in it: nobody has to be asked before it is changed.
FREE = frozenset({"issued", "active"})


class SuspendedByAuthority(Refusal):
    code = "suspended_by_authority"
    kind = Kind.FORBIDDEN
    message = (
        "Cơ quan quản lý đã tạm ngừng các tem {first}–{last}. "
        "Chỉ cơ quan quản lý mới cho dùng lại được."
    )


class StampsDecidedAbove(DecidedAbove):
    code = "decided_above"
    message = (
        "Trạng thái của các tem {first}–{last} do {authority} quyết định, cấp dưới không đổi được. "
        "Hãy đề nghị {authority} xem lại, hoặc chọn khoảng tem khác."
    )


@dataclass(frozen=True, slots=True)
class Decided:
    """Serials `first`…`last` are out of use as `by` left them."""

    first: int
    last: int
    by: Changed

    def above(self, tier: str) -> bool:
        return is_below(tier, self.by.by_tier)


class Undecided:
    """Serials whose last change is still looked for; changes are shown to it newest first.

    A revocation that was undone counts for nothing, and neither does its undoing: who decided
    before, decides again.
    """

    def __init__(self, spans: Iterable[Span]) -> None:
        self._open = _joined(spans)
        self._undone: dict[int, list[Span]] = {}

    def __bool__(self) -> bool:
        return bool(self._open)

    def found(self, change: Changed) -> list[Decided]:
        """The serials that this change was the last to touch; they are looked for no more."""
        if change.change == UNREVOKE:
            self._undone.setdefault(change.undoes, []).append((change.first, change.last))
            return []
        decided = []
        start = change.first
        for first, last in sorted(self._undone.pop(change.number, ())):
            decided += self._touched(start, first - 1, change)
            start = last + 1
        return decided + self._touched(start, change.last, change)

    def _touched(self, low: int, high: int, change: Changed) -> list[Decided]:
        if low > high:
            return []
        start = bisect_left(self._open, low, key=lambda span: span[1])
        end = bisect_left(self._open, high + 1, key=lambda span: span[0])
        touched, left = self._open[start:end], []
        decided = []
        for first, last in touched:
            a, b = max(first, low), min(last, high)
            decided.append(Decided(a, b, change))
            left += [(x, y) for x, y in ((first, a - 1), (b + 1, last)) if x <= y]
        self._open[start:end] = left
        return decided


def out_of_use(intervals: Iterable[Interval], first: int, last: int) -> list[Span]:
    """The serials in first…last that somebody took out of use."""
    return [
        (max(one.first, first), min(one.last, last))
        for one in intervals
        if one.state not in FREE and one.first <= last and one.last >= first
    ]


def must_be_theirs(decided: Iterable[Decided], change: str, *, tier: str, own: bool) -> None:
    """Raise StampsDecidedAbove for serials that a higher tier took out of use, and
    SuspendedByAuthority where a facility (`own`) lifts what an authority suspended.

    The latter holds of suspensions from before tiers were kept too.
    """
    for one in sorted(decided, key=lambda found: found.first):
        if change == "unsuspend" and own and one.by.by_authority:
            raise SuspendedByAuthority(first=one.first, last=one.last)
        if one.above(tier):
            authority = AUTHORITIES[one.by.by_tier]
            raise StampsDecidedAbove("first", first=one.first, last=one.last, authority=authority)


def changes_left(
    intervals: Sequence[Interval], decided: Iterable[Decided], *, tier: str, own: bool
) -> set[str]:
    """The changes that `must_be_theirs` leaves them for some of the serials.

    `decided` is in the serials' order and says of all that are out of use who decided it.
    """
    possible: set[str] = set()
    for state in FREE & {one.state for one in intervals}:
        possible |= possible_from(state)
    for one in decided:
        if one.above(tier):
            continue
        start = bisect_left(intervals, one.first, key=lambda interval: interval.last)
        end = bisect_left(intervals, one.last + 1, key=lambda interval: interval.first)
        for state in {interval.state for interval in intervals[start:end]}:
            lifted = {"unsuspend"} if own and one.by.by_authority else set()
            possible |= possible_from(state) - lifted
    return possible


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for first, last in sorted(spans):
        if joined and joined[-1][1] + 1 >= first:
            joined[-1] = joined[-1][0], max(last, joined[-1][1])
        else:
            joined.append((first, last))
    return joined
