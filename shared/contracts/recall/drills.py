"""Drills of recalls: whom they ask, and how they ended; no replica, list or feed shows them."""

from pydantic import AwareDatetime

from shared.contracts.event import Event


class RecallDrillStarted(Event):
    """A drill was ordered: nothing is recalled. `subject`: "<drill>/<part>", each part naming up to
    500 of the facilities in its reach.

    `unit_id` is that of who began it, `owner_facility_id` whose goods are its target, "" where that
    is no single facility's.
    """

    type = "recall.drill_started.v1"

    drill_id: str
    owner_facility_id: str
    commune: str
    sector: str
    unit_id: str
    facilities: tuple[str, ...]
    facilities_total: int
    lots: int
    ordered_at: AwareDatetime
    ends_at: AwareDatetime


class RecallDrillEnded(Event):
    """A drill ended and was scored (`counted`), or was called off. `subject` as it was begun.

    `rehearsed` are those of the part whose yearly duty it fulfils, until `rehearsed_until`; so does
    it that of `unit_id`, "" where a facility began it or none answered. `grade` is good, fair or
    poor, "" without a score; `complete_percent` of what was made was traced, None where nothing
    could be counted.
    """

    type = "recall.drill_ended.v1"

    drill_id: str
    owner_facility_id: str
    commune: str
    sector: str
    unit_id: str
    counted: bool
    rehearsed: tuple[str, ...]
    rehearsed_until: AwareDatetime | None = None
    grade: str
    scope_seconds: float
    complete_percent: float | None = None
    facilities: int
    acknowledged: int
