"""Rows of the files about what officials do in the field: facilities they know, inspections."""

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field

from deploy.demo.fields import CommuneCode, DaysAgo, Key, Line, Parts, Phone, Text
from deploy.demo.records import Record, Sector, Yes


class KnownFacility(Record):
    """A facility that does not take part yet; `invited` says how it was asked to, if it was."""

    key: Key
    name: Line
    address: Line
    commune: CommuneCode
    sector: Sector
    facility_class: Literal["certificate", "commitment"]
    kinds: Annotated[Parts, Field(min_length=1)]
    representative: Line
    phone: Phone
    registration_number: Line | None = None
    registration_date: date | None = None
    marks: Parts = ()
    source: Line
    invited: Line | None = None


class Revenue(Record):
    """What a facility declares for a month, in đồng (R31)."""

    facility: Key
    months_ago: Annotated[int, Field(ge=1, le=24)]
    amount: Annotated[int, Field(gt=0)]
    today: date = Field(exclude=True)

    @property
    def month(self) -> str:
        years, month = divmod(self.today.year * 12 + self.today.month - 1 - self.months_ago, 12)
        return f"{years}-{month + 1:02}"

    @property
    def key(self) -> str:
        return f"{self.facility}/{self.month}"


class Inspection(Record):
    """An inspection with at most one violation, and what came of it.

    `deadline_days` counts from the inspection; a `remedy` settles the violation; `public_reason`
    publishes the result; `stop_reason` stops the facility (R7).
    """

    key: Key
    facility: Key
    days_ago: DaysAgo
    kind: Literal["planned", "unannounced", "complaint", "follow_up"]
    team: Line
    decision: Line
    result: Literal["passed", "conditional", "failed"]
    findings: Text
    violation: Line | None = None
    basis: Line | None = None
    deadline_days: Annotated[int, Field(ge=0, le=365)] | None = None
    remedy: Line | None = None
    fined: Yes = False
    public_reason: Line | None = None
    stop_reason: Line | None = None
    today: date = Field(exclude=True)

    @property
    def on(self) -> date:
        return self.today - timedelta(days=self.days_ago)

    @property
    def deadline(self) -> date | None:
        if self.deadline_days is None:
            return None
        return self.on + timedelta(days=self.deadline_days)
