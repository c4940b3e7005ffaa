"""GS1 Digital Link URIs that were compressed into one path segment, turned back into long ones.

The segment is base 64 (RFC 4648, section 5) of a bit string: an identifier, as decimal digits of
four bits each, or a code for a common sequence of them; then the values, packed as their format
allows (GS1 Digital Link: Compression 1.0). Numbers keep their leading zeros here, which GS1's own
prototype loses, because the length that is written before them says how many digits there were.
"""

import re
from math import ceil, log2
from urllib.parse import quote, unquote

from shared.gs1 import Gs1Error, NotADigitalLink
from shared.gs1_fields import QUALIFIERS, is_known, layout
from shared.gs1_link import Uri, parse

LEAST, MOST = 8, 300  # characters of a whole address in one segment

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_SEGMENT = re.compile(rf"[A-Za-z0-9_-]{{1,{MOST}}}")
_PART = re.compile(r"([NXYZ])(\.\.)?([0-9]+)")

# The codes of sequences: first hexadecimal digit, then the identifiers for 0, 1, 2 … or A, B, C …
_LETTERED = {
    "0": ("01 22", "01 10", "01 21", "01 17", "01 7003", "01 30"),
    "1": ("01 10 21 17", "01 15", "01 11", "01 16", "01 91", "01 10 15"),
    "2": tuple(f"01 310{n}" for n in range(6)),
    "3": tuple(f"01 320{n}" for n in range(6)),
    "9": ("8010 8011", "8017 8019", "8018 8019", "414 254"),
}
_SEQUENCES = {
    **{f"{row}{'ABCDEF'[n]}": s for row, all_ in _LETTERED.items() for n, s in enumerate(all_)},
    **{f"A{n}": f"01 392{n}" for n in range(10)},
    **{f"C{n}": f"255 390{n}" for n in range(10)},
    **{f"C{'ABCD'[n]}": f"255 394{n}" for n in range(4)},
}


class _Bits:
    """A bit string read from the left."""

    def __init__(self, segment: str) -> None:
        self.left = 6 * len(segment)
        self._number = 0
        for character in segment:
            self._number = self._number << 6 | _VALUES[character]

    def take(self, count: int) -> int:
        if count > self.left:
            raise NotADigitalLink("path")
        self.left -= count
        return self._number >> self.left & (1 << count) - 1

    @property
    def only_filling(self) -> bool:
        """What is left is only there to make the last character whole."""
        return self.left < 6 and not self._number & (1 << self.left) - 1


def expand(path: str) -> tuple[str, str] | None:
    """Path and query of the long address, the query without a `?`; None if `path` is no compressed
    one. Compressed is the whole (`/ARFK…`) or what follows the primary key (`/01/…/Lv…`)."""
    *before, segment = path.removesuffix("/").split("/")
    if len(before) not in (1, 3) or before[0] or not _SEGMENT.fullmatch(segment):
        return None
    if len(before) == 1 and len(segment) < LEAST:
        return None
    try:
        found = _read(_Bits(segment))
        if len(before) == 3:
            head = parse("/".join(before))
            found = [(head.key, head.value), *found]
        uri = _address(found)
        query = "&".join(f"{ai}={quote(value, safe='')}" for ai, value in uri.attributes.items())
        parse(uri.path(), query)
    except Gs1Error:
        return None
    others = (
        f"{quote(key, safe='')}={quote(value, safe='')}"
        for key, value in found
        if not key.isdigit()
    )
    return uri.path(), "&".join((*filter(None, [query]), *others))


def _read(bits: _Bits) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    while not bits.only_filling:
        code = f"{bits.take(8):02X}"
        if code.isdigit():
            ai = _identifier(code, bits)
            found.append((ai, _value(ai, bits)))
        elif code in _SEQUENCES:
            found.extend((ai, _value(ai, bits)) for ai in _SEQUENCES[code].split())
        elif code[0] == "F":
            found.append(_foreign(int(code[1], 16), bits))
        else:
            raise NotADigitalLink("path")
    return found


def _identifier(ai: str, bits: _Bits) -> str:
    """The first two digits tell whether there are two, three or four."""
    while not is_known(ai):
        digit = bits.take(4)
        if digit > 9 or len(ai) > 3:
            raise NotADigitalLink("path")
        ai += str(digit)
    return ai


def _value(ai: str, bits: _Bits) -> str:
    value = ""
    # Numbers of fixed length that follow one another were packed as one.
    form = re.sub(r"N(\d+)\+N(\d+)\+N(\d+)", lambda m: f"N{sum(map(int, m.groups()))}", layout(ai))
    for kind, up_to, length in _PART.findall(form.replace("[+N", "[+N..").replace("....", "..")):
        most = int(length)
        if kind == "N":
            value += _digits(bits, bits.take(_length_bits(most)) if up_to else most)
        else:
            how = bits.take(3)
            value += _text(bits, how, bits.take(_length_bits(most)) if up_to else most)
    return value


def _digits(bits: _Bits, count: int) -> str:
    if not count:
        return ""
    digits = str(bits.take(ceil(count * log2(10) + 0.01))).zfill(count)
    if len(digits) > count:
        raise NotADigitalLink("path")
    return digits


def _length_bits(most: int) -> int:
    return ceil(log2(most) + 0.01)


def _text(bits: _Bits, how: int, count: int) -> str:
    match how:
        case 0:
            return _digits(bits, count)
        case 1:
            return "".join(f"{bits.take(4):x}" for _ in range(count))
        case 2:
            return "".join(f"{bits.take(4):X}" for _ in range(count))
        case 3:
            return "".join(_ALPHABET[bits.take(6)] for _ in range(count))
        case 4:
            return "".join(chr(bits.take(7)) for _ in range(count))
    raise NotADigitalLink("path")


def _foreign(high: int, bits: _Bits) -> tuple[str, str]:
    """A parameter that is not GS1's: seven bits say how long its name is."""
    length = high << 3 | bits.take(3)
    key = "".join(_ALPHABET[bits.take(6)] for _ in range(length))
    if not key or key.isdigit():
        raise NotADigitalLink("path")
    how = bits.take(3)
    return key, unquote(_text(bits, how, bits.take(7)))


def _address(found: list[tuple[str, str]]) -> Uri:
    """Order what was packed: the primary key, its qualifiers as the standard has them, the rest."""
    values = {ai: value for ai, value in found if ai.isdigit()}
    keys = [ai for ai, _ in found if ai in QUALIFIERS]
    if not keys or len(values) != sum(ai.isdigit() for ai, _ in found):
        raise NotADigitalLink("path")
    key = keys[0]
    allowed = max(QUALIFIERS[key] or ((),), key=lambda line: sum(ai in values for ai in line))
    qualifiers = tuple((ai, values[ai]) for ai in allowed if ai in values)
    used = {key, *allowed}
    return Uri(key, values[key], qualifiers, {k: v for k, v in values.items() if k not in used})
