"""The genealogy of one lot in both directions, for whoever may read the lot."""

from dataclasses import dataclass
from typing import Any

from services.registry.actions.rights import require_for
from services.registry.domain.records import Aggregate, Record
from services.registry.store import genealogy, records
from services.registry.store.genealogy import Place
from shared.auth import Principal
from shared.mongo import Database


@dataclass(frozen=True, slots=True)
class Family:
    """`before` what the lot was made from, `after` what was made from it, nearest first."""

    lot: Record[Any]
    before: tuple[Place, ...]
    after: tuple[Place, ...]

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
    require_for(who, "lot.read", lot)
    came_from = (*lot.content.inputs, *lot.content.supplies)
    before = await genealogy.upstream(db, came_from)
    after = await genealogy.downstream(db, lot_id)
    return Family(lot, tuple(one for one in before if one.id != lot_id), tuple(after))
