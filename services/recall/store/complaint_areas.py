"""Whom a reported problem is for: those who answer for the goods, or for the place (R53)."""

from collections.abc import Iterable, Mapping

from services.recall.domain.complaint import Complaint
from services.recall.store import facts
from services.recall.store.facts import Facility
from services.recall.store.newest import Reader
from shared.auth import Principal, Scope, area_filter
from shared.mongo import Database, Document

# Of what was found by its names or told in words, as `Complaint.is_by_words` says.
_BY_WORDS: Document = {"origin": {"$in": ["no_stamp", "official"]}, "batch": 0, "typed": ""}


def scopes(one: Complaint, known: Mapping[str, Facility], who: Principal) -> tuple[Scope, ...]:
    """Each of these may read and answer it. First where the facility lies now; nowhere in
    particular while registry has not told it.

    What is nobody's goods has no sector and is for all who answer for the place where it was seen;
    without a place, for those who answer for the whole province. That place counts too where
    somebody chose the facility by its name: no stamp bears it out, and the goods are there. Whose
    goods are somebody's are of that facility's sector there too, and until it is known of all
    sectors together: nobody else has to do with them, nor with who reported them.
    """
    if not one.facility_id:
        return (Scope(commune=one.commune or None, sector=who.sector),)
    found = known.get(one.facility_id)
    goods = Scope(found.id, found.commune, found.sector) if found else Scope(one.facility_id)
    place = Scope(commune=one.commune or None, sector=goods.sector)
    return (goods, place) if one.is_by_words and one.commune else (goods,)


def scope_among(one: Complaint, known: Mapping[str, Facility], who: Principal) -> Scope:
    """The one by which the asker reaches it, else the first."""
    found = scopes(one, known, who)
    return next((scope for scope in found if who.reaches(scope)), found[0])


async def scope_of(reader: Reader, one: Complaint, who: Principal) -> Scope:
    return scope_among(one, await _known(reader, [one]), who)


async def all_scopes(reader: Reader, one: Complaint, who: Principal) -> tuple[Scope, ...]:
    return scopes(one, await _known(reader, [one]), who)


async def covered(
    reader: Reader, found: Iterable[Complaint], action: str, who: Principal
) -> list[Complaint]:
    """Those of them that the asker may do this to, in their order."""
    ones = list(found)
    known = await _known(reader, ones)
    return [one for one in ones if who.covers(action, scope_among(one, known, who))]


async def visible_to(db: Database, who: Principal) -> Document:
    """The filter that leaves what lies in an official's area, by where facilities lie now."""
    area = area_filter(who, facility="_id")
    if not area:
        return {}
    theirs: Document = {"facility_id": {"$in": await facts.facilities_within(db, area)}}
    if who.facility_id is not None:
        return theirs
    if "*" in who.communes:
        return {"$or": [theirs, {"facility_id": ""}]}
    here: Document = {"commune": {"$in": list(who.communes)}}
    by_words = {**_BY_WORDS, **here}
    if who.sector != "*":
        of_sector = await facts.facilities_within(db, {"sector": who.sector})
        by_words["facility_id"] = {"$in": of_sector}
    return {"$or": [theirs, {"facility_id": "", **here}, by_words]}


async def _known(reader: Reader, found: Iterable[Complaint]) -> dict[str, Facility]:
    return await facts.facilities(reader, {one.facility_id for one in found if one.facility_id})
