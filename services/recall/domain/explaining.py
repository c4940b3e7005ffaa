"""Differences that an official explains, so that a recall can be closed (data in closing.toml)."""

import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Final, Self

from services.recall.domain.amounts import Made
from services.recall.domain.recovery_refusals import (
    ExplanationDecided,
    NothingToExplain,
    OtherDimension,
)
from services.recall.domain.refusals import SecondPersonNeeded
from services.recall.domain.terms import Official

DATA: Final = Path(__file__).with_name("closing.toml")


@cache
def limits() -> Mapping[str, Decimal]:
    """As parts of what was made: `tolerance`, `second_person`."""
    read = tomllib.loads(DATA.read_text(encoding="utf-8"), parse_float=Decimal)
    return {name.removesuffix("_percent"): Decimal(percent) / 100 for name, percent in read.items()}


@dataclass(frozen=True, slots=True)
class Differs:
    """By how much a lot differs, in its unit, how much is reported as lost, and which part of what
    was made both are together; `remaining` still lies there."""

    lot_id: str
    amount: Decimal
    share: Decimal
    lost: Decimal = Decimal(0)
    remaining: Decimal = Decimal(0)
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why lots differ from what was made. `amounts` are their differences when it was given, by
    lot, in the unit the lot had then, which `units` names where that was kept, and `lost` and
    `remaining` what had been reported as such. A `large` one
    counts once a second person agrees."""

    id: str
    case_id: str
    amounts: Mapping[str, Decimal]
    reason: str
    large: bool
    by: Official
    at: datetime
    evidence: tuple[str, ...] = ()
    decided_by: Official | None = None
    decided_at: datetime | None = None
    agreed: bool = False
    lost: Mapping[str, Decimal] = field(default_factory=dict)
    remaining: Mapping[str, Decimal] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def give(
        cls,
        id_: str,
        case_id: str,
        differ: Iterable[Differs],
        reason: str,
        *,
        evidence: tuple[str, ...],
        by: Official,
        now: datetime,
    ) -> "Explanation":
        """Raises NothingToExplain."""
        known = list(differ)
        if not known:
            raise NothingToExplain("lot_id")
        return cls(
            id=id_,
            case_id=case_id,
            amounts={one.lot_id: one.amount for one in known},
            reason=reason,
            large=any(one.share > limits()["second_person"] for one in known),
            by=by,
            at=now,
            evidence=evidence,
            lost={one.lot_id: one.lost for one in known if one.lost},
            remaining={one.lot_id: one.remaining for one in known if one.remaining},
            units={one.lot_id: one.unit for one in known if one.unit},
        )

    @property
    def counts(self) -> bool:
        return self.agreed or not self.large

    @property
    def waits(self) -> bool:
        return self.large and self.decided_by is None

    def of(self, lots: Iterable[str]) -> Self:
        """What it says of these lots, however many it is of."""
        known = [lot for lot in lots if lot in self.amounts]

        def cut(part: Mapping[str, Any]) -> dict[str, Any]:
            return {lot: part[lot] for lot in known if lot in part}

        return replace(
            self,
            amounts=cut(self.amounts),
            lost=cut(self.lost),
            remaining=cut(self.remaining),
            units=cut(self.units),
        )

    def told_in(self, made: Mapping[str, Made]) -> Self:
        """In the units that the lots have now; what cannot be told in them explains nothing."""
        moved = [lot for lot, unit in self.units.items() if lot in made and made[lot].unit != unit]
        if not moved:
            return self
        parts = {"amounts": self.amounts, "lost": self.lost, "remaining": self.remaining}
        changed: dict[str, Any] = {name: dict(part) for name, part in parts.items()}
        for lot, name in product(moved, parts):
            old = changed[name].pop(lot, None)
            with suppress(OtherDimension):
                if old is not None:
                    changed[name][lot] = made[lot].in_its_unit(old, self.units[lot])
        return replace(self, **changed)

    def decide(self, *, agreed: bool, by: Official, now: datetime) -> "Explanation":
        """By another person than gave it; raises SecondPersonNeeded, ExplanationDecided. To take
        it back, one's own hand is enough."""
        if not self.waits:
            raise ExplanationDecided()
        if agreed and by.account_id == self.by.account_id:
            raise SecondPersonNeeded()
        return replace(self, agreed=agreed, decided_by=by, decided_at=now)


def standing(given: Iterable[Explanation]) -> list[Explanation]:
    """Those that explain some lot now, oldest first: the latest that counts stands alone."""
    counting = sorted((one for one in given if one.counts), key=lambda one: one.id)
    latest = {lot: one.id for one in counting for lot in one.amounts}
    ids = set(latest.values())
    return [one for one in counting if one.id in ids]


def explained(given: Iterable[Explanation]) -> dict[str, Decimal]:
    """By lot, what is explained: the latest explanation that counts stands alone."""
    found: dict[str, Decimal] = {}
    for one in sorted(given, key=lambda one: one.id):
        if one.counts:
            found.update(one.amounts)
    return found


def explained_losses(given: Iterable[Explanation]) -> dict[str, Decimal]:
    """By lot, what was reported as lost when it was explained, by the latest that counts."""
    found: dict[str, Decimal] = {}
    for one in sorted(given, key=lambda one: one.id):
        if one.counts:
            found.update({lot: one.lost.get(lot, Decimal(0)) for lot in one.amounts})
    return found


def explained_rests(given: Iterable[Explanation]) -> dict[str, Decimal]:
    """By lot, what still lay there when it was explained, by the latest that counts."""
    found: dict[str, Decimal] = {}
    for one in sorted(given, key=lambda one: one.id):
        if one.counts:
            found.update({lot: one.remaining.get(lot, Decimal(0)) for lot in one.amounts})
    return found
