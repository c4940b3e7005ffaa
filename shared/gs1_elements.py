"""GS1 element strings: what barcodes of trade hold, as people read it and as encoders take it.

An element is an application identifier with its value: (00) an SSCC, (01) a GTIN of 14 digits,
(10) a lot, (17) an expiry date as YYMMDD, (21) a serial. GS1 General Specifications, sections 3
and 7.8.
"""

import re
from collections.abc import Sequence
from datetime import date

from shared.gs1 import attribute, gtin14, sscc18

Element = tuple[str, str]
# FNC1 between elements, as scanners send it.
SEPARATOR = "\x1d"

# What a scanner may send before the elements: the symbology (ISO/IEC 15424) and FNC1.
_BEFORE = re.compile(r"\A(?:\][A-Za-z][0-9A-Za-z])?\x1d?")
_SERIAL_READ = re.compile(r"\(01\)[0-9]{14}.*\(21\)(?P<serial>[^()\x1d]{1,20})\Z")
_SERIAL_SENT = re.compile(
    r"01[0-9]{14}(?:1[1-7][0-9]{6})*(?:10[^\x1d]{1,20}\x1d)?21(?P<serial>[^\x1d]{1,20})\Z"
)


def of_product(
    gtin: str, lot: str = "", expires: date | None = None, serial: str = ""
) -> list[Element]:
    """The elements of a product, those of fixed length first, as GS1 recommends it.

    Raises a gs1.Gs1Error.
    """
    found = [("01", gtin14(gtin))]
    if expires:
        found.append(("17", expires.strftime("%y%m%d")))
    if lot:
        found.append(("10", attribute(lot, "lot")))
    if serial:
        found.append(("21", attribute(serial, "serial")))
    return found


def of_unit(sscc: str) -> list[Element]:
    """The element of a logistic unit. Raises a gs1.Gs1Error."""
    return [("00", sscc18(sscc))]


def ean_digits(gtin: str) -> str | None:
    """The 13 or 8 digits of the EAN symbol of a GTIN; None where only 14 digits name it.

    Raises a gs1.Gs1Error.
    """
    whole = gtin14(gtin)
    if whole[0] != "0":
        return None
    # No GTIN-13 begins with five zeros: these are of eight digits, filled up.
    return whole[6:] if whole.startswith("000000") else whole[1:]


def readable(elements: Sequence[Element]) -> str:
    """`(01)09506000134352(10)L1`: the line of text that stands beside a barcode."""
    return "".join(f"({identifier}){value}" for identifier, value in elements)


def bracketed(elements: Sequence[Element]) -> str:
    """For encoders. No value holds a square bracket, as it may hold a round one (set 82)."""
    return "".join(f"[{identifier}]{value}" for identifier, value in elements)


def serial_in(text: str) -> str | None:
    """The serial (21) of a product's element string, as a scanner sends it or people read it."""
    elements = _BEFORE.sub("", text.strip(" \r\n"), count=1)
    found = _SERIAL_READ.match(elements) or _SERIAL_SENT.match(elements)
    return found["serial"] if found else None
