"""Where goods of a case lie, what they are called there, and whose they are to count."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from services.recall.domain.case import Case
from services.recall.domain.recovery import Row, Spot
from services.recall.domain.target import Lot
from services.recall.domain.terms import Place
from services.recall.queries import recovery
from services.recall.store import cases, facts, genealogy, shipments
from services.recall.store.facts import Facility
from services.recall.store.newest import Reader
from shared.auth import Principal, Scope

# Codes of digits alone are no longer than a GTIN.
MOST_DIGITS: Final = 15
# Of a case of so few lots all are looked through.
FEW_LOTS: Final = 2_000


def places_of(case: Case) -> dict[str, Place]:
    """The places of a case, its owner's among them, by facility."""
    return {place.facility_id: place for place in (case.owner, *case.places)}


def covers(
    who: Principal,
    action: str,
    case: Case,
    lot: Lot,
    spot: Spot,
    places: Mapping[str, Place],
    known: Mapping[str, Facility],
) -> bool:
    """Whether goods of the lot at this spot are an official's to count: they lie, or were made, in
    their area. `known` holds the lot's maker and the facility of the spot, as far as they are."""
    maker = known[lot.facility_id].place if lot.facility_id in known else case.owner
    there = places.get(spot.facility_id) if spot.facility_id else None
    if there is None and spot.facility_id in known:
        there = known[spot.facility_id].place
    where = Scope("", spot.commune, maker.sector) if there is None else cases.scope_of(there)
    return any(who.covers(action, scope) for scope in (cases.scope_of(maker), where))


async def may_correct(reader: Reader, case: Case, lot: Lot, row: Row, who: Principal) -> bool:
    """A facility corrects what it reported itself, an official what lies in their area: what
    others have counted is theirs to correct."""
    if who.facility_id is not None:
        return who.facility_id == row.by.facility_id
    spot = row.stated.spot
    known = await facts.facilities(reader, {lot.facility_id, spot.facility_id} - {""})
    return covers(who, recovery.REPORT, case, lot, spot, places_of(case), known)


async def offered_to(
    reader: Reader,
    case: Case,
    who: Principal,
    lots: Iterable[Lot],
    known: Mapping[str, Facility],
) -> dict[str, Facility]:
    """Those of the case's facilities (`known`) that are told to who reports of these lots. Who made
    some is told of the case's owner and of whom it sent its own to: others of the case, and their
    customers, are not its business. Who made none reports of itself alone."""
    own = who.facility_id
    if own is None:
        return dict(known)
    made = [lot.id for lot in lots if lot.facility_id == own]
    told = {own}
    if made:
        sent_to = {move.to_facility_id for move in await shipments.of_lots(reader, made)}
        told |= {case.owner.facility_id} | sent_to
    return {id_: one for id_, one in known.items() if id_ in told}


async def called(reader: Reader, case: Case, codes: Iterable[str]) -> dict[str, str]:
    """By id, lots of the case that one of these codes may mean, with the code as it is looked for.
    Of a case of many lots those of its places are looked for, whoever else has such codes."""
    here = await recovery.named(reader, case)
    if len(here) <= FEW_LOTS:
        return await genealogy.called(reader, codes, among=here)
    found = await genealogy.called(reader, codes, makers=places_of(case))
    return {id_: found[id_] for id_ in found.keys() & set(here)}


async def lots_called(
    reader: Reader, case: Case, who: Principal, names: Collection[str]
) -> list[Lot]:
    """Lots of the case that this person may report of and that one of these names, a code or an
    id, may mean. Of a case of many lots no others are read."""
    wanted = {text for name in names for text in (name, name.lower(), name.upper())}
    # Excel drops the zeros that a code of digits begins with.
    wanted |= {name.zfill(n) for name in names if name.isdigit() for n in range(2, MOST_DIGITS)}
    wanted |= (await called(reader, case, wanted)).keys()
    return await recovery.lots_of(reader, case, who, sorted(wanted)) if wanted else []
