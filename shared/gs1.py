"""GS1 keys and check digits, the address printed on a stamp, and GS1 Digital Link paths.

Rules: GS1 General Specifications, sections 7.9 (check digits) and 7.11 (character set 82);
GS1 Digital Link URI Syntax 1.x for the order and the encoding of a path.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

GTIN_LENGTHS = (8, 12, 13, 14)
MAX_ATTRIBUTE = 20  # characters of a lot (AI 10), serial (AI 21) or consumer product variant (22)

_DIGITS = re.compile(r"[0-9]+")
# Character set 82: what a lot, serial or variant may be made of.
_SET_82 = re.compile(r"""[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+""")
# A host in upper case, with a port where the system is tried out on one.
_HOST = re.compile(r"[A-Z0-9](?:[A-Z0-9.-]*[A-Z0-9])?(?::[0-9]{1,5})?")
# Characters of set 82 that RFC 3986 lets stand in a path segment as they are.
_PLAIN_IN_PATH = "!'()*,-.:;=_"
_LINK = re.compile(
    r"/01/(?P<gtin>[^/]*)"
    r"(?:/22/(?P<variant>[^/]*))?(?:/10/(?P<lot>[^/]*))?(?:/21/(?P<serial>[^/]*))?/?"
)
# A path segment as RFC 3986 allows it; every % begins two hexadecimal digits.
_SEGMENT = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*")


class Gs1Error(ValueError):
    """A value that is not what its GS1 field allows; `field` names that field."""

    reason = "is not valid"

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} {self.reason}")
        self.field = field


class NotDigits(Gs1Error):
    reason = "holds something else than digits"


class WrongLength(Gs1Error):
    reason = "has a length that its GS1 field does not allow"


class WrongCheckDigit(Gs1Error):
    reason = "has a wrong check digit"


class ForbiddenCharacter(Gs1Error):
    reason = "holds a character outside of GS1 character set 82"


class NotAHost(Gs1Error):
    reason = "is no host name"


class NotADigitalLink(Gs1Error):
    reason = "is no GS1 Digital Link path of a product"


def check_digit(digits: str) -> str:
    """The check digit that belongs behind `digits`: weights 3, 1, 3 … from the right, modulo 10."""
    if not _DIGITS.fullmatch(digits):
        raise NotDigits("digits")
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def gtin14(text: str) -> str:
    """The 14 digits of a GTIN-8, -12, -13 or -14. Raises a Gs1Error with field `gtin`."""
    return _checked(text, "gtin", GTIN_LENGTHS).zfill(14)


def gln13(text: str) -> str:
    """The 13 digits of a GLN, unchanged. Raises a Gs1Error with field `gln`."""
    return _checked(text, "gln", (13,))


def sscc18(text: str) -> str:
    """The 18 digits of an SSCC, unchanged. Raises a Gs1Error with field `sscc`."""
    return _checked(text, "sscc", (18,))


def is_gtin(text: str) -> bool:
    return _holds(gtin14, text)


def is_gln(text: str) -> bool:
    return _holds(gln13, text)


def is_sscc(text: str) -> bool:
    return _holds(sscc18, text)


def attribute(text: str, field: str) -> str:
    """A lot, serial or variant, unchanged: 1 to 20 characters of set 82. Raises a Gs1Error."""
    if not 1 <= len(text) <= MAX_ATTRIBUTE:
        raise WrongLength(field)
    if not _SET_82.fullmatch(text):
        raise ForbiddenCharacter(field)
    return text


def qr_payload(host: str, code: str) -> str:
    """What the smallest symbol holds: all upper case, for the alphanumeric mode of QR codes."""
    return f"HTTPS://{_host(host)}/{code.upper()}"


def digital_link(host: str, gtin: str, code: str, lot: str | None = None) -> str:
    """The GS1 Digital Link of one stamp; its code is the serial (AI 21)."""
    path = f"/01/{gtin14(gtin)}"
    if lot is not None:
        path += f"/10/{quote(attribute(lot, 'lot'), safe=_PLAIN_IN_PATH)}"
    return f"https://{_host(host).lower()}{path}/21/{quote(attribute(code, 'serial'), safe='')}"


@dataclass(frozen=True, slots=True)
class DigitalLink:
    """What the path of a product's Digital Link says, percent-decoded."""

    gtin: str
    variant: str | None = None
    lot: str | None = None
    serial: str | None = None


def parse_link_path(path: str) -> DigitalLink:
    """Read `/01/{gtin14}[/22/{variant}][/10/{lot}][/21/{serial}]`, still percent-encoded.

    A slash at the end is tolerated. Raises a Gs1Error that names the field at fault, or `path`.
    """
    match = _LINK.fullmatch(path)
    if match is None:
        raise NotADigitalLink("path")
    return DigitalLink(
        gtin=_checked(match["gtin"], "gtin", (14,)),
        variant=_decoded(match["variant"], "variant"),
        lot=_decoded(match["lot"], "lot"),
        serial=_decoded(match["serial"], "serial"),
    )


def _checked(text: str, field: str, lengths: tuple[int, ...]) -> str:
    if not _DIGITS.fullmatch(text):
        raise NotDigits(field)
    if len(text) not in lengths:
        raise WrongLength(field)
    if check_digit(text[:-1]) != text[-1]:
        raise WrongCheckDigit(field)
    return text


def _holds(rule: Callable[[str], str], text: str) -> bool:
    try:
        rule(text)
    except Gs1Error:
        return False
    return True


def _host(host: str) -> str:
    host = host.upper()
    if not _HOST.fullmatch(host):
        raise NotAHost("host")
    return host


def _decoded(segment: str | None, field: str) -> str | None:
    if segment is None:
        return None
    if not _SEGMENT.fullmatch(segment):
        raise ForbiddenCharacter(field)
    # Latin-1 keeps every byte one character, so that set 82 judges what was really sent.
    return attribute(unquote_to_bytes(segment).decode("latin-1"), field)
