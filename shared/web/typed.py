"""Reads numbers, days and moments the way people type them, in the language they type in."""

import re
from datetime import date, datetime
from decimal import Decimal

from shared.days import VIETNAM
from shared.web.i18n import N_
from shared.web.shapes import Shape

_GROUPED_WHOLE = re.compile(r"[+-]?\d{1,3}(?:([.,\u00a0\u202f ])\d{3})(?:\1\d{3})*")
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
# 2026年11月22日 and 2026/11/22, as Chinese is written; the year first cannot be misread.
_YEAR_FIRST = re.compile(r"(\d{4})[年/.-](\d{1,2})[月/.-](\d{1,2})日?")
_SPACES = re.compile(r"[\s\u00a0\u202f]")

AMBIGUOUS = N_(
    "Số này có thể hiểu theo hai cách. Hãy viết không có dấu phân cách hàng nghìn, "
    "ví dụ 1250 hoặc 1,25."
)


class Ambiguous(ValueError):
    """`12.125` in Vietnamese: twelve and an eighth, or twelve thousand?"""


def read(text: str, shape: Shape, lang: str) -> object:
    """`text` in the form pydantic reads; text that cannot be understood is returned as it is."""
    if shape.whole:
        return _whole(text)
    if shape.fractional:
        return _fraction(text, lang)
    if shape.day:
        return _day(text)
    if shape.moment:
        return _moment(text)
    return text


def _whole(text: str) -> str:
    if _GROUPED_WHOLE.fullmatch(text):
        return re.sub(r"[^\d+-]", "", text)
    return text


def _fraction(text: str, lang: str) -> str:
    """`1.250,5` in Vietnamese, `1,250.5` in English; raises Ambiguous."""
    bare = _SPACES.sub("", text)
    point, group = (",", ".") if lang == "vi" else (".", ",")
    if point in bare and group in bare:
        # With both signs present, the last one is the decimal sign in every language.
        point, group = (point, group) if bare.rfind(point) > bare.rfind(group) else (group, point)
    if bare.count(group) == 1 and point not in bare:
        if re.search(rf"^[+-]?[1-9]\d{{0,2}}{re.escape(group)}\d{{3}}$", bare):
            raise Ambiguous
        return bare.replace(group, ".")
    return bare.replace(group, "").replace(point, ".")


def _day(text: str) -> str:
    if found := _DAY.fullmatch(text):
        day, month, year = map(int, found.groups())
    elif found := _YEAR_FIRST.fullmatch(text):
        year, month, day = map(int, found.groups())
    else:
        return text
    return f"{year:04}-{month:02}-{day:02}"


def _moment(text: str) -> object:
    """A moment without a zone, as `datetime-local` sends it, is meant in local time."""
    day, _, time = text.replace("T", " ").partition(" ")
    try:
        moment = datetime.fromisoformat(f"{_day(day)}T{time}" if time else _day(day))
    except ValueError:
        return text
    return moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)


def write(value: object, lang: str) -> str:
    """A value as an input shows it, so that `read` gives the same value back."""
    if value is True:
        return "on"
    if value is None or value is False:
        return ""
    if isinstance(value, datetime):
        local = value.astimezone(VIETNAM) if value.tzinfo else value
        return local.strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (float, Decimal)):
        text = format(Decimal(str(value)), "f")
        return text.replace(".", ",") if lang == "vi" else text
    return str(value)
