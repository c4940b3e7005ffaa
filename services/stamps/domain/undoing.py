"""Undoing a mistaken revocation: by a second person, within ten days, exactly as it was before."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from services.stamps.domain.deciding import Decided, StampsDecidedAbove
from services.stamps.domain.intervals import Segment, merged
from services.stamps.domain.life import REPORTS, UNREVOKE, Changed, as_done
from services.stamps.domain.said import SILENT, Words, retold
from shared.auth import Principal
from shared.contracts.stamps import SEGMENT_SERIALS, Interval
from shared.errors import Kind, Refusal
from shared.tiers import AUTHORITIES, is_below

REVOKE: Final = "revoke"
# R41: later, whoever holds these stamps has long acted on what the revocation told them.
UNDO_WITHIN: Final = timedelta(days=10)


class NotARevocation(Refusal):
    code = "not_a_revocation"
    message = "Thay đổi số {number} không phải là thu hồi, nên không hoàn tác được ở đây."


class UndoTooLate(Refusal):
    code = "undo_too_late"
    message = "Đã quá 10 ngày kể từ khi thu hồi các tem này. Hãy xin cấp tem mới để thay thế."


class OwnRevocation(Refusal):
    code = "own_revocation"
    kind = Kind.FORBIDDEN
    message = "Bạn đã thu hồi các tem này nên không được tự hoàn tác. Hãy nhờ người khác làm."


class RevokedByAuthority(Refusal):
    code = "revoked_by_authority"
    kind = Kind.FORBIDDEN
    message = (
        "Cơ quan quản lý đã thu hồi các tem {first}–{last}. Chỉ cơ quan quản lý mới hoàn tác được."
    )


class SerialsOutsideChange(Refusal):
    code = "serials_outside_change"
    kind = Kind.INVALID
    message = "Lần thu hồi này chỉ gồm các tem {first}–{last}. Hãy sửa khoảng tem."


class SerialsChangedSince(Refusal):
    code = "serials_changed_since"
    message = (
        "Các tem {first}–{last} đã được hoàn tác hoặc đổi trạng thái sau lần thu hồi này. "
        "Hãy xem lịch sử rồi chọn khoảng khác."
    )


def must_be_undoable(revocation: Changed, *, who: Principal, now: datetime) -> None:
    """Raise NotARevocation, OwnRevocation, StampsDecidedAbove, RevokedByAuthority, UndoTooLate."""
    first, last = revocation.first, revocation.last
    if revocation.change != REVOKE:
        raise NotARevocation(number=revocation.number)
    if is_below(who.tier, revocation.by_tier):
        authority = AUTHORITIES[revocation.by_tier]
        raise StampsDecidedAbove(first=first, last=last, authority=authority)
    if who.facility_id is not None and revocation.by_authority:
        raise RevokedByAuthority(first=first, last=last)
    # Two accounts with one mobile number or e-mail address are one person.
    if who.account_id == revocation.by or not who.person.isdisjoint(revocation.by_person):
        raise OwnRevocation()
    if now - revocation.at > UNDO_WITHIN:
        raise UndoTooLate()


def must_stand(
    revocation: Changed, first: int, last: int, found: Iterable[Interval], by: Iterable[Decided]
) -> None:
    """Raise unless first…last lie in the revocation, and nothing befell them since.

    `found` are their intervals now, `by` says which change was the last to touch them.
    """
    if not revocation.first <= first <= last <= revocation.last:
        raise SerialsOutsideChange("first", first=revocation.first, last=revocation.last)
    for one in _cut(found, first, last):
        if one.state != "revoked":
            raise SerialsChangedSince("first", first=one.first, last=one.last)
    for decided in by:
        if decided.by.number != revocation.number:
            raise SerialsChangedSince("first", first=decided.first, last=decided.last)


def as_it_was(segment: Segment, quantity: int, history: Sequence[Changed]) -> Segment:
    """The segment after `history`, the batch's changes from its issue on, in their order."""
    start = segment.index * SEGMENT_SERIALS
    end = min(start + SEGMENT_SERIALS, quantity) - 1
    past = replace(segment, intervals=(Interval(start, end, "", "issued"),), said=(), version=1)
    # A segment of its own is kept for what is undone alone, not for each of thousands of changes.
    undone = {one.undoes for one in history if one.change == UNREVOKE}
    before: dict[int, Segment] = {}
    for one in history:
        if one.first > end or one.last < start or one.change in REPORTS:
            continue
        if one.change == UNREVOKE:
            past = restored(past, before[one.undoes], one.first, one.last)
            continue
        if one.number in undone:
            before[one.number] = past
        told = one.words if one.by_authority else None
        past = past.changed(one.first, one.last, as_done(one), told, limit=SEGMENT_SERIALS)
    return past


def restored(segment: Segment, past: Segment, first: int, last: int) -> Segment:
    """The segment with serials first…last, and what is told of them, as they were in `past`.

    That is refused for no number of intervals, for it gives back what was.
    """
    start = segment.index * SEGMENT_SERIALS
    end = start + SEGMENT_SERIALS - 1
    low, high = max(first, start), min(last, end)
    parts = [
        *_cut(segment.intervals, start, low - 1),
        *_cut(past.intervals, low, high),
        *_cut(segment.intervals, high + 1, end),
    ]
    intervals = merged(iter(parts))
    said = retold(segment.said, low, high, SILENT)
    for one in past.said:
        if one.first <= high and one.last >= low:
            here = max(one.first, low), min(one.last, high)
            said = retold(said, *here, Words.of(one), limit=SEGMENT_SERIALS)
    return replace(segment, intervals=intervals, said=said, version=segment.version + 1)


def _cut(intervals: Iterable[Interval], first: int, last: int) -> list[Interval]:
    """What of the intervals lies within first…last."""
    return [
        one._replace(first=max(one.first, first), last=min(one.last, last))
        for one in intervals
        if one.first <= last and one.last >= first
    ]
