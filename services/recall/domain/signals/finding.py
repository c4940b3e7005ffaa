"""What a rule finds in the facts of one subject: a pure function, the same in whatever order they
came."""

from collections import Counter, deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import exp
from typing import Final

from services.recall.domain.signals.fact import Fact
from services.recall.domain.signals.rules import Rule, Severity
from shared.days import local_day

# Beyond this mean the sum below would be of numbers too small to be told apart from none.
_LARGE: Final = 500.0
# What is told so many days late is still news, however short the rule's own span.
_LATE_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Finding:
    """Facts that together are more than the rule lets pass, the first first. `needed` is how many
    it took when that was first so, at `crossed_at`; `count` how many there are now; `steps` what
    the fullest of its windows adds to its severity, however long it goes on."""

    rule: Rule
    facts: tuple[Fact, ...]
    needed: int
    crossed_at: datetime
    steps: int = 0

    @property
    def start(self) -> date:
        """The day, in Vietnam, on which it begins: with rule and subject its identity."""
        return local_day(self.facts[0].at)

    @property
    def count(self) -> int:
        return len({fact.unit(self.rule.counts) for fact in self.facts})

    @property
    def severity(self) -> Severity:
        return self.rule.severity_at(self.steps, max(fact.over for fact in self.facts))

    def shares(self, ids: Collection[str]) -> bool:
        """Whether any of these facts is part of it."""
        return not {fact.id for fact in self.facts}.isdisjoint(ids)

    def is_over(self, at: datetime) -> bool:
        """Nothing of it happened within the rule's days, or thirty where these are fewer: what was
        told that late is settled by now, or is no early warning any more."""
        return self.facts[-1].at <= at - timedelta(days=max(self.rule.days, _LATE_DAYS))


def find(rule: Rule, facts: Collection[Fact], spent: Collection[str] = ()) -> list[Finding]:
    """What the rule finds in the facts of one subject, the earliest first.

    Facts in `spent` belong to what was decided already: they tell what is usual, and raise nothing
    again. Windows that share a fact are one finding.
    """
    ordered = sorted((one for one in facts if one.active), key=lambda one: (one.at, one.id))
    settled = frozenset(spent)
    fresh = [one for one in ordered if one.id not in settled]
    spans: list[_Span] = []
    for one in _crossed(rule, fresh, ordered):
        if spans and fresh[spans[-1].last].at >= fresh[one.first].at:
            steps = max(spans[-1].steps, one.steps)
            spans[-1] = replace(spans[-1], last=one.last, steps=steps)
        else:
            spans.append(one)
    return [
        Finding(rule, tuple(fresh[one.first : one.last + 1]), one.needed, one.crossed_at, one.steps)
        for one in spans
    ]


@dataclass(frozen=True, slots=True)
class _Span:
    """Windows that share a fact, as places in the row of facts: their facts lie side by side, so a
    cluster of many thousands is cut out once."""

    first: int
    last: int
    needed: int
    crossed_at: datetime
    steps: int


def _crossed(rule: Rule, fresh: Sequence[Fact], every: Sequence[Fact]) -> Iterator[_Span]:
    """Windows that hold what the rule needs, and how much that is."""
    span = timedelta(days=rule.days)
    units: Counter[str] = Counter()
    sides: Counter[str] = Counter()
    usual = _Usual(rule, every)
    first = 0
    for last, fact in enumerate(fresh):
        units[fact.unit(rule.counts)] += 1
        sides[fact.side(rule.across or "id")] += 1
        while fresh[first].at <= fact.at - span:
            _take(units, fresh[first].unit(rule.counts))
            _take(sides, fresh[first].side(rule.across or "id"))
            first += 1
        needed = max(rule.threshold, usual.needed(fact.at - span))
        if len(units) >= needed and len(sides) >= rule.at_least:
            yield _Span(first, last, needed, fact.at, rule.steps(len(units), needed))


def _take(counter: Counter[str], name: str) -> None:
    counter[name] -= 1
    if not counter[name]:
        del counter[name]


class _Usual:
    """How many of these facts come together by chance, at the rate of the days before a window."""

    def __init__(self, rule: Rule, every: Sequence[Fact]) -> None:
        self._rule = rule
        self._coming = deque(every)
        self._held: deque[Fact] = deque()

    def needed(self, until: datetime) -> int:
        """For a window that begins then; asked in the order of time."""
        rule = self._rule
        if not rule.false_alarm:
            return rule.threshold
        while self._coming and self._coming[0].at <= until:
            self._held.append(self._coming.popleft())
        while self._held and self._held[0].at <= until - timedelta(days=rule.base_days):
            self._held.popleft()
        # One more than there were: of what never happened yet nobody knows that it never does.
        mean = rule.days * (len({one.unit(rule.counts) for one in self._held}) + 1) / rule.base_days
        return needed(mean, rule.false_alarm)


def needed(mean: float, false_alarm: float) -> int:
    """The least number that chance alone, with this mean, reaches in less than this share of cases
    (Poisson).

    Above a mean of 500 the normal curve stands for it: four deviations, rounded up.
    """
    if mean > _LARGE:
        return int(mean + 4 * mean**0.5) + 1
    term = exp(-mean)
    left, number = 1.0, 0
    while left > false_alarm:
        left -= term
        number += 1
        term *= mean / number
    return number
