"""What went into a lot by its own form: input lots with quantities, counted and conserved (R23).

A transformation makes lots out of lots; here one lot names what it was made from. Both are held to
the same: nothing is used twice, and what came out agrees with what went in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from services.registry.domain.transformation import NamedTwice


@dataclass(frozen=True, slots=True)
class Used:
    """So much of a lot. `taken` was counted off what the facility has of it, in the base unit."""

    lot_id: str
    quantity: Decimal
    unit: str
    taken: Decimal | None = None


def without_doubles(used: Sequence[Used]) -> Sequence[Used]:
    """The same; raises where a lot is named in two rows."""
    seen: set[str] = set()
    for index, one in enumerate(used):
        if one.lot_id in seen:
            raise NamedTwice(f"used.{index}.lot", name=one.lot_id)
        seen.add(one.lot_id)
    return used


def uncounted(named: Sequence[str], used: Sequence[Used]) -> tuple[str, ...]:
    """The input lots of which nobody said how much was used."""
    counted = {one.lot_id for one in used}
    return tuple(one for one in named if one not in counted)


def same_uses(one: Sequence[Used], other: Sequence[Used]) -> bool:
    """Whether both say the same; what was counted off follows from that."""
    bare = [tuple(replace(use, taken=None) for use in uses) for uses in (one, other)]
    return bare[0] == bare[1]
