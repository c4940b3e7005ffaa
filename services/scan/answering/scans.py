"""How often a stamp was scanned, in words and for programs."""

from collections.abc import Callable

from babel.dates import format_date
from babel.numbers import format_decimal

from services.scan.domain.often import LEAST, UNTOLD, Scanned
from shared.days import local_day
from shared.web.i18n import N_

OFTEN = N_("Đã ghi nhận {count} lần quét tem này, lần đầu ngày {day}")
SELDOM = N_("Đã ghi nhận ít hơn {count} lần quét tem này")

_DAYS = {"vi": "dd/MM/y", "en": "d MMM y", "zh": "y年M月d日"}


def words(scanned: Scanned, lang: str, say: Callable[[str, str], str]) -> bytes:
    """A sentence; nothing where nobody can say."""
    if scanned is UNTOLD:
        return b""
    if scanned.first is None:
        return say(SELDOM, lang).format(count=LEAST).encode()
    day = format_date(local_day(scanned.first), _DAYS.get(lang, _DAYS["en"]), locale=lang)
    count = format_decimal(scanned.times, locale=lang)
    return say(OFTEN, lang).format(count=count, day=day).encode()


def json(scanned: Scanned) -> bytes:
    """As `ScansView` describes it."""
    if scanned is UNTOLD:
        return b"null"
    if scanned.first is None:
        return b'{"recorded":null,"fewer_than":%d,"first_on":null}' % LEAST
    first = local_day(scanned.first).isoformat().encode()
    return b'{"recorded":%d,"fewer_than":null,"first_on":"%b"}' % (scanned.times, first)
