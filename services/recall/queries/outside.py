"""What an input was used on beyond the area that an order speaks for, and who answers for it."""

from collections import Counter
from dataclasses import dataclass

from services.recall.domain.target import Target, TargetKind
from services.recall.domain.terms import Place
from services.recall.store import authorities, facts, genealogy
from shared.auth import Principal
from shared.mongo import Database

# Places named one by one; there are few where it matters who is told.
NAMED = 20
ABOVE = "department"


@dataclass(frozen=True, slots=True)
class Outside:
    """Lots in one commune and of one sector that the order does not reach, and the names of the
    units that may order for them."""

    commune_name: str
    sector: str
    lots: int
    facilities: int
    responsible: tuple[str, ...]


async def of_target(target: Target, who: Principal, *, db: Database) -> tuple[Outside, ...]:
    """Numbers by place only: no name of a facility or lot that is not the asker's.

    Nothing is told to facilities, which answer for their own goods alone.
    """
    within = target.within
    if target.kind is not TargetKind.INPUT or within is None or within.is_everything:
        return ()
    if who.facility_id is not None:
        return ()
    by_maker = await genealogy.makers_named(db, target)
    known = await facts.facilities(db, by_maker)
    lots: Counter[tuple[str, str]] = Counter()
    facilities: Counter[tuple[str, str]] = Counter()
    names: dict[str, str] = {}
    for id_, count in by_maker.items():
        it = known.get(id_)
        place = (it.commune, it.sector) if it else ("", "")
        if not within.holds(id_, *place):
            lots[place] += count
            facilities[place] += 1
            names[place[0]] = it.commune_name if it else ""
    return tuple(
        [
            Outside(
                names[place[0]], place[1], count, facilities[place], await _answering(db, place)
            )
            for place, count in sorted(lots.items(), key=lambda row: (-row[1], row[0]))[:NAMED]
        ]
    )


async def _answering(db: Database, place: tuple[str, str]) -> tuple[str, ...]:
    ids = await authorities.in_charge(db, ABOVE, Place("", *place))
    names = await facts.unit_names(db, ids)
    return tuple(names[id_] for id_ in ids if id_ in names)
