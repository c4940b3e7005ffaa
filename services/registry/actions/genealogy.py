"""The genealogy of one lot in both directions, for whoever may read the lot, or received it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from services.registry.actions import open_chain, received
from services.registry.actions.open_chain import Origins
from services.registry.actions.rights import require_for
from services.registry.domain.records import Aggregate, Record
from services.registry.store import genealogy, records
from services.registry.store.genealogy import Kin, Place
from shared.auth import Principal, Scope
from shared.errors import NotFound
from shared.mongo import Database

READ = "lot.read"


@dataclass(frozen=True, slots=True)
class Family:
    """`before` what the lot was made from, `after` what was made from it, nearest first.

    `whole` for whoever reads the lot itself. Whoever only received it is told what it came from,
    and of what was made from it what it made itself; without `told` not even the former. `own_gap`
    where it is this very delivery that its sender has not confirmed. `gaps` are the lots whose own
    step back is not confirmed by whoever is said to have given the goods: facilities are told
    nothing beyond it. `named` are lots that the reader has only named in lots of its own: neither
    their diaries nor their results are open to it.
    """

    lot: Record[Any]
    before: tuple[Place, ...]
    after: tuple[Place, ...]
    whole: bool = True
    told: bool = True
    own_gap: bool = False
    gaps: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()

    @property
    def shown(self) -> Any:
        """Its content as the reader may know it: a receiver is never told of a draft."""
        return self.lot.content if self.whole else self.lot.shown

    @property
    def kin(self) -> tuple[Place, ...]:
        """From the first origins to the last descendants."""
        return (*reversed(self.before), *self.after)

    @property
    def deepest(self) -> int:
        """The number of steps to the farthest lot."""
        ends = (self.before[-1:], self.after[-1:])
        return max((abs(one.step) for end in ends for one in end), default=0)

    def near(self, depth: int, a_step: int) -> list[Place]:
        """Up to `a_step` lots of each step, up to `depth` steps each way."""
        kept: dict[int, list[Place]] = {}
        for side in (self.before, self.after):
            for one in side:
                if abs(one.step) > depth:
                    break
                here = kept.setdefault(one.step, [])
                if len(here) < a_step:
                    here.append(one)
        return [one for step in sorted(kept) for one in kept[step]]


async def family(lot_id: str, *, who: Principal, db: Database) -> Family:
    """All lots that are connected with this one; raises NotFound."""
    lot = await records.get(db, Aggregate.LOT, lot_id)
    if received.is_own(lot, who):
        return await _whole(db, lot, who)
    try:
        came = await received.of(db, lot, who=who)
    except NotFound:
        require_for(who, READ, lot)  # Says which it is: another's lot, or no right to read any.
        raise
    return await _of_receiver(db, came, who)


async def _whole(db: Database, lot: Record[Any], who: Principal) -> Family:
    found = await open_chain.of(db, lot, lot.content, who=who)
    made = await _made(db, lot.id)
    return Family(lot, found.before, made, gaps=found.gaps, named=found.named)


async def _of_receiver(db: Database, came: received.Received, who: Principal) -> Family:
    lot = came.lot
    found = await open_chain.of(db, lot, lot.shown, who=who) if came.told else Origins(())
    own = await genealogy.within(db, await _made(db, lot.id), who)
    return Family(
        lot,
        found.before,
        own,
        whole=False,
        told=came.told,
        own_gap=came.own_gap,
        gaps=found.gaps,
        named=found.named,
    )


async def _made(db: Database, lot_id: str) -> tuple[Place, ...]:
    return tuple(await genealogy.downstream(db, lot_id))


async def told(db: Database, family: Family, places: Iterable[Place], who: Principal) -> list[Kin]:
    """These lots as the account may know them: of lots that it does not read itself neither how
    much there was, nor what else they are connected with."""
    known = {family.lot.id, *(one.id for one in family.kin)}
    found = await genealogy.told(db, places)
    return [one if _reads(who, one) else _seen(one, known) for one in found]


def _reads(who: Principal, one: Kin) -> bool:
    return who.covers(READ, Scope(one.facility_id, one.commune, one.sector))


def _seen(one: Kin, known: set[str]) -> Kin:
    return replace(
        one,
        quantity="",
        unit="",
        inputs=tuple(key for key in one.inputs if key in known),
        supplies=tuple(key for key in one.supplies if key in known),
    )
