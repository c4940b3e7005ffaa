"""The way back of a target: what it was made from, and the shipments that brought it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.recall.actions.reach import NOBODY
from services.recall.domain.target import Lot
from services.recall.queries.radius import Radius
from services.recall.queries.scope import Scoped
from services.recall.queries.sources import may_look
from services.recall.store import facts, genealogy, shipments
from services.recall.store.facts import Facility, Product
from services.recall.store.shipments import Move
from shared.auth import Principal
from shared.mongo import Database

# Lots of the way back that are told by themselves; the figures count all.
TOLD: Final = 200


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A lot that the target was made from, over so many steps. `is_supply`: it was used on one
    (feed, fertiliser), not made into it; `came` are shipments that brought it; `may_look`: the
    asker may see what it reaches."""

    lot: Lot
    step: int
    product: Product | None
    facility: Facility
    is_supply: bool
    came: tuple[Move, ...]
    may_look: bool


@dataclass(frozen=True, slots=True)
class Upstream:
    """`total` lots and `facilities` that a target came from; `rows` are the nearest of them.
    `unknown`: lots that others name and registry has not told. `cut`: there are more."""

    rows: tuple[SourceRow, ...]
    total: int
    facilities: int
    unknown: int
    cut: bool


async def upstream(radius: Radius, *, who: Principal, db: Database) -> Upstream:
    """What a target was made from, nearest first, as far back as the asker may look."""
    found, graph = radius.scoped, radius.scoped.graph
    far = [(s, n) for n, s in zip(found.up.lots, found.up.steps, strict=True) if s]
    known = [(step, lot) for step, lot in far if graph.is_known(lot)]
    shown = known[:TOLD]
    ids = graph.lots.ids(lot for _, lot in shown)
    roots = graph.lots.ids(found.down.lots[:TOLD])
    lots = await genealogy.lots(db, {*ids, *roots})
    supplies = {one for lot in lots.values() for one in lot.supplies}
    products = await facts.products(db, {lot.product_id for lot in lots.values()})
    facilities = await facts.facilities(db, {lot.facility_id for lot in lots.values()})
    came = await _came(db, found, ids, who)
    return Upstream(
        rows=tuple(
            SourceRow(
                lot=lots[id_],
                step=step,
                product=products.get(lots[id_].product_id),
                facility=facilities.get(lots[id_].facility_id, NOBODY),
                is_supply=id_ in supplies,
                came=tuple(came.get(id_, ())),
                may_look=may_look(who, facilities.get(lots[id_].facility_id)),
            )
            for (step, _), id_ in zip(shown, ids, strict=True)
            if id_ in lots
        ),
        total=len(far),
        facilities=len({graph.facility[lot] for _, lot in known}),
        unknown=len(far) - len(known),
        cut=found.up.cut,
    )


async def _came(
    db: Database, found: Scoped, ids: Iterable[str], who: Principal
) -> dict[str, list[Move]]:
    """The shipments that brought these lots to whoever made something of them; a facility is told
    of its own alone."""
    graph = found.graph
    makers = {graph.facilities.id(graph.facility[n]) for n in found.up.lots if graph.is_known(n)}
    takers = makers if who.facility_id is None else {who.facility_id}
    came: dict[str, list[Move]] = {}
    for move in await shipments.of_lots(db, ids):
        if move.to_facility_id in takers:
            came.setdefault(move.lot_id, []).append(move)
    return came
