"""Whether the scans of one stamp in one day can be those of one item: rules over sources (R39).

Rules and thresholds are data (`copy_rules.toml`, which explains each). Everything here is pure
arithmetic over what was seen, so that the staff page can tell every point of a suspicion.
"""

import os
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from services.scan.domain.sightings import Sighting
from shared.commune_places import apart_km
from shared.contracts.scan import Finding
from shared.days import later, local_day

VARIABLE = "TXNG_COPY_RULES_FILE"
_FILE = Path(__file__).with_name("copy_rules.toml")


class WrongRules(ValueError):
    """The file of rules cannot be used; the message names the entry."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`points` for every source beyond `free` ones, at most `most`."""

    free: int
    points: int
    most: int

    def given(self, sources: int) -> int:
        return min(max(sources - self.free, 0) * self.points, self.most)


@dataclass(frozen=True, slots=True)
class Travel(Rule):
    kilometres_per_hour: float
    slack_km: float


@dataclass(frozen=True, slots=True)
class Far(Rule):
    kilometres: float


@dataclass(frozen=True, slots=True)
class Late(Rule):
    days_after_expiry: int
    days_after_activation: int


@dataclass(frozen=True, slots=True)
class Sold(Rule):
    hours: float


@dataclass(frozen=True, slots=True)
class Rules:
    """All of copy_rules.toml."""

    suspected_from: int
    least_sources: int
    stamps_per_source: int
    stamps_per_product: int
    after_clearing: float
    many_sources: Rule
    impossible_travel: Travel
    far_from_sales: Far
    long_after: Late
    before_activation: Rule
    after_sale: Sold


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of a stamp beside its scans; `homes`: communes it may well be read in."""

    homes: frozenset[str] = frozenset()
    expires_on: date | None = None
    activated_at: datetime | None = None
    sold_at: datetime | None = None


def findings(
    sightings: Sequence[Sighting], circumstances: Circumstances, rules: Rules
) -> tuple[Finding, ...]:
    """What the rules find in the sightings of one stamp in one day; those that give points."""
    if len({one.source for one in sightings}) < rules.least_sources:
        return ()
    found = (
        _finding("many_sources", rules.many_sources, sightings),
        _travel(sightings, rules.impossible_travel),
        _far(sightings, circumstances.homes, rules.far_from_sales),
        _late(sightings, circumstances, rules.long_after),
        _finding(
            "before_activation",
            rules.before_activation,
            [one for one in sightings if one.verdict == "not_activated"],
        ),
        _sold(sightings, circumstances.sold_at, rules.after_sale),
    )
    return tuple(one for one in found if one.points)


def score(found: Iterable[Finding]) -> int:
    return sum(one.points for one in found)


def needed(rules: Rules, cleared: int) -> int:
    """The points that make a suspicion of a stamp that was cleared so many times."""
    return round(rules.suspected_from * rules.after_clearing**cleared)


def _finding(
    rule: str, weight: Rule, seen: Sequence[Sighting], figure: float = 0, places: Sequence[str] = ()
) -> Finding:
    sources = len({one.source for one in seen})
    return Finding(
        rule=rule,
        points=weight.given(sources),
        sources=sources,
        figure=round(figure, 1),
        communes=tuple(places),
    )


def _travel(sightings: Sequence[Sighting], rule: Travel) -> Finding:
    """Sources that read it at a place where it cannot have been, given another's place and time."""
    placed = [one for one in sightings if one.commune]
    torn: list[Sighting] = []
    widest, places = 0.0, ("", "")
    for one in placed:
        for other in placed:
            apart = apart_km(one.commune, other.commune) if one.source != other.source else None
            if apart is None:
                continue
            hours = abs(one.milliseconds - other.milliseconds) / 3_600_000
            if apart - rule.slack_km > hours * rule.kilometres_per_hour:
                torn.append(one)
                if apart > widest:
                    widest, places = apart, (one.commune, other.commune)
    return _finding("impossible_travel", rule, torn, widest, sorted(filter(None, places)))


def _far(sightings: Sequence[Sighting], homes: frozenset[str], rule: Far) -> Finding:
    distances = {one.commune: _from_home(one.commune, homes) for one in sightings}
    far = [one for one in sightings if distances[one.commune] > rule.kilometres]
    widest = max((distances[one.commune] for one in far), default=0.0)
    return _finding("far_from_sales", rule, far, widest, sorted({one.commune for one in far}))


def _from_home(commune: str, homes: frozenset[str]) -> float:
    """Kilometres to the nearest of the homes; 0 where none of them can be measured from."""
    measured = [apart_km(commune, home) for home in homes] if commune else []
    return min((km for km in measured if km is not None), default=0.0)


def _late(sightings: Sequence[Sighting], known: Circumstances, rule: Late) -> Finding:
    if known.expires_on is not None:
        last = later(known.expires_on, timedelta(days=rule.days_after_expiry))
    elif known.activated_at is not None:
        day = local_day(known.activated_at)
        last = later(day, timedelta(days=rule.days_after_activation))
    else:
        return _finding("long_after", rule, ())
    late = [one for one in sightings if local_day(one.at) > last]
    beyond = max(((local_day(one.at) - last).days for one in late), default=0)
    return _finding("long_after", rule, late, beyond)


def _sold(sightings: Sequence[Sighting], sold_at: datetime | None, rule: Sold) -> Finding:
    if sold_at is None:
        return _finding("after_sale", rule, ())
    since = sold_at + timedelta(hours=rule.hours)
    return _finding("after_sale", rule, [one for one in sightings if one.at > since])


@cache
def rules() -> Rules:
    """The rules of this installation, read once; raises WrongRules."""
    return read_rules(Path(os.environ.get(VARIABLE) or _FILE))


def read_rules(path: Path) -> Rules:
    """The rules of a file: every entry and no other, none negative. Raises WrongRules, OSError."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise WrongRules(f"{path.name}: {error}") from error
    read: Rules = _read(Rules, content, path.name)
    return read


_TABLES: dict[str, type[Rule]] = {
    "many_sources": Rule,
    "impossible_travel": Travel,
    "far_from_sales": Far,
    "long_after": Late,
    "before_activation": Rule,
    "after_sale": Sold,
}


def _read(kind: Callable[..., Any], content: dict[str, Any], where: str) -> Any:
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if wrong := sorted(names ^ content.keys()):
        raise WrongRules(f"{where}: missing or not known: {', '.join(wrong)}")
    values = {}
    for name, value in content.items():
        if name in _TABLES and kind is Rules:
            if not isinstance(value, dict):
                raise WrongRules(f"{where}: {name} is no table")
            values[name] = _read(_TABLES[name], value, f"{where}, {name}")
        elif type(value) not in (int, float) or value < 0:
            raise WrongRules(f"{where}: {name} is no number from 0 on")
        else:
            values[name] = value
    return kind(**values)
