"""What comes from outside: the models of the API's bodies and of the forms' fields."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from services.recall.actions.endings import Outcome
from services.recall.actions.orders import Asked
from services.recall.domain.decision import Given
from services.recall.domain.reasons import OTHER
from services.recall.domain.target import Target, TargetKind
from services.recall.domain.terms import Handling, Kind, LegalBasis, Level
from services.recall.domain.used import input_id
from shared.stampcode import MAX_BATCH, MAX_SERIAL
from shared.web.fields import Input, Lines

Id = Annotated[str, Field(min_length=1, max_length=64)]
# Names of inputs are longer than ids.
TargetId = Annotated[str, Field(min_length=1, max_length=250)]
Written = Annotated[str, Field(max_length=100)]
Number = Annotated[int, Field(strict=True, ge=0, le=MAX_SERIAL)]
Text = Annotated[str, Lines(), Field(min_length=1, max_length=2000)]
OptionalText = Annotated[str, Lines(), Field(max_length=2000)]
Quantity = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=3)]


class TargetBody(Input):
    """`target` is the id of a lot, product, facility or growing area, the number of a stamp batch,
    the key of an input or "substance:" and an active substance; of a certificate, its facility's.

    `first` and `last` go with stamps; `from` and `to`, days of production, of an input those of its
    use, with a product, facility, area, input or certificate. `number` is a certificate's, or what
    the package of an input says.
    """

    target_kind: TargetKind
    target: TargetId | Annotated[int, Field(strict=True, ge=0, le=MAX_BATCH)]
    first: Number | None = None
    last: Number | None = None
    since: date | None = Field(None, alias="from")
    until: date | None = Field(None, alias="to")
    number: Written = ""

    def aim(self) -> Target:
        """Raises InvalidTarget where the parts do not fit one another."""
        return Target(
            kind=self.target_kind,
            id=_meant(self.target_kind, str(self.target)),
            first=self.first,
            last=self.last,
            since=self.since,
            until=self.until,
            number=self.number,
        )


class OrderWords(Input):
    """What an order says; without a `legal_basis` a facility's is voluntary, else compulsory.

    `reason_key` is of the catalogue; what is not given is taken from there: the words in three
    languages, and the level. The decision that it rests on is given now, all three parts of it, or
    later with its file.
    """

    kind: Kind
    reason_key: Annotated[str, Field(max_length=40)] = OTHER
    level: Level | None = None
    reason: Text | None = None
    instruction: Text | None = None
    legal_basis: LegalBasis | None = None
    reason_en: OptionalText = ""
    instruction_en: OptionalText = ""
    reason_zh: OptionalText = ""
    instruction_zh: OptionalText = ""
    decision_number: Annotated[str, Field(max_length=60)] = ""
    decision_day: date | None = None
    decision_issued_by: Annotated[str, Field(max_length=200)] = ""

    def asked(self, target: Target) -> Asked:
        return Asked(
            kind=self.kind,
            target=target,
            reason=self.reason or "",
            instruction=self.instruction or "",
            legal_basis=self.legal_basis,
            reason_en=self.reason_en,
            instruction_en=self.instruction_en,
            reason_zh=self.reason_zh,
            instruction_zh=self.instruction_zh,
            level=self.level,
            reason_key=self.reason_key or OTHER,
            decision=Given.of(self.decision_number, self.decision_day, self.decision_issued_by),
        )


class OrderBody(OrderWords, TargetBody):
    """An order, with its target in the same body."""


class ReasonBody(Input):
    reason: Text


class CloseBody(Input):
    """How the case ended (Circular 17/2021, Art. 13); `recovered` is a quantity in `unit`. Of a
    warning, which takes no goods back, the finding alone is asked for and kept."""

    finding: Text
    handling: Handling | None = None
    recovered: Quantity | None = None
    unit: Annotated[str, Field(max_length=40)] = ""

    def outcome(self) -> Outcome:
        return Outcome(self.finding, self.handling, self.recovered, self.unit)


class CloseForm(CloseBody):
    """Of goods that were to be taken back."""

    handling: Handling


class TargetQuery(Input):
    """A target in a page's address."""

    target_kind: TargetKind
    target: TargetId
    first: Annotated[int, Field(ge=0, le=MAX_SERIAL)] | None = None
    last: Annotated[int, Field(ge=0, le=MAX_SERIAL)] | None = None
    since: date | None = None
    until: date | None = None
    number: Written = ""

    def aim(self) -> Target:
        """Raises InvalidTarget where the parts do not fit one another."""
        return Target(
            self.target_kind,
            _meant(self.target_kind, self.target),
            self.first,
            self.last,
            self.since,
            self.until,
            self.number,
        )


def _meant(kind: TargetKind, target: str) -> str:
    return input_id(target) if kind is TargetKind.INPUT else target


class OrderForm(OrderWords):
    """An order whose target is in the page's address. `key` makes a form sent twice one order.

    `suspicion` is the one that it comes of, `signal` that of early warning, "" for none.

    `step`: the button pressed. One fills in the words of the chosen reason, one shows what
    consumers would read, and only the third orders.
    """

    reason: Text
    instruction: Text
    key: Id
    suspicion: Annotated[str, Field(max_length=64, pattern="^[0-9A-Za-z-]*$")] = ""
    signal: Annotated[str, Field(max_length=64, pattern="^[0-9A-Za-z-]*$")] = ""
    step: Literal["order", "fill", "preview"] = "order"

    def asked(self, target: Target) -> Asked:
        return replace(super().asked(target), suspicion=self.suspicion, signal=self.signal)
