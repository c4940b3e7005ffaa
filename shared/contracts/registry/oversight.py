"""What authorities and deadlines did: no passport is among it."""

from datetime import date

from pydantic import Field

from shared.contracts.event import Event, Fact


class CertificateExpiring(Event):
    """A certificate runs out within 30 days (R13), told once. `subject` is the facility.

    A renewal is told by the facility's next passport.
    """

    type = "registry.certificate_expiring.v1"

    kind: str
    certificate_number: str
    expires_on: date
    food_safety: bool = False


class CertificateExpired(Event):
    """A certificate ran out: no new stamps until it is renewed (R13). `subject` is the facility.

    `expired_on` is the last day on which it held; `food_safety` as in the passport.
    """

    type = "registry.certificate_expired.v1"

    kind: str
    certificate_number: str
    expired_on: date
    food_safety: bool = False


class MarketExpiring(Event):
    """An importing country's acceptance of a code ends within 30 days (R25), told once.

    `subject` is the growing area, or the facility whose packing house or plant it is; `holder` says
    which: growing_area or facility. `until` is the last day on which it holds, `country` in
    ISO 3166. A renewal is told by the next passport.
    """

    type = "registry.market_expiring.v1"

    holder: str
    facility_id: str
    held_code: str
    country: str
    market_number: str
    until: date
    commune: str
    sector: str


class MarketExpired(Event):
    """An importing country no longer accepts a code (R25), told once; `until` was the last day."""

    type = "registry.market_expired.v1"

    holder: str
    facility_id: str
    held_code: str
    country: str
    market_number: str
    until: date
    commune: str
    sector: str


class InspectionRecorded(Event):
    """An inspection of a facility as it stands (R35): told when recorded and at every change.

    `subject` is the inspection; `result` passed, conditional or failed; `violations` were found,
    `open_violations` of them wait to be remedied, the first until `deadline`. It carries no text of
    the minute.
    """

    type = "registry.inspection_recorded.v1"

    facility_id: str
    commune: str
    sector: str
    kind: str
    on: date
    result: str
    violations: int
    open_violations: int
    deadline: date | None = None
    public: bool = False


class ViolationSettled(Event):
    """A violation was remedied, or fined (R35). `subject` is its inspection.

    `violation` counts those of the inspection from 0; `outcome` remedied or fined.
    """

    type = "registry.violation_settled.v1"

    facility_id: str
    violation: int
    outcome: str
    settled_on: date


class FacilityEntered(Event):
    """A facility's record was begun from an application for an account (R18); it is not published.

    `subject` is the facility, `application_id` identity's application that it was filled in from.
    """

    type = "registry.facility_entered.v1"

    application_id: str
    code: str


class FacilityKnown(Event):
    """A facility that authorities know of and count, whether or not it takes part (R58).

    `subject` is its entry in the list of known facilities; `status` known, invited, registering,
    participating or closed; `facility_id` its record once there is one; `marks` as in the passport.
    It carries no name.
    """

    type = "registry.facility_known.v1"

    commune: str
    sector: str
    facility_class: str
    status: str
    facility_id: str = ""
    marks: tuple[str, ...] = ()


class ReviewDecided(Event):
    """Someone checked, rejected or published a submission (R17). `subject` is its aggregate.

    `aggregate` is product, lot, facility or growing_area; `decision` accepted, rejected, published.
    """

    type = "registry.review_decided.v1"

    aggregate: str
    decision: str
    decided_by: str
    reason: str = ""


class ReviewsOfKind(Fact):
    """How many records of a kind wait for somebody: `state` submitted (to be checked), checked (to
    be published) or sent_back (to be mended by their facility).

    `makers` counts, by official's account, those among them that this account entered or checked
    itself and so may not decide; `facilities`, by facility, whose drafts were sent back.
    """

    aggregate: str
    state: str
    count: int
    makers: dict[str, int] = Field(default_factory=dict)
    facilities: dict[str, int] = Field(default_factory=dict)


class ReviewsWaiting(Event):
    """What waits for checkers, approvers and makers in a commune and sector, each time it changes.

    `subject` is `<commune>/<sector>`. The whole is told, so what nothing waits of is left out; it
    follows the records by some seconds. `answers`: by facility, how many receipts that others
    recorded of its goods wait for its word.
    """

    type = "registry.reviews_waiting.v1"
    derived = True

    commune: str
    sector: str
    waiting: tuple[ReviewsOfKind, ...] = ()
    answers: dict[str, int] = Field(default_factory=dict)
