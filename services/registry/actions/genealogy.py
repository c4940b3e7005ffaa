"""The genealogy of one lot in both directions, for whoever may read the lot."""

from dataclasses import dataclass
from typing import Any

from services.registry.actions.rights import require_for
from services.registry.domain.records import Aggregate, Record
from services.registry.store import genealogy, records
from services.registry.store.genealogy import Kin
from shared.auth import Principal
from shared.mongo import Database


@dataclass(frozen=True, slots=True)
class Family:
    """`before` what the lot was made from, `after` what was made from it, nearest first."""

    lot: Record[Any]
    before: tuple[Kin, ...]
    after: tuple[Kin, ...]

    @property
    def kin(self) -> tuple[Kin, ...]:
        """From the first origins to the last descendants."""
        return (*reversed(self.before), *self.after)


async def family(lot_id: str, *, who: Principal, db: Database) -> Family:
    """All lots that are connected with this one; raises NotFound."""
    lot = await records.get(db, Aggregate.LOT, lot_id)
    require_for(who, "lot.read", lot)
    before = await genealogy.upstream(db, lot.content.inputs)
    after = await genealogy.downstream(db, lot_id)
    return Family(lot, tuple(before), tuple(after))
