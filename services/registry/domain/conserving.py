"""Whether what came out of a transformation agrees with what went in (R23); the limits are data."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from services.registry.domain.categories import categories
from services.registry.domain.units import total

FILE = Path(__file__).with_name("yields.toml")

# Quantity, unit, and the net content of one package where the unit is one.
Amount = tuple[Decimal, str, str]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much less and how much more may come out, as parts of what went in."""

    loss: Decimal
    gain: Decimal


@dataclass(frozen=True, slots=True)
class Balance:
    """`given` and `made` in one base unit; both None where they cannot be compared."""

    given: Decimal | None
    made: Decimal | None
    limits: Limits

    @property
    def comparable(self) -> bool:
        return self.given is not None and self.made is not None

    @property
    def difference(self) -> Decimal | None:
        """What came out over what went in, minus one; None where they cannot be compared."""
        if self.given is None or self.made is None or not self.given:
            return None
        return self.made / self.given - 1

    @property
    def conserved(self) -> bool:
        found = self.difference
        return found is not None and -self.limits.loss <= found <= self.limits.gain


@cache
def _tables() -> dict[str, dict[str, dict[str, str]]]:
    read = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {"default": {"": read["default"]}, **{k: read.get(k, {}) for k in _LEVELS}}


_LEVELS = ("groups", "categories")


def limits(category: str, *, changes_goods: bool) -> Limits:
    """The limits of a category of products, those of its group, or the default ones."""
    known = categories().get(category)
    tables = _tables()
    found = {
        **tables["default"][""],
        **tables["groups"].get(known.group if known else "", {}),
        **tables["categories"].get(category, {}),
    }
    kind = "process" if changes_goods else "handling"
    return Limits(Decimal(found[f"{kind}_loss"]), Decimal(found[f"{kind}_gain"]))


def balance(given: Sequence[Amount], made: Sequence[Amount], within: Limits) -> Balance:
    """Both sides added up; quantities whose units measure other things are not compared."""
    before, after = total(given), total(made)
    if before is None or after is None or before[1] != after[1]:
        return Balance(None, None, within)
    return Balance(before[0], after[0], within)
