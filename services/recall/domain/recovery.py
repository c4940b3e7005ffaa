"""What became of the goods of a lot: rows as reported, never erased, and what they come to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Self

from services.recall.domain import recovery_refusals as refusals
from services.recall.domain.amounts import Made
from services.recall.domain.terms import Handling, Official
from shared.errors import Amount

# Of one row: a few photos and the minutes of the handling.
MOST_EVIDENCE = 6


class Fate(StrEnum):
    """What became of some of a lot. Only what was recovered is handled (Circular 17/2021, Art. 13);
    `remaining` still lies where it is, `lost` is used up, spoilt or gone."""

    RECOVERED = "recovered"
    SOLD = "sold"
    REMAINING = "remaining"
    MADE_INTO = "made_into"
    EXPORTED = "exported"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where goods were: a facility of the case, or a commune with words about the place in it."""

    facility_id: str = ""
    commune: str = ""
    words: str = ""

    def __post_init__(self) -> None:
        if bool(self.facility_id) == bool(self.commune):
            raise refusals.PlaceMissing("facility_id")
        if self.commune and not self.words:
            raise refusals.PlaceMissing("where")


@dataclass(frozen=True, slots=True)
class Stated:
    """A row as it is typed. `corrects` is the id of the row that it takes the place of, for
    `reason`; a quantity of 0 takes a mistaken row away."""

    lot_id: str
    fate: Fate
    quantity: Decimal
    unit: str
    day: date
    spot: Spot
    handling: Handling | None = None
    words: str = ""
    corrects: str = ""
    reason: str = ""

    def check(self, *, produced_on: date, today: date) -> None:
        """Raises what is wrong with it, each at its field."""
        if self.fate is Fate.RECOVERED and self.handling is None and self.quantity:
            raise refusals.HandlingMissing("handling")
        if self.fate is not Fate.RECOVERED and self.handling is not None:
            raise refusals.HandlingOfOthers("handling")
        if self.fate is Fate.LOST and self.quantity and not self.words:
            raise refusals.WordsMissing("words")
        if self.quantity < 0 or (not self.quantity and not self.corrects):
            raise refusals.NothingStated("quantity")
        if self.corrects and not self.reason:
            raise refusals.ReasonMissing("reason")
        if self.day > today:
            raise refusals.InTheFuture("day")
        if self.day < produced_on:
            raise refusals.BeforeItWasMade("day", made=produced_on.strftime("%d/%m/%Y"))


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is kept. `amount` is its quantity in the unit that its lot had then, which `unit`
    names; "" for rows of the time before that was kept."""

    id: str
    case_id: str
    stated: Stated
    amount: Decimal
    by: Official
    at: datetime
    evidence: tuple[str, ...] = ()
    corrected_by: str = ""
    unit: str = ""

    def amount_in(self, made: Made) -> Decimal:
        """In the unit that the lot has now; raises OtherDimension."""
        return made.in_its_unit(self.amount, self.unit)

    @property
    def key(self) -> str:
        """What it counts as: `sold`, or `recovered.destroy`."""
        handling = self.stated.handling
        return f"{self.stated.fate}.{handling}" if handling else str(self.stated.fate)

    @property
    def is_destroyed(self) -> bool:
        return self.stated.handling is Handling.DESTROY

    @property
    def lacks_evidence(self) -> bool:
        """What was destroyed cannot be looked at any more."""
        return self.is_destroyed and bool(self.amount and not self.evidence)

    def correcting(self, before: "Row", made: Made) -> "Row":
        """As the row that takes the place of another. What showed that goods were destroyed shows
        it of less of them too, and of nothing else. Raises OtherDimension."""
        both = self.is_destroyed and before.is_destroyed
        if self.evidence or not both or self.amount > before.amount_in(made):
            return self
        return replace(self, evidence=before.evidence)

    @property
    def counts(self) -> bool:
        return not self.corrected_by


@dataclass(frozen=True, slots=True)
class Tally:
    """What the rows of a lot come to, by `Row.key`; never more than was made. `unit` is the lot's
    when the last of them was kept, "" of the time before that was kept."""

    lot_id: str
    sums: Mapping[str, Decimal] = field(default_factory=dict)
    unit: str = field(default="", compare=False)

    def told_in(self, made: Made) -> Self:
        """In the unit that the lot has now; raises OtherDimension where that has nothing to do with
        the one it had."""
        if self.unit in ("", made.unit):
            return self
        sums = {key: made.in_its_unit(value, self.unit) for key, value in self.sums.items()}
        return replace(self, sums=sums, unit=made.unit)

    @property
    def total(self) -> Decimal:
        return sum(self.sums.values(), Decimal(0))

    def of(self, fate: Fate) -> Decimal:
        """What became this, however it was handled."""
        mine = (v for key, v in self.sums.items() if key.partition(".")[0] == fate)
        return sum(mine, Decimal(0))

    def with_row(self, row: Row, made: Made, lot_code: str, before: Row | None = None) -> Self:
        """With one more row, `before` being the one that it corrects; raises MoreThanMade, and
        SumsDoNotFit where that one was more than all that is counted.

        A correction that lowers what is too much already (the lot was made smaller) is taken.
        """
        sums = dict(self.sums)
        if before is not None:
            was = before.amount_in(made)
            sums[before.key] = sums.get(before.key, Decimal(0)) - was
            sums[before.key] = _at_least_none(sums[before.key], lot_code)
        sums[row.key] = sums.get(row.key, Decimal(0)) + row.amount
        left = {key: value for key, value in sums.items() if value}
        after = replace(self, sums=left, unit=made.unit)
        if after.total > made.quantity and after.total > self.total:
            known = after.total - row.amount
            raise refusals.MoreThanMade(
                "quantity",
                lot=lot_code,
                made=Amount(made.quantity),
                known=Amount(known),
                left=Amount(max(Decimal(0), made.quantity - known)),
                unit=made.unit,
            )
        return after


def _at_least_none(left: Decimal, lot_code: str) -> Decimal:
    """Sums told in another unit and back lose less than a thousandth; nothing is less than none."""
    if left <= -Decimal("0.001"):
        raise refusals.SumsDoNotFit("corrects", lot=lot_code)
    return max(Decimal(0), left)


def replayed(lot_id: str, rows: Iterable[Row]) -> Tally:
    """The tally that all rows of a lot make, counted anew; the same in any order."""
    known = {row.id: row for row in rows if row.stated.lot_id == lot_id}
    corrected = {row.stated.corrects for row in known.values()}
    sums: dict[str, Decimal] = {}
    for row in known.values():
        if row.id not in corrected:
            sums[row.key] = sums.get(row.key, Decimal(0)) + row.amount
    return Tally(lot_id, {key: value for key, value in sums.items() if value})
