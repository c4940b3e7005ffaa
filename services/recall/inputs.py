"""What comes from outside: the models of the API's bodies and of the forms' fields."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from services.recall.actions.endings import Outcome
from services.recall.actions.orders import Asked
from services.recall.domain.target import Target, TargetKind
from services.recall.domain.terms import Handling, Kind, LegalBasis
from shared.stampcode import MAX_BATCH, MAX_SERIAL
from shared.web.fields import Input, Lines

Id = Annotated[str, Field(min_length=1, max_length=64)]
Number = Annotated[int, Field(strict=True, ge=0, le=MAX_SERIAL)]
Text = Annotated[str, Lines(), Field(min_length=1, max_length=2000)]
OptionalText = Annotated[str, Lines(), Field(max_length=2000)]
Quantity = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=3)]


class TargetBody(Input):
    """`target` is the id of a lot, product or facility, or the number of a stamp batch.

    `first` and `last` go with stamps; `from` and `to`, days of production, with a product or a
    facility.
    """

    target_kind: TargetKind
    target: Id | Annotated[int, Field(strict=True, ge=0, le=MAX_BATCH)]
    first: Number | None = None
    last: Number | None = None
    since: date | None = Field(None, alias="from")
    until: date | None = Field(None, alias="to")

    def aim(self) -> Target:
        """Raises InvalidTarget where the parts do not fit one another."""
        return Target(
            kind=self.target_kind,
            id=str(self.target),
            first=self.first,
            last=self.last,
            since=self.since,
            until=self.until,
        )


class OrderWords(Input):
    """What an order says; without a `legal_basis` a facility's is voluntary, else compulsory."""

    kind: Kind
    reason: Text
    instruction: Text
    legal_basis: LegalBasis | None = None
    reason_en: OptionalText = ""
    instruction_en: OptionalText = ""
    reason_zh: OptionalText = ""
    instruction_zh: OptionalText = ""

    def asked(self, target: Target) -> Asked:
        return Asked(
            kind=self.kind,
            target=target,
            reason=self.reason,
            instruction=self.instruction,
            legal_basis=self.legal_basis,
            reason_en=self.reason_en,
            instruction_en=self.instruction_en,
            reason_zh=self.reason_zh,
            instruction_zh=self.instruction_zh,
        )


class OrderBody(OrderWords, TargetBody):
    """An order, with its target in the same body."""


class ReasonBody(Input):
    reason: Text


class CloseBody(Input):
    """How the case ended (Circular 17/2021, Art. 13); `recovered` is a quantity in `unit`."""

    finding: Text
    handling: Handling
    recovered: Quantity | None = None
    unit: Annotated[str, Field(max_length=40)] = ""

    def outcome(self) -> Outcome:
        return Outcome(self.finding, self.handling, self.recovered, self.unit)


class TargetQuery(Input):
    """A target in a page's address."""

    target_kind: TargetKind
    target: Id
    first: Annotated[int, Field(ge=0, le=MAX_SERIAL)] | None = None
    last: Annotated[int, Field(ge=0, le=MAX_SERIAL)] | None = None
    since: date | None = None
    until: date | None = None

    def aim(self) -> Target:
        """Raises InvalidTarget where the parts do not fit one another."""
        return Target(self.target_kind, self.target, self.first, self.last, self.since, self.until)


class OrderForm(OrderWords):
    """An order whose target is in the page's address. `key` makes a form sent twice one order."""

    key: Id
