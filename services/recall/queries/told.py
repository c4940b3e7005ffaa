"""Who must be told of a recall: whoever made, received or may hold the goods, and the units that
answer for where they are, each with the way to reach them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.recall.actions.reach import NOBODY
from services.recall.queries.radius import Radius
from services.recall.store import ways
from services.recall.store.facts import Facility
from services.recall.store.ways import Unit
from shared.mongo import Database

# Facilities told by themselves; the figures count all.
TOLD: Final = 200


@dataclass(frozen=True, slots=True)
class ToTell:
    """A facility: `made` and `received` are its affected lots; `phone` and `address` as it
    published them, "" where it did not; `units` answer for its place and sector, the nearest
    first."""

    facility: Facility
    made: int
    received: int
    phone: str
    address: str
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """The first of `total` facilities, those with most lots first; all `units` of these."""

    facilities: tuple[ToTell, ...]
    total: int
    units: tuple[Unit, ...]


async def to_be_told(found: Radius, *, db: Database) -> Told:
    makers, receivers = found.figures.makers, found.figures.receivers
    owner = found.subject.facility.id
    every = {*makers, *receivers, *([owner] if owner else [])} - {""}
    ordered = sorted(every, key=lambda id_: (-(makers[id_] + receivers[id_]), id_))
    first = ordered[:TOLD]
    reached = await ways.of_facilities(db, first)
    units = await ways.units(db)
    rows = []
    for id_ in first:
        # A receiver of whom nothing was told yet is named by what is known: nobody is left out.
        facility = found.known_facilities.get(id_) or replace(NOBODY, id=id_, name=id_)
        phone, address = reached.get(id_, ("", ""))
        answering = _answering(units, facility) if facility.commune else ()
        rows.append(ToTell(facility, makers[id_], receivers[id_], phone, address, answering))
    concerned = {unit.id: unit for row in rows for unit in row.units}
    return Told(tuple(rows), len(every), tuple(concerned.values()))


def _answering(units: Sequence[Unit], facility: Facility) -> tuple[Unit, ...]:
    """Communes before departments: these answer for the whole province."""
    fit = [unit for unit in units if unit.answers_for(facility.commune, facility.sector)]
    return tuple(sorted(fit, key=lambda unit: ("*" in unit.communes, unit.name)))
