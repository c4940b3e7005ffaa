"""What went into a lot, as far as the words of those who gave the goods open it (ADR 19)."""

from dataclasses import dataclass
from typing import Any

from services.registry.domain.records import Record
from services.registry.domain.word_given import Link, chain_of
from services.registry.store import genealogy, words_given
from services.registry.store.genealogy import Place
from shared.auth import Principal
from shared.mongo import Database


@dataclass(frozen=True, slots=True)
class Origins:
    """`before` nearest first. `gaps`: lots whose own step back its sender has not confirmed.
    `named`: those that the reader has only named in lots of its own; nothing more is read of them.
    """

    before: tuple[Place, ...]
    gaps: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()


async def of(db: Database, lot: Record[Any], it: Any, *, who: Principal) -> Origins:
    """All of it for officials; for a facility what is open, and what it named itself.

    `it` is the content of the lot that the reader knows, drafts of its own included.
    """
    found = await genealogy.upstream(db, (*it.inputs, *it.supplies))
    before = tuple(one for one in found if one.id != lot.id)
    if who.facility_id is None or not before:
        return Origins(before)
    links = await words_given.links(db, {one.id for one in before})
    links[lot.id] = Link(lot.owner.facility_id, (*it.inputs, *it.supplies))
    crossing = {
        key: links[key].facility_id
        for made in links.values()
        for key in made.made_from
        if key in links and links[key].facility_id != made.facility_id
    }
    if not crossing:
        return Origins(before)
    confirmed = await words_given.confirmed(db, crossing.items())
    bought = await words_given.bought(db, links)
    seen = chain_of(lot.id, links, confirmed, bought=bought, reader=who.facility_id)
    steps = {**seen.leaves, **seen.steps}
    places = sorted(
        (Place(key, -step) for key, step in steps.items()), key=lambda one: (-one.step, one.id)
    )
    return Origins(tuple(places), seen.gaps, frozenset(seen.leaves))


async def came_by_word(db: Database, lot: Record[Any], receivers: frozenset[str]) -> bool:
    """Whether all who gave goods of the lot, back to its maker, say that these came so."""
    confirmed = await words_given.confirmed(db, [(lot.id, lot.owner.facility_id)])
    return any((lot.id, one) in confirmed for one in receivers)
