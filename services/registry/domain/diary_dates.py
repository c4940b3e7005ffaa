"""Whether the dates of a diary can be true: steps in their order, nothing taken too early (R21)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from services.registry.domain.diary import Entry, Step
from services.registry.domain.diary_refusals import (
    DateInFuture,
    DatesOutOfOrder,
    WithdrawalIntervalNotOver,
)
from shared.days import local_day, spoken

# Steps by which the goods leave the ground, the water or the stall.
TAKING: Final = frozenset({Step.HARVESTING, Step.CATCHING, Step.SLAUGHTERING})
# What is done to goods in hand, in this order; storing and transporting may come at any point.
_ORDER: Final[tuple[frozenset[Step], ...]] = (
    frozenset({Step.PLANTING, Step.STOCKING}),
    TAKING,
    frozenset({Step.PRE_PROCESSING}),
    frozenset({Step.PROCESSING}),
    frozenset({Step.PACKING}),
)


def check_truth(entries: Sequence[Entry], produced_on: date, now: datetime) -> None:
    """Raise what in a diary cannot be true; done when it is submitted and when it is accepted."""
    for entry in entries:
        entry.checked(now)
    if produced_on > local_day(now):
        raise DateInFuture("produced_on", date=spoken(produced_on))
    _check_order(entries)
    _check_withdrawal(entries)
    taken = [e.day for e in entries if e.step in TAKING]
    if taken and produced_on < min(taken):
        raise DatesOutOfOrder("produced_on", later=spoken(produced_on), earlier=spoken(min(taken)))


def _check_order(entries: Sequence[Entry]) -> None:
    """No step before the first of an earlier kind, nor after the last of a later kind."""
    groups = [[e.day for e in entries if e.step in steps] for steps in _ORDER]
    for index, days in enumerate(groups):
        for earlier in groups[:index]:
            if days and earlier and min(days) < min(earlier):
                raise DatesOutOfOrder(
                    "entries", later=spoken(min(days)), earlier=spoken(min(earlier))
                )
            if days and earlier and max(earlier) > max(days):
                raise DatesOutOfOrder(
                    "entries", later=spoken(max(days)), earlier=spoken(max(earlier))
                )
    # What is given to plants or animals is given before they are taken; a chemical may also
    # be used on what was harvested.
    used = [e.day for e in entries if e.step is Step.INPUT and e.kind != "chemical"]
    taken = [e.day for e in entries if e.step in TAKING]
    if used and taken and max(used) > max(taken):
        raise DatesOutOfOrder("entries", later=spoken(max(taken)), earlier=spoken(max(used)))


def _check_withdrawal(entries: Sequence[Entry]) -> None:
    taken = {e.day for e in entries if e.step in TAKING}
    for told in taken_too_early(entries, taken):
        raise WithdrawalIntervalNotOver("entries", **told)


def taken_too_early(
    entries: Sequence[Entry], taken: Iterable[date]
) -> Iterator[Mapping[str, object]]:
    """What was used less than its withdrawal interval before a day of `taken`, in the words of
    WithdrawalIntervalNotOver: once for each use, with the first such day."""
    days = sorted(taken)
    for entry in entries:
        if entry.step is not Step.INPUT or not entry.withdrawal_days:
            continue
        allowed_from = entry.day + timedelta(days=entry.withdrawal_days)
        early = next((day for day in days if entry.day <= day < allowed_from), None)
        if early is not None:
            yield {
                "name": entry.name,
                "used_on": spoken(entry.day),
                "days": entry.withdrawal_days,
                "allowed_from": spoken(allowed_from),
                "taken_on": spoken(early),
            }
