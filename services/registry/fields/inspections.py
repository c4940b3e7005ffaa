"""The fields of an inspection, as forms and programs send them."""

from dataclasses import replace
from datetime import date
from typing import Annotated

from pydantic import Field

from services.registry.domain import inspections
from services.registry.domain.inspections import Minute, Violation
from services.registry.inputs import Name, Short, one_of
from shared.web.fields import Input, Prose

_kind_check, _kind_schema = one_of(inspections.KINDS)
InspectionKind = Annotated[str, _kind_check, _kind_schema]
_result_check, _result_schema = one_of(inspections.RESULTS)
Result = Annotated[str, _result_check, _result_schema]


class ViolationFields(Input):
    """`basis`: the article broken; `deadline`: until when it must be set right."""

    what: Annotated[str, Field(min_length=3, max_length=500)]
    basis: Annotated[str, Field(max_length=300)] = ""
    deadline: date | None = None

    def to_domain(self) -> Violation:
        return Violation(self.what, self.basis, self.deadline)


class InspectionFields(Input):
    """`team` names who inspected; `decision` is the number of the decision that ordered it."""

    on: date
    kind: InspectionKind
    team: Name
    decision: Short = ""
    decision_on: date | None = None
    findings: Annotated[Prose, Field(min_length=3, max_length=4000)]
    result: Result
    violations: Annotated[
        tuple[ViolationFields, ...], Field(max_length=inspections.MAX_VIOLATIONS)
    ] = ()

    def to_domain(self) -> Minute:
        return Minute(
            on=self.on,
            kind=self.kind,
            team=self.team,
            result=self.result,
            findings=self.findings,
            decision=self.decision,
            decision_on=self.decision_on,
            violations=tuple(one.to_domain() for one in self.violations),
        )


class CorrectedViolation(ViolationFields):
    """`number`: which of the minute's it is, from 0; none for one that was left out of it.

    `dropped`: it was entered by mistake.
    """

    number: Annotated[int, Field(ge=0, lt=inspections.MAX_VIOLATIONS)] | None = None
    dropped: bool = False


class CorrectionFields(InspectionFields):
    """The minute as it should read, and why it is corrected."""

    violations: Annotated[
        tuple[CorrectedViolation, ...], Field(max_length=inspections.MAX_VIOLATIONS)
    ] = ()
    reason: Annotated[Prose, Field(min_length=3, max_length=1000)]

    def to_domain(self) -> Minute:
        kept = tuple(one.to_domain() for one in self.violations if not one.dropped)
        return replace(super().to_domain(), violations=kept)

    @property
    def numbers(self) -> tuple[int | None, ...]:
        """Of each violation that stays, which one it was."""
        return tuple(one.number for one in self.violations if not one.dropped)


class SettleFields(Input):
    """How a violation ended: set right, or fined (then the decision's number)."""

    fined: bool = False
    remedy: Annotated[Prose, Field(min_length=3, max_length=1000)]


class PublishFields(Input):
    """`reason`: the article or decision by which everybody may see the result."""

    public: bool = False
    reason: Annotated[Prose, Field(min_length=3, max_length=1000)]
