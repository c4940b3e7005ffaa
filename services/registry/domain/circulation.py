"""Circulation (lưu thông) of a facility's goods: output, goods sent, stamps, scans, revenue (R31).

Plan 193/KH-UBND: the authorities follow circulation, revenue, output and the stamps on products.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Self

from services.registry.domain.records import Author
from services.registry.domain.units import MASS, VOLUME, in_base, measure
from shared.errors import EditConflict, Kind, Refusal

# The province's first system began in 2019; nothing older can be on record.
FIRST_YEAR: Final = 2019
# More than the whole province makes in a year: a slip of the hand.
MAX_REVENUE: Final = 10**15

Amounts = Mapping[str, Decimal]


class MonthAhead(Refusal):
    code = "month_ahead"
    kind = Kind.INVALID
    message = "Tháng {month} chưa đến. Hãy chọn tháng hiện tại hoặc tháng đã qua."


class MonthTooOld(Refusal):
    code = "month_too_old"
    kind = Kind.INVALID
    message = "Chỉ ghi doanh thu từ năm {year}. Hãy chọn tháng khác."


@dataclass(frozen=True, slots=True)
class Revenue:
    """A month's revenue in đồng as the facility declared it; None once taken back.

    `by` is the account that really entered it: an authority's where it was on its behalf (R9).
    """

    facility_id: str
    month: str
    amount: int | None
    version: int
    by: Author
    at: datetime

    @classmethod
    def nothing(cls, facility_id: str, month: str, *, by: Author, now: datetime) -> Self:
        """Before anything was declared."""
        return cls(facility_id, month, None, 0, by, now)

    def declare(
        self, amount: int | None, *, version: int, by: Author, today: date, now: datetime
    ) -> Self:
        """The same with another amount; raises MonthAhead, MonthTooOld, EditConflict."""
        if self.month > month_of(today):
            raise MonthAhead("month", month=spoken_month(self.month))
        if int(self.month[:4]) < FIRST_YEAR:
            raise MonthTooOld("month", year=FIRST_YEAR)
        if version != self.version:
            raise EditConflict()
        if amount == self.amount:
            return self
        return replace(self, amount=amount, version=self.version + 1, by=by, at=now)


@dataclass(frozen=True, slots=True)
class Month:
    """What a month (`2026-11`) saw. Amounts by base unit: kg, lít, or the thing that is counted.

    `made` leaves out lots that were only split, merged or bought. `activated` are stamps put on
    goods, `readers` the people who scanned, counted anew each day.
    """

    month: str
    made: Amounts = field(default_factory=dict)
    sent: Amounts = field(default_factory=dict)
    received: Amounts = field(default_factory=dict)
    issued: int = 0
    activated: int = 0
    scans: int = 0
    readers: int = 0
    revenue: Revenue | None = None

    @property
    def is_empty(self) -> bool:
        goods = self.made or self.sent or self.received
        return not (goods or self.issued or self.activated or self.scans or self.revenue)


@dataclass(frozen=True, slots=True)
class Stock:
    """A facility's stamps as they now stand: issued = unused + used + spoilt.

    `used` were put on goods, whatever became of them later; `spoilt` were damaged, lost, returned,
    destroyed or revoked before that.
    """

    unused: int = 0
    used: int = 0
    spoilt: int = 0

    @property
    def issued(self) -> int:
        return self.unused + self.used + self.spoilt


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def spoken_month(month: str) -> str:
    return f"{month[5:]}/{month[:4]}"


def months_of(year: int, today: date) -> list[str]:
    """The months of a year up to the present one."""
    every = [f"{year:04}-{number:02}" for number in range(1, 13)]
    return [month for month in every if month <= month_of(today)]


def years(today: date) -> list[int]:
    """The years that can be looked at, newest first."""
    return list(range(today.year, FIRST_YEAR - 1, -1))


def summed(rows: Iterable[tuple[Decimal, str]]) -> dict[str, Decimal]:
    """Quantities in their units as amounts by base unit, the weighed before the counted."""
    found: dict[str, Decimal] = {}
    for quantity, unit in rows:
        name = base_unit(unit)
        found[name] = found.get(name, Decimal(0)) + in_base(quantity, unit)
    return {name: found[name] for name in sorted(found, key=_rank)}


def base_unit(unit: str) -> str:
    """What amounts in this unit are added up in."""
    return {MASS: "kg", VOLUME: "lít"}.get(measure(unit).dimension, unit)


def together(parts: Iterable[Amounts]) -> dict[str, Decimal]:
    return summed((amount, unit) for one in parts for unit, amount in one.items())


def total(months: Iterable[Month]) -> Month:
    """All months in one; its revenue is that of the months for which it was declared."""
    rows = list(months)
    declared = [row.revenue for row in rows if row.revenue and row.revenue.amount is not None]
    return Month(
        month="",
        made=together(row.made for row in rows),
        sent=together(row.sent for row in rows),
        received=together(row.received for row in rows),
        issued=sum(row.issued for row in rows),
        activated=sum(row.activated for row in rows),
        scans=sum(row.scans for row in rows),
        readers=sum(row.readers for row in rows),
        revenue=replace(declared[-1], amount=sum(one.amount or 0 for one in declared))
        if declared
        else None,
    )


def _rank(unit: str) -> tuple[int, str]:
    return ({"kg": 0, "lít": 1}.get(unit, 2), unit)
