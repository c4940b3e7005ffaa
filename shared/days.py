"""Calendar days as Vietnam counts them."""

from datetime import MAXYEAR, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def spoken(day: date) -> str:
    """A date as people here write it."""
    return day.strftime("%d/%m/%Y")


def today() -> date:
    return local_day(datetime.now(VIETNAM))


def local_day(instant: datetime) -> date:
    return instant.astimezone(VIETNAM).date()


def local_midnight(day: date) -> datetime:
    """When a day in Vietnam begins."""
    return datetime.combine(day, time(), VIETNAM)


def later(day: date, span: timedelta) -> date:
    """The day so much later, at most the last one there is: who imports writes 31/12/9999 for
    goods that never expire."""
    return day + span if span < date.max - day else date.max


def day_begins(day: date | None, *, later: int = 0) -> datetime | None:
    """When a day in Vietnam, or one so many days later, begins; None for no day."""
    if day is None or day.year >= MAXYEAR:
        return None
    return local_midnight(day + timedelta(days=later))
