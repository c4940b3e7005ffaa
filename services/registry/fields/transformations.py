"""What people and programs send of a transformation: what went in and what came out."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from services.registry.actions.making import Output, Source, Wanted
from services.registry.domain.diary import Step
from services.registry.domain.transformation import MAX_INPUTS, MAX_OUTPUTS, PROCESSES, Kind
from services.registry.inputs import Line, Moment, OptionalId, Quantity, Unit, one_of
from shared.web.fields import Input, Prose

_process_check, _process_schema = one_of([step.value for step in PROCESSES], empty=True)
Process = Annotated[str, _process_check, _process_schema]


class GivenFields(Input):
    """`lot`: its id, the code of one's own lot, or "facility code/lot code"; else `supplier`."""

    lot: Annotated[str, Field(max_length=100)] = ""
    supplier: Line = ""
    quantity: Quantity
    unit: Unit


class MadeFields(Input):
    """Without product and dates the lot has those of what went in."""

    code: Annotated[str, Field(min_length=1, max_length=40)]
    product_id: OptionalId = ""
    quantity: Quantity
    unit: Unit
    produced_on: date | None = None
    expires_on: date | None = None


class TransformWords(Input):
    """What is said of a transformation, whatever its rows look like.

    `kind`: split, merge, process, collect; `step` and `method` say how goods were processed.
    """

    kind: Kind
    at: Moment
    place: Annotated[str, Field(min_length=2, max_length=200)]
    step: Process = ""
    method: Line = ""
    explanation: Annotated[Prose, Field(max_length=1000)] = ""

    def of(self, facility_id: str, given: Sequence[Source], made: Sequence[Output]) -> Wanted:
        """The transformation with these rows."""
        return Wanted(
            facility_id=facility_id,
            kind=self.kind,
            at=self.at,
            place=self.place,
            given=given,
            made=made,
            step=Step(self.step) if self.step else None,
            method=self.method,
            explanation=self.explanation,
        )


class TransformFields(TransformWords):
    """Each row with its own unit, product and dates, as programs send them."""

    facility_id: OptionalId = ""
    given: Annotated[tuple[GivenFields, ...], Field(max_length=MAX_INPUTS)] = ()
    made: Annotated[tuple[MadeFields, ...], Field(max_length=MAX_OUTPUTS)] = ()

    def wanted(self, facility_id: str) -> Wanted:
        given = [Source(**_values(row)) for row in self.given]
        return self.of(facility_id, given, [Output(**_values(row)) for row in self.made])


def _values(row: GivenFields | MadeFields) -> dict[str, Any]:
    return dict(row)


def as_rows(values: Sequence[Any]) -> list[dict[str, Any]]:
    """Domain values as rows of the form."""
    return [{name: getattr(one, name) for name in one.__slots__} for one in values]
