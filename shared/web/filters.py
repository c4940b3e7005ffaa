"""How templates show dates, numbers and codes: local time, the reader's language, `—` for None."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from babel import dates, numbers

from shared.days import VIETNAM
from shared.web.i18n import language_of

NOTHING = "—"
Number = int | float | Decimal


def local(moment: datetime) -> datetime:
    """In the province's time zone; a naive datetime is taken as UTC, as MongoDB keeps it."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(VIETNAM)


def show_date(value: date | datetime | None) -> str:
    if value is None:
        return NOTHING
    day = local(value).date() if isinstance(value, datetime) else value
    if language_of() == "vi":
        return day.strftime("%d/%m/%Y")
    return dates.format_date(day, "medium", locale=language_of())


def show_time(value: datetime | time | None) -> str:
    if value is None:
        return NOTHING
    return (local(value) if isinstance(value, datetime) else value).strftime("%H:%M")


def show_datetime(value: datetime | None) -> str:
    if value is None:
        return NOTHING
    # Chinese goes from the large to the small: 2026年11月22日 08:30.
    if language_of() == "zh":
        return f"{show_date(value)} {show_time(value)}"
    return f"{show_time(value)} {show_date(value)}"


def show_timeago(value: datetime | None, now: datetime | None = None) -> str:
    """`3 giờ trước`; for more than a month the date itself says more."""
    if value is None:
        return NOTHING
    gone = (now or datetime.now(UTC)) - (value if value.tzinfo else value.replace(tzinfo=UTC))
    if abs(gone.days) > 30:
        return show_date(value)
    return dates.format_timedelta(-gone, add_direction=True, locale=language_of())


def show_number(value: Number | None, places: int | None = None) -> str:
    if value is None:
        return NOTHING
    pattern = "#,##0.###" if places is None else "#,##0" + ("." + "0" * places if places else "")
    return numbers.format_decimal(value, format=pattern, locale=language_of())


def show_place(latitude: float | None, longitude: float | None = None) -> str:
    """Degrees as the reader's language writes them; five places are about a metre."""
    if latitude is None or longitude is None:
        return NOTHING
    north, east = round(latitude, 5), round(longitude, 5)
    if language_of() == "vi":  # The comma is taken: it parts the degrees from their fractions.
        return f"{north}; {east}".replace(".", ",")
    return f"{north}, {east}"


def show_percent(value: Number | None, places: int = 0) -> str:
    """A share between 0 and 1."""
    if value is None:
        return NOTHING
    pattern = "#,##0" + ("." + "#" * places if places else "") + "%"
    return numbers.format_percent(value, format=pattern, locale=language_of())


def show_money(value: Number | None) -> str:
    """Whole Vietnamese đồng."""
    return NOTHING if value is None else f"{show_number(value, 0)}\u00a0₫"


def show_code(value: str | None) -> str:
    """A stamp code in groups of five, as it is printed: `ABCDE-FGHJK-…`; others unchanged."""
    if not value:
        return NOTHING
    if len(value) != 20:
        return value
    return "-".join(value[start : start + 5] for start in range(0, 20, 5))


def show_filesize(value: int | None) -> str:
    if value is None:
        return NOTHING
    if value < 1000:
        return f"{value} B"
    if value < 1_000_000:
        return f"{show_number(round(value / 1000))} KB"
    return f"{show_number(value / 1_000_000, 1)} MB"


FILTERS: dict[str, Callable[..., Any]] = {
    "date": show_date,
    "time": show_time,
    "datetime": show_datetime,
    "timeago": show_timeago,
    "number": show_number,
    "place": show_place,
    "percent": show_percent,
    "money": show_money,
    "code": show_code,
    "filesize": show_filesize,
}
