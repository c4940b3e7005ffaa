"""What the counted scans are asked: a period, what they are counted by, and of whom (R50)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta
from typing import Final

from shared.days import local_midnight
from shared.errors import Kind, Refusal

# What scans may be counted by; the commune is the one that the phone gave, where it gave any.
BY: Final = ("product", "lot", "facility", "commune", "day", "hour")
HOURS_OF_DAY: Final = 24
USUAL_DAYS: Final = 30
# A year and its leap day: a longer period is read in parts.
MOST_DAYS: Final = 366


class PeriodWrong(Refusal):
    code = "period_wrong"
    kind = Kind.INVALID
    message = (
        "Ngày cuối phải bằng hoặc sau ngày đầu, và kỳ xem dài nhất là {days} ngày. "
        "Hãy chọn lại ngày."
    )


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days in Vietnam, both ends included."""

    first: date
    last: date

    @classmethod
    def of(cls, first: date | None, last: date | None, today: date) -> "Period":
        """The last thirty days where nothing else is said; raises PeriodWrong."""
        for field, day in (("from", first), ("to", last)):
            # At the ends of the calendar there is no day before, or after.
            if day is not None and not MINYEAR < day.year < MAXYEAR:
                raise PeriodWrong(field, days=MOST_DAYS)
        end = last or max(today, first or today)
        begin = first or end - timedelta(days=USUAL_DAYS - 1)
        if begin > end or (end - begin).days >= MOST_DAYS:
            raise PeriodWrong("from", days=MOST_DAYS)
        return cls(begin, end)

    @property
    def begins(self) -> datetime:
        return local_midnight(self.first)

    @property
    def ends(self) -> datetime:
        """The moment after its last one."""
        return local_midnight(self.last + timedelta(days=1))

    @property
    def days(self) -> list[str]:
        count = (self.last - self.first).days + 1
        return [(self.first + timedelta(days=n)).isoformat() for n in range(count)]


@dataclass(frozen=True, slots=True)
class Line:
    """Scans of one thing in the period. `key`: an id, a commune's code, an ISO day or an hour of
    the day; "" where it is not known. `users` as ScanCount.first_of_user counts them: somebody is
    counted once a day, where they scanned first, so that lines add up."""

    key: str
    scans: int
    users: int
    verdicts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Totals:
    """All scans of the period: by verdict, by day where there were any, and by hour of the day."""

    scans: int
    users: int
    verdicts: Mapping[str, int]
    days: Mapping[str, int]
    hours: tuple[int, ...]
