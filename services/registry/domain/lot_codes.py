"""A code for the next lot, proposed so that nobody has to invent one; it may be typed over."""

import re
from collections.abc import Collection, Sequence
from datetime import date
from itertools import count
from typing import Final

# What counts up: a short number that stands by itself at the end; longer ones are dates.
_COUNTED: Final = re.compile(r"(?:.*[^0-9])?([0-9]{1,4})")
_OF_A_DAY: Final = re.compile(r"[0-9]{6}-")
LONGEST: Final = 20


def proposed(known: Sequence[str], day: date) -> str:
    """`CM-2026-012` after `CM-2026-011`, else by the day (`261126-1`); `known` newest first."""
    taken = {code.upper() for code in known}
    newest = known[0] if known else ""
    found = _COUNTED.fullmatch(newest)
    begin, number = (newest[: found.start(1)], found[1]) if found is not None else ("", "")
    # A whole year at the end tells when, not how many; and each day begins anew.
    if begin and not _OF_A_DAY.fullmatch(begin) and not 1900 <= int(number) <= 2100:
        following = _free(begin, int(number) + 1, len(number), taken)
        if len(following) <= LONGEST:
            return following
    return _free(f"{day:%y%m%d}-", 1, 1, taken)


def parts_of(code: str, known: Sequence[str], number: int) -> list[str]:
    """Codes for so many parts of a lot: `CM-011-1`, `CM-011-2` …; "" where they get too long."""
    taken = {one.upper() for one in known}
    found: list[str] = []
    for _ in range(number):
        found.append(_free(f"{code}-", 1, 1, {*taken, *(one.upper() for one in found)}))
    return [one if len(one) <= LONGEST else "" for one in found]


def _free(begin: str, first: int, digits: int, taken: Collection[str]) -> str:
    codes = (f"{begin}{number:0{digits}}" for number in count(first))
    return next(code for code in codes if code.upper() not in taken)
