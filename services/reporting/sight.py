"""Whose figures an account is shown: its facility's, its area's, or the whole province's."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.reporting.store import statistics
from shared.auth import Principal, area_filter
from shared.mongo import Database, Document


@dataclass(frozen=True, slots=True)
class Sight:
    """`facilities` are ids of those that count, None for all; `area` finds them where they are."""

    facilities: Sequence[str] | None
    area: Document

    @property
    def whole(self) -> bool:
        return self.facilities is None

    def of(self, field: str = "facility_id") -> Document:
        """The filter over what belongs to a facility."""
        return {} if self.facilities is None else {field: {"$in": list(self.facilities)}}


async def sight_of(who: Principal, *, db: Database) -> Sight:
    area = area_filter(who, facility="_id")
    if who.facility_id is not None:
        return Sight([who.facility_id], area)
    return Sight(await statistics.ids(db, "facilities", area) if area else None, area)


async def unit_in_charge(who: Principal, *, db: Database) -> str | None:
    """The unit whose area the figures are of, "" where its name is not known yet; None where they
    are a facility's or the whole province's."""
    if who.facility_id is not None or not area_filter(who):
        return None
    return (await statistics.names(db, "units", [who.unit_id])).get(who.unit_id, "")
