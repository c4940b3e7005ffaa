"""Byte ranges of an answer (RFC 9110, section 14): players ask for the part they want to play."""

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")


@dataclass(frozen=True, slots=True)
class Part:
    """`length` bytes from `first` on."""

    first: int
    length: int

    def header(self, size: int) -> str:
        return f"bytes {self.first}-{self.first + self.length - 1}/{size}"


class NotSatisfiable(Exception):
    """The range lies behind the end."""


def asked_for(header: str | None, size: int) -> Part | None:
    """The one part that a Range header asks for; None where the whole is to be sent.

    Several ranges at once, other units and what cannot be read are answered with the whole, as the
    standard allows. Raises NotSatisfiable.
    """
    found = _ONE.fullmatch(header.strip()) if header else None
    if found is None or (not found[1] and not found[2]):
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        if not length:
            raise NotSatisfiable()
        return Part(size - length, length)
    first = int(found[1])
    last = min(int(found[2]) if found[2] else size - 1, size - 1)
    if found[2] and int(found[2]) < first:
        return None
    if first >= size:
        raise NotSatisfiable()
    return Part(first, last - first + 1)
