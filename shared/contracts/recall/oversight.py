"""What recall asks of those who inspect."""

from datetime import date

from pydantic import AwareDatetime

from shared.contracts.event import Event


class InspectionWanted(Event):
    """An official who suspects unsafe goods asks for an inspection of their facility (R53).

    `subject` is the suspicion. `reason` is in the official's words, without those of reporters;
    `product_id` and `lot_id` where they are known, `authority` who asks, `until` the day by which,
    `wanted` false once it is no longer. `asked_at` is when it was last asked for.
    """

    type = "recall.inspection_wanted.v1"

    facility_id: str
    product_id: str = ""
    lot_id: str = ""
    commune: str
    sector: str
    reason: str
    authority: str
    asked_at: AwareDatetime
    until: date
    wanted: bool


class ViolationReported(Event):
    """A report of a violation to the coordinating body or a higher tier (R56), as it now stands.

    `subject` is the report. `state` is sent, received or returned (to be completed and sent anew);
    `origin` says what it came of: inspection, complaint, suspicion, case or "" (seen otherwise),
    with its id. `tier` is that of who reports. It carries no text of the report.
    """

    type = "recall.violation_reported.v1"

    facility_id: str
    commune: str
    sector: str
    state: str
    tier: str
    authority: str
    origin: str = ""
    origin_id: str = ""
