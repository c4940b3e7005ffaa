"""Whose figures an account is shown: its facility's, its area's, or the whole province's."""

from dataclasses import dataclass

from services.reporting.store import statistics
from shared.auth import Principal, area_filter
from shared.mongo import Database, Document


@dataclass(frozen=True, slots=True)
class Sight:
    """One `facility`, or an `area`: a filter by commune and sector, empty for the province."""

    facility: str | None
    area: Document

    @property
    def whole(self) -> bool:
        return self.facility is None and not self.area


def sight_of(who: Principal) -> Sight:
    return Sight(who.facility_id, {} if who.facility_id is not None else area_filter(who))


async def unit_in_charge(who: Principal, *, db: Database) -> str | None:
    """The unit whose area the figures are of, "" where its name is not known yet; None where they
    are a facility's or the whole province's."""
    if who.facility_id is not None or not area_filter(who):
        return None
    return (await statistics.names(db, "units", [who.unit_id])).get(who.unit_id, "")
