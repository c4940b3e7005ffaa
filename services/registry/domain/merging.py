"""Which communes were merged into which, as the units say that answer for them (R1).

A unit that was merged names its successor, which answers for all its communes beside its own one.
Of a chain (A into B, B into C) the last counts. A commune that still has a unit of its own, or
whose successor has none or several of its own, is left as it is. So is one that is merged into what
is no commune of the province: nobody could read where that lies.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from unicodedata import normalize

TIER: Final = "commune"
# Units are called by their committee, in either spelling; addresses name the place alone.
COMMITTEES: Final = ("Ủy ban nhân dân ", "Uỷ ban nhân dân ", "UBND ")


@dataclass(frozen=True, slots=True)
class CommuneUnit:
    """A unit of the commune tier; `successor` is the id of the unit that it was merged into."""

    id: str
    name: str
    communes: tuple[str, ...]
    successor: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """`into`: a commune that is no more → the one of today. `names`: what one of today is called
    since others were merged into it."""

    into: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def merged(units: Iterable[CommuneUnit], province: Container[str]) -> Merged:
    """What follows from the units as they stand, whatever order they were heard in. `province`: the
    codes that there are."""
    known = {unit.id: unit for unit in units}
    gone: dict[str, set[str]] = {}
    for unit in known.values():
        if unit.successor:
            gone.setdefault(unit.successor, set()).update(unit.communes)
    standing = {one.id: set(one.communes) - gone.get(one.id, set()) for one in known.values()}
    kept = {code for one in known.values() if not one.successor for code in standing[one.id]}
    into: dict[str, str] = {}
    names: dict[str, str] = {}
    for unit in known.values():
        last = _last(known, unit)
        own = standing[last.id] if last is not None else set()
        if not unit.successor or last is None or len(own) != 1:
            continue
        (present,) = own
        if present not in province:
            continue
        into |= {code: present for code in standing[unit.id] - kept if code in province}
        names[present] = place_of(last.name)
    return Merged(into, names)


def _last(known: Mapping[str, CommuneUnit], unit: CommuneUnit) -> CommuneUnit | None:
    """The unit that all of the chain were merged into; None as long as it is not known."""
    found: CommuneUnit | None = unit
    seen = set()
    while found is not None and found.successor:
        if found.id in seen:
            return None
        seen.add(found.id)
        found = known.get(found.successor)
    return found


def place_of(unit: str) -> str:
    """The place that a unit is called by."""
    unit = " ".join(normalize("NFC", unit).split())
    for committee in COMMITTEES:
        if unit.casefold().startswith(committee.casefold()):
            unit = unit[len(committee) :]
    return unit[:1].upper() + unit[1:]
