"""What a drill reaches: found by the same code as an order's reach, and timed."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from services.recall.actions import reach, titles
from services.recall.actions.reach import Subject
from services.recall.domain.contact import State
from services.recall.domain.drill import Plan, Reached, must_be_few_enough
from services.recall.domain.target import Target
from services.recall.queries import knowledge
from services.recall.queries.drill_books import PLANNED
from services.recall.store import contacts, facts, genealogy, shipments
from services.recall.store.drill_places import Asked
from shared.auth import Principal
from shared.mongo import Database


@dataclass(frozen=True, slots=True)
class Scope:
    """A drill's target with what it reaches; `places` are those who are asked."""

    subject: Subject
    reached: Reached
    places: tuple[Asked, ...]

    def plan(self, scenario: str, hours: int) -> Plan:
        names = {lang: titles.label(self.subject, lang) for lang in ("vi", "en", "zh")}
        target = self.subject.target
        return Plan(target, names["vi"], names["en"], names["zh"], scenario, hours)


async def look(
    db: Database, target: Target, who: Principal, action: str, feeds: Mapping[str, str]
) -> Scope:
    """Raises what an order of the target would (TargetNotFound, TargetEmpty, InvalidPeriod), and
    DrillTooLarge before more is read of what is."""
    number = (await genealogy.taken_in(db))[genealogy.REGISTRY]
    known = await knowledge.of_registry(number, feeds)
    begun = time.monotonic()
    subject = await reach.find_subject(db, target, who, action)
    must_be_few_enough(len(subject.lots))
    found = await reach.of_subject(db, subject)
    must_be_few_enough(len(found.lots))
    asked: dict[str, list[str]] = {}
    if subject.facility.id:
        asked[subject.facility.id] = []
    for lot in found.lots:
        asked.setdefault(lot.facility_id, []).append(lot.id)
    for move in await shipments.of_lots(db, [lot.id for lot in found.lots]):
        # To whom nothing has been sent yet has nothing to answer for.
        if move.to_facility_id and move.status != PLANNED:
            asked.setdefault(move.to_facility_id, []).append(move.lot_id)
    seconds = round(time.monotonic() - begun, 3)
    places = await _places(db, asked)
    return Scope(
        subject,
        Reached(
            lots=len(found.lots),
            facilities=len(places),
            stamps=found.stamps.issued,
            seconds=seconds,
            known_number=known.number,
            missing=known.missing,
            known_at=known.at,
        ),
        places,
    )


async def _places(db: Database, asked: Mapping[str, list[str]]) -> tuple[Asked, ...]:
    """One that is not known yet is asked all the same: it knows itself by its id."""
    known = await facts.facilities(db, asked)
    told = await contacts.reachable(db, asked, State.ACTIVE)
    return tuple(
        Asked(
            id_,
            known[id_].commune if id_ in known else "",
            known[id_].sector if id_ in known else "",
            tuple(dict.fromkeys(lots)),
            id_ in told,
            name=known[id_].name if id_ in known else "",
            count=len(dict.fromkeys(lots)),
        )
        for id_, lots in sorted(asked.items())
        if id_
    )
