"""How a drill is scored by itself: time to the order, completeness, time to reach everyone.

Completeness = traced ÷ made, in per cent: of each unit the sums of its lots (domain/drill_lots.py,
kilograms where it is known what they weigh), in all that of the unit that comes off worst. It is
the same in whatever order people answered.
"""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from services.recall.domain.drill_lots import LotTraced, by_unit, percent

DATA: Final = Path(__file__).with_name("drills.toml")
# Shares of the facilities whose time is told, in per cent.
SHARES: Final = (50, 90, 100)


class Duty(BaseModel):
    """Whom the yearly duty binds; what each means is said in drills.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    basis: str
    months: int = Field(ge=1)
    classes: tuple[str, ...]
    sectors: tuple[str, ...]
    counts: tuple[str, ...]
    tiers: tuple[str, ...]

    def binds(self, facility_class: str, sector: str) -> bool:
        classes = not self.classes or facility_class in self.classes
        return classes and (not self.sectors or sector in self.sectors)


class Grade(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    complete: float
    seconds: float
    minutes: float
    acknowledged: float


class Rules(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    duty: Duty
    grades: tuple[Grade, ...] = Field(min_length=1)


@cache
def rules() -> Rules:
    """Raises ValueError where the file is wrong."""
    return Rules.model_validate(tomllib.loads(DATA.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class Place:
    """A facility that is asked: about how many lots, whether an address of it was known, what it
    said when, and when a message reached it."""

    facility_id: str
    asked: int
    stated: int
    reachable: bool
    acknowledged_at: datetime | None
    told_at: datetime | None = None

    @property
    def was_reached(self) -> bool:
        """By a message, or because somebody looked."""
        return self.told_at is not None or self.acknowledged_at is not None

    def took(self, since: datetime) -> float | None:
        """Minutes from its own message to its word; of who spoke before any reached it, from when
        the drill began (`since`). None as long as it has said nothing."""
        if self.acknowledged_at is None:
            return None
        told = self.told_at
        begun = since if told is None or told > self.acknowledged_at else told
        return minutes(begun, self.acknowledged_at)

    @property
    def has_answered(self) -> bool:
        """Said that it was told, and stated all that it was asked."""
        return self.acknowledged_at is not None and self.stated >= self.asked


def minutes(since: datetime, at: datetime) -> float:
    return round(max(0.0, (at - since).total_seconds() / 60), 1)


def until(share: int, since: datetime, places: Sequence[Place]) -> float | None:
    """Minutes until so many per cent had acknowledged; None where they never were so many."""
    needed = max(1, math.ceil(share * len(places) / 100))
    took = sorted(minutes(since, p.acknowledged_at) for p in places if p.acknowledged_at)
    return took[needed - 1] if len(took) >= needed else None


def own(share: int, since: datetime, places: Sequence[Place]) -> float | None:
    """The same, each counted from its own message on."""
    needed = max(1, math.ceil(share * len(places) / 100))
    took = sorted(one for one in (p.took(since) for p in places) if one is not None)
    return took[needed - 1] if len(took) >= needed else None


def messaged(since: datetime, places: Sequence[Place]) -> float | None:
    """Minutes until a message had reached every facility; None where one had none."""
    when = [one.told_at for one in places if one.told_at is not None]
    return minutes(since, max(when)) if when and len(when) == len(places) else None


def score(
    lots: Sequence[LotTraced],
    places: Sequence[Place],
    seconds: float,
    since: datetime,
    *,
    waited: float = 0.0,
) -> dict[str, Any]:
    """Every figure of a drill, as JSON takes it. `since` is when the facilities were told, `waited`
    seconds after it was asked for: the search and, of a large one, the second person's yes."""
    units = by_unit(lots)
    acknowledged = sum(one.acknowledged_at is not None for one in places)
    found: dict[str, Any] = {
        "seconds": seconds,
        "order_seconds": round(waited, 1),
        "complete": min((one["percent"] for one in units), default=None),
        "units": units,
        "lots": len(lots),
        "short": sum(one.is_short for one in lots),
        "contradicted": sum(one.is_contradicted for one in lots),
        "told": len(places),
        "acknowledged": acknowledged,
        "answered": sum(one.has_answered for one in places),
        "unreachable": sum(not one.reachable for one in places),
        "messaged": sum(one.told_at is not None for one in places),
        "reached": sum(one.was_reached for one in places),
        "unreached": sum(not one.was_reached for one in places),
        "minutes_messaged": messaged(since, places),
        "asked": sum(one.asked for one in places),
        "stated": sum(min(one.asked, one.stated) for one in places),
        "acknowledged_percent": percent(Decimal(acknowledged), Decimal(len(places))),
        **{f"minutes_{share}": until(share, since, places) for share in SHARES},
        **{f"own_{share}": own(share, since, places) for share in SHARES},
    }
    return {**found, "grade": graded(found, places, since, rules().grades)}


def graded(
    figures: Mapping[str, Any], places: Sequence[Place], since: datetime, grades: Sequence[Grade]
) -> str:
    """The best grade all of whose demands are met, else the last."""
    for grade in grades:
        # How long as many took as the grade asks for.
        took = until(math.ceil(grade.acknowledged), since, places) if grade.acknowledged else 0.0
        in_time = took is not None and took <= grade.minutes
        complete = (figures["complete"] or 0.0) >= grade.complete
        if in_time and complete and figures["order_seconds"] <= grade.seconds:
            return grade.key
    return grades[-1].key


def rehearsed(places: Sequence[Place], begun_by: str | None, duty: Duty) -> tuple[str, ...]:
    """Facilities whose duty the drill fulfils; `begun_by` is the facility that began it, if one
    did. What it began and left to itself rehearsed nothing: it answered all that it was asked, and
    so did another, where others are asked."""
    done = {one.facility_id for one in places if one.has_answered}
    others = {one.facility_id for one in places} - {begun_by}
    found = done - {begun_by} if "answered" in duty.counts else set()
    if "own" in duty.counts and begun_by in done and (not others or done & others):
        found = found | {begun_by}
    return tuple(sorted(one for one in found if one))


def unit_rehearsed(places: Sequence[Place]) -> bool:
    """Whether it was a rehearsal of the unit that began it: one facility at least answered all."""
    return any(one.has_answered for one in places)
