"""Which facilities an event of a case is told to."""

from dataclasses import dataclass
from typing import Final

from services.recall.domain.case import Case
from services.recall.domain.delivery import Message
from services.recall.domain.telling import Telling
from services.recall.store import contacts, genealogy, told
from services.recall.store.newest import Reader, chunks

_LOTS_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Audience:
    """The facilities that an event is told to; of those `known` units were told before."""

    all: set[str]
    known: frozenset[str] = frozenset()


async def audience(reader: Reader, telling: Telling, case: Case | None) -> Audience:
    places = _places(case)
    if telling.message is Message.ORDERED:
        owner = {case.owner.facility_id} if case is not None else set()
        return Audience(owner | set(telling.facilities))
    if telling.message is Message.SCOPE_CHANGED:
        # Whoever joins the case, and who made the lots that did; the others know of it already.
        makers: set[str] = set()
        for some in chunks(telling.lots, _LOTS_AT_ONCE):
            makers |= {lot.facility_id for lot in (await genealogy.lots(reader, some)).values()}
        joined = makers | set(telling.facilities)
        # Those without an address are never told, and would be laid out by each growth anew.
        reached = await contacts.confirmed_among(reader, places - joined)
        untold = reached - await told.owners_among(reader, telling.case_id, reached)
        return Audience(joined | untold, frozenset(untold))
    if telling.message is Message.CORRECTED:
        return Audience(places - set(telling.facilities))
    return Audience(places)


def _places(case: Case | None) -> set[str]:
    if case is None:
        return set()
    return {case.owner.facility_id, *(place.facility_id for place in case.places)}
