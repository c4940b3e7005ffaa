"""The rules of early warning, read once from `signal_rules.toml`."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

DATA: Final = Path(__file__).with_name("signal_rules.toml")
FactKind = Literal["test", "complaint", "copy", "expired", "temperature", "balance"]
Unit = Literal["facility_id", "lot_id", "product_id", "stamp", "report", "hand", "id", "reading"]
Common = Literal["what", "input", "facility_id", "product_id", "lot_id", "commune"]
Severity = Literal["attention", "serious", "critical"]
SEVERITIES: Final[tuple[Severity, ...]] = ("attention", "serious", "critical")


class Words(BaseModel):
    """One text in the three languages of the console."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    vi: str = Field(min_length=1)
    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)


class Rule(BaseModel):
    """One rule; what its fields mean is said in the file. `days` and `base_days` are spans of 24
    hours, `false_alarm` a share between 0 and 1, 0 where no base rate is looked at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(pattern="^[a-z_]+$")
    facts: FactKind
    subject: tuple[Common, ...] = Field(min_length=1)
    counts: Unit
    threshold: int = Field(ge=1)
    days: int = Field(ge=1, le=366)
    across: Unit | None = None
    at_least: int = Field(1, ge=1)
    false_alarm: float = Field(0, ge=0, lt=0.5)
    base_days: int = Field(0, ge=0, le=366)
    severity: Severity
    compare: bool = False
    worse: tuple[float, float] | None = None
    most: Severity = "critical"
    target: Literal["input", "lot", "product", "facility", ""]
    tiers: tuple[str, ...] = Field(min_length=1)
    name: Words
    text: Words

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.false_alarm) != bool(self.base_days):
            raise ValueError("a share of false alarms goes with the days of its base rate")
        if (self.across is None) != (self.at_least == 1):
            raise ValueError("`across` goes with `at_least`, of two or more")
        if self.compare and set(self.subject) != {"what", "input"}:
            raise ValueError("what is compared are inputs of tests")
        if SEVERITIES.index(self.most) < SEVERITIES.index(self.severity):
            raise ValueError("`most` lies below `severity`")
        return self

    def steps(self, count: int, needed: int) -> int:
        """By how much a window makes it worse: a step at twice what is needed, two at four times;
        none where something else than their number does."""
        return 0 if self.worse else (count >= 2 * needed) + (count >= 4 * needed)

    def severity_at(self, steps: int, over: float = 0) -> Severity:
        """So many steps up; `over` is the furthest that a fact lies beyond what is allowed."""
        if self.worse:
            steps = sum(over >= limit for limit in self.worse)
        highest = SEVERITIES.index(self.most)
        return SEVERITIES[min(SEVERITIES.index(self.severity) + steps, highest)]


@cache
def rules() -> dict[str, Rule]:
    """By key, in the order of the file. Raises ValueError for a file that cannot be right."""
    rows = tomllib.loads(DATA.read_text(encoding="utf-8"))["rule"]
    found = {row["key"]: Rule.model_validate(row) for row in rows}
    if len(found) != len(rows):
        raise ValueError("signal_rules.toml: two rules have the same key")
    return found


# Facts of longer ago say nothing to any rule, whose days are at most a year; a month more for what
# is told late. So long they are kept; signals that were decided for longer (store/signals.py).
LONGEST_DAYS: Final = 400
