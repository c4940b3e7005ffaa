"""What people and programs send of a laboratory result."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from services.registry.domain.records import Author, Owner
from services.registry.domain.testing import TestResult, Verdict
from services.registry.inputs import Line, Name, OptionalId
from shared.ids import now
from shared.web.fields import Input, Prose

Word = Annotated[str, Field(min_length=1, max_length=100)]


class TestFields(Input):
    """`value` and `limit` as the report writes them, such as "< 0,01" or "không phát hiện"."""

    key: OptionalId = ""
    sample: Word
    sampled_on: date
    reported_on: date | None = None
    laboratory: Name
    accreditation: Line = ""
    parameter: Word
    method: Line = ""
    value: Word
    unit: Annotated[str, Field(max_length=30)] = ""
    limit: Line = ""
    verdict: Verdict

    def result(self, result_id: str, lot_id: str) -> TestResult:
        """For the lot; whose it is and who entered it is filled in by the act."""
        fields = {k: v for k, v in dict(self).items() if k in TestResult.__slots__}
        nobody = Author("", "", "", "")
        nowhere = Owner("", "", "", "", "")
        return TestResult(
            id=result_id,
            lot_id=lot_id,
            owner=nowhere,
            version=1,
            by=nobody,
            entered_at=now(),
            **fields,
        )


class TestDecision(Input):
    """approved for a result that passed; allowed or confirmed, with a reason, for a failed one."""

    decision: Literal["approved", "allowed", "confirmed"]
    reason: Annotated[Prose, Field(max_length=1000)] = ""
