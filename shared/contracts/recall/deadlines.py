"""The deadlines of cases: how they stand, which draw near, and which were missed."""

from pydantic import AwareDatetime

from shared.contracts.event import Event


class ClockChanged(Event):
    """A deadline of a case as it now stands. `subject` is the clock, "<case>/<deadline>…".

    `open` while it runs; `tiers` are those it is shown to: who owes it, and who was told since it
    was missed. `facility_id`, `commune` and `sector` are of the owner of the goods.
    """

    type = "recall.clock_changed.v1"
    derived = True

    case_id: str
    deadline: str
    open: bool
    due_at: AwareDatetime | None
    tiers: tuple[str, ...]
    facility_id: str
    commune: str
    sector: str


class DeadlineNear(Event):
    """So much of a deadline's time has passed (`percent`). `subject` is the clock, `version` the
    clock's after it.

    `tier` owes it; `units` are its units in charge of the place, empty where it is the facility.
    """

    type = "recall.deadline_near.v1"

    case_id: str
    deadline: str
    percent: int
    tier: str
    units: tuple[str, ...]
    facility_id: str
    commune: str
    sector: str
    started_at: AwareDatetime
    due_at: AwareDatetime


class DeadlineMissed(Event):
    """A deadline was missed: who owes it is told, and then one tier after the other above it.

    `subject` is the clock. `tier` is told now (`units`: its units in charge of the place),
    `owed_by` the tier that owes it; they are the same where `escalated` is false.
    """

    type = "recall.deadline_missed.v1"

    case_id: str
    deadline: str
    escalated: bool
    tier: str
    owed_by: str
    units: tuple[str, ...]
    facility_id: str
    commune: str
    sector: str
    started_at: AwareDatetime
    due_at: AwareDatetime
