"""What is sent about drills: bodies of the API and fields of the pages' forms."""

from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field

from services.recall.actions.drills import Wanted
from services.recall.domain.drill import MOST_HOURS
from services.recall.domain.drill_lots import NOUGHT, Statement
from services.recall.inputs import Id, TargetBody, TargetQuery
from shared.web.fields import Input, Lines

Scenario = Annotated[str, Lines(), Field(min_length=1, max_length=2000)]
Hours = Annotated[int, Field(ge=1, le=MOST_HOURS)]
Quantity = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=3)]
To = Annotated[str, Field(max_length=200)]
# To so many one facility says that it sent some of a lot.
MOST_RECEIVERS: Final = 50


class DrillBody(TargetBody):
    """A drill: its target as of an order, the scenario in words, how many hours it runs at most."""

    scenario: Scenario
    hours: Hours = 24

    def wanted(self) -> Wanted:
        return Wanted(self.aim(), self.scenario, self.hours)


class DrillForm(TargetQuery):
    """The same as a form. `key` makes a form sent twice one drill."""

    scenario: Scenario
    hours: Hours = 24
    key: Id

    def wanted(self) -> Wanted:
        """Raises InvalidTarget, InvalidPeriod."""
        return Wanted(self.aim(), self.scenario, self.hours)


class SentBody(Input):
    """To whom some of a lot was sent, in one's own words."""

    to: Annotated[str, Field(min_length=1, max_length=200)]
    quantity: Quantity


class LotBody(Input):
    """What became of a lot at the facility that says so, in the lot's unit."""

    lot_id: Id
    held: Quantity = NOUGHT
    sold: Quantity = NOUGHT
    used: Quantity = NOUGHT
    sent: Annotated[tuple[SentBody, ...], Field(max_length=MOST_RECEIVERS)] = ()

    def statement(self) -> Statement:
        sent = tuple((one.to, one.quantity) for one in self.sent)
        return Statement(self.held, self.sold, self.used, sent)


class AnswersBody(Input):
    lots: Annotated[tuple[LotBody, ...], Field(min_length=1, max_length=500)]

    def statements(self) -> dict[str, Statement]:
        return {one.lot_id: one.statement() for one in self.lots}


class SentRow(Input):
    """One row of where it was sent; what is missing of it the domain says."""

    to: To = ""
    quantity: Quantity = NOUGHT


class AnswerForm(Input):
    """The same of one lot as a form."""

    held: Quantity
    sold: Quantity = NOUGHT
    used: Quantity = NOUGHT
    sent: Annotated[tuple[SentRow, ...], Field(max_length=MOST_RECEIVERS)] = ()

    def statement(self) -> Statement:
        sent = tuple((one.to, one.quantity) for one in self.sent)
        return Statement(self.held, self.sold, self.used, sent)


class WhyBody(Input):
    """Why a drill is called off, or does not begin."""

    reason: Annotated[str, Lines(), Field(min_length=1, max_length=1000)]
