"""Whom a collector bought from lately: offered while a gathering is typed."""

from dataclasses import dataclass, field

from services.registry.domain.records import Aggregate
from services.registry.domain.transformation import Transformation
from services.registry.store import lots as lots_store
from services.registry.store import records, transformations
from shared.mongo import Database

LATELY = 20
OFFERED = 60


@dataclass(frozen=True, slots=True)
class Offered:
    """`lots`: codes of published lots of those it bought from, with who has them; `names`: sellers
    without lots here. Nothing is offered that was not published."""

    lots: list[tuple[str, str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


async def offered(db: Database, facility_id: str) -> Offered:
    """Those of the last gatherings."""
    acts = await transformations.collected(db, facility_id, LATELY)
    bought = await records.find_many(
        db, Aggregate.LOT, tuple({lot for one in acts for lot in one.lots_given})
    )
    makers = list({lot.owner.facility_id for lot in bought.values()} - {facility_id})
    found = await lots_store.published_of_many(db, makers, OFFERED)
    return Offered(
        lots=[(f"{lot.owner.code}/{lot.shown.code}", lot.owner.name) for lot in found],
        names=_names(acts),
    )


def _names(acts: list[Transformation]) -> list[str]:
    named = (given.supplier for one in acts for given in one.given if given.supplier)
    return list(dict.fromkeys(named))[:OFFERED]
