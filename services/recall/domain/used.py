"""What was used on a lot, and by what name a recall means it: the input itself or its substance."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.spelling import fold

# Before the name of an active substance, where that is meant and not an input: keys have no colon.
SUBSTANCE: Final = "substance:"
# "Abamectin + Emamectin benzoate" is both of them.
_PARTS: Final = re.compile(r"[+,;/&]|\bva\b|\band\b")
_PARTS_AS_WRITTEN: Final = re.compile(r"[+,;/&]|\bvà\b|\band\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class InputUse:
    """An input (vật tư đầu vào) on one lot, as registry sums it up: between the days of its first
    and last use, both included. `key` is equal for what is the same."""

    key: str
    kind: str
    name: str
    active_substance: str
    lot_number: str
    first: date
    last: date

    @property
    def names(self) -> tuple[str, ...]:
        """All that it can be meant by: its key, and each of its active substances."""
        return (self.key, *(SUBSTANCE + one for one in substances_in(self.active_substance)))

    @property
    def number(self) -> str:
        """The number on its package, as numbers are compared."""
        return folded_number(self.lot_number)


def substances_in(text: str) -> tuple[str, ...]:
    """The active substances that a text names, in lower case without marks, each once."""
    parts = (" ".join(part.split()) for part in _PARTS.split(fold(text)))
    return tuple(dict.fromkeys(part for part in parts if part))


def called(name: str, uses: Iterable[InputUse]) -> str:
    """What a key or a substance is called by those who used it, as most of them write it; the name
    itself where nobody did."""
    spellings: Counter[str] = Counter()
    for use in uses:
        if name == use.key:
            spellings[use.name] += 1
        elif name in use.names:
            wanted = name.removeprefix(SUBSTANCE)
            spellings.update(
                part
                for part in _PARTS_AS_WRITTEN.split(use.active_substance)
                if substances_in(part) == (wanted,)
            )
    most = min(spellings, key=lambda one: (-spellings[one], one), default="")
    return most.strip() or name.removeprefix(SUBSTANCE)


def input_id(text: str) -> str:
    """The id of a target as somebody typed it: capitals, marks and spaces make no difference."""
    return " ".join(fold(text).split())


def folded_number(text: str) -> str:
    """A number of a package or a certificate without what people write it down differently in."""
    return "".join(fold(text).split())
