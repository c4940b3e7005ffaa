"""Reports of one event joined into a group and parted again, and which reports look like that.

Every report carries the label of its group: equal labels are one group, so whatever happens the
groups part all reports among them. The label is the id of the report that leads the group.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rapidfuzz import fuzz

from services.recall.domain.complaint import Complaint
from shared.errors import Kind, Refusal

# Within how many days reports may be of one event.
NEAR_DAYS: Final = 14
NEAR: Final = timedelta(days=NEAR_DAYS)
# From 0 to 100: how much the words of two reports have in common before that alone is a sign.
SIMILAR_WORDS: Final = 75
FEWEST_LETTERS: Final = 12
MOST_IN_GROUP: Final = 500


class NotSameGoods(Refusal):
    code = "complaints_of_other_goods"
    message = (
        "Hai phản ánh này không về hàng của cùng một cơ sở, hoặc không cùng một nơi, nên không gộp "
        "được. Hãy trả lời riêng từng phản ánh."
    )


class AlreadyJoined(Refusal):
    code = "complaints_already_joined"
    message = "Hai phản ánh này đã được gộp rồi. Hãy tải lại trang để xem."


class NotJoined(Refusal):
    code = "complaint_not_joined"
    message = "Phản ánh này không gộp với phản ánh nào. Hãy tải lại trang để xem."


class GroupTooLarge(Refusal):
    code = "complaint_group_too_large"
    kind = Kind.LIMIT
    message = "Một nhóm gồm tối đa {limit} phản ánh. Hãy lập nhóm khác."


@dataclass(frozen=True, slots=True)
class Likeness:
    """Another report with the reasons to think that it is of the same event, the strongest first:
    same_stamp, same_lot, same_place, same_words."""

    complaint: Complaint
    reasons: tuple[str, ...]


def must_fit(one: Complaint, other: Complaint) -> None:
    """Raises NotSameGoods: a group has one scope, so that whoever answers it may answer all."""
    same = one.facility_id == other.facility_id
    if not same or (not one.facility_id and one.commune != other.commune):
        raise NotSameGoods()


def joined(groups: Mapping[str, str], head: str, other: str) -> dict[str, str]:
    """The labels that change when the whole group of `other` joins that of `head`.

    `groups` are the labels of all members of both. Raises AlreadyJoined, GroupTooLarge.
    """
    into, gone = groups[head], groups[other]
    if into == gone:
        raise AlreadyJoined()
    if len(groups) > MOST_IN_GROUP:
        raise GroupTooLarge(limit=MOST_IN_GROUP)
    return {member: into for member, label in groups.items() if label == gone}


def parted(groups: Mapping[str, str], one: str) -> dict[str, str]:
    """The labels that change when a report leaves its group; where the leading one does, the rest
    stays together under the first of it. `groups` are those of the group. Raises NotJoined."""
    rest = sorted(member for member in groups if member != one)
    if not rest:
        raise NotJoined()
    if groups[one] != one:
        return {one: one}
    return dict.fromkeys(rest, rest[0])


def alike(one: Complaint, others: Iterable[Complaint], *, most: int) -> list[Likeness]:
    """Those that may be of the same event, the likeliest first."""
    found = [Likeness(other, reasons) for other in others if (reasons := _reasons(one, other))]
    order = {"same_stamp": 0, "same_lot": 1, "same_place": 2, "same_words": 3}
    found.sort(key=lambda each: (order[each.reasons[0]], -len(each.reasons), each.complaint.id))
    return found[:most]


def _reasons(one: Complaint, other: Complaint) -> tuple[str, ...]:
    if other.group == one.group or not _near(one.filed_at, other.filed_at):
        return ()
    same_stamp = (one.batch, one.serial, one.typed) == (other.batch, other.serial, other.typed)
    product = one.product_id and one.product_id == other.product_id
    signs = (
        ("same_stamp", same_stamp and bool(one.batch or one.typed)),
        ("same_lot", bool(one.lot_id) and one.lot_id == other.lot_id),
        ("same_place", bool(product) and bool(one.commune) and one.commune == other.commune),
        ("same_words", same_words(one.words, other.words)),
    )
    return tuple(name for name, holds in signs if holds)


def same_words(one: str, other: str) -> bool:
    """Whether two people, or one twice, wrote much the same, in whatever order."""
    if min(len(one), len(other)) < FEWEST_LETTERS:
        return False
    return fuzz.token_sort_ratio(one.casefold(), other.casefold()) >= SIMILAR_WORDS


def _near(one: datetime, other: datetime) -> bool:
    return abs(one - other) <= NEAR


def leading(members: Sequence[Complaint]) -> Complaint:
    """The report that a group is shown under: the one it is named by or, once that is past its
    time and gone, the first that came in."""
    named = [one for one in members if one.id == one.group]
    return named[0] if named else min(members, key=lambda one: (one.filed_at, one.id))
