"""What each GS1 Application Identifier may hold: its characters, its length, its check digit.

The table of identifiers is biip's (GS1 General Specifications, section 3); which of them begin an
address, and which may follow in what order, are the rules of GS1 Digital Link: URI Syntax.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from biip import ParseError
from biip.gs1_application_identifiers import GS1ApplicationIdentifier

from shared.gs1 import ForbiddenCharacter, Gs1Error, WrongCheckDigit, WrongLength, check_digit

# Primary keys, and the key qualifiers that may follow each, in this order; of several lines, one.
QUALIFIERS: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "00": (),
        "01": (("22", "10", "21"), ("235",)),
        "253": (),
        "255": (),
        "401": (),
        "402": (),
        "414": (("254",), ("7040",)),
        "415": (("8020",),),
        "417": (("7040",),),
        "8003": (),
        "8004": (("7040",),),
        "8006": (("22", "10", "21"),),
        "8010": (("8011",),),
        "8013": (),
        "8017": (("8019",),),
        "8018": (("8019",),),
    }
)

# Where the check digit stands: the digits from `start` up to and including it.
_CHECKED = {
    **dict.fromkeys(("00", "402", "8017", "8018"), slice(None)),
    **dict.fromkeys(("01", "02", "03", "410", "411", "412", "413"), slice(None)),
    **dict.fromkeys(("414", "415", "416", "417"), slice(None)),
    **dict.fromkeys(("253", "255"), slice(13)),
    "8003": slice(14),
    **dict.fromkeys(("8006", "8026"), slice(14)),
}


class UnknownField(Gs1Error):
    reason = "is no GS1 Application Identifier"


def is_known(ai: str) -> bool:
    return _field(ai) is not None


def layout(ai: str) -> str:
    """How GS1 writes the format of a value of a known identifier, as `N14` or `N13[+X..17]`."""
    known = _field(ai)
    return known.format.partition("+")[2] if known else ""


def checked(ai: str, value: str) -> str:
    """A value unchanged, if its identifier allows it. Raises a Gs1Error whose field is `ai`."""
    known = _field(ai)
    if known is None:
        raise UnknownField(ai)
    # Without ASCII, `\d` would take digits of every script.
    if not re.fullmatch(known.pattern, ai + value, re.ASCII):
        raise (ForbiddenCharacter if _has_odd_character(ai, value) else WrongLength)(ai)
    if ai in _CHECKED:
        digits = value[_CHECKED[ai]]
        if check_digit(digits[:-1]) != digits[-1]:
            raise WrongCheckDigit(ai)
    return value


@lru_cache(1_000)
def _field(ai: str) -> GS1ApplicationIdentifier | None:
    """biip looks for what a text begins with; here it has to be the whole of it."""
    try:
        found = GS1ApplicationIdentifier.extract(ai)
    except ParseError:
        return None
    return found if found.ai == ai else None


_SET_82 = re.compile(r"[!-\"%-?A-Z_a-z]*")
_DIGITS = re.compile(r"[0-9]*")


def _has_odd_character(ai: str, value: str) -> bool:
    allowed = _SET_82 if set(layout(ai)) & set("XYZ") else _DIGITS
    return not allowed.fullmatch(value)
