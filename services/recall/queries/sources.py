"""Where goods came from: the way back of a target, and the sources that several lots share."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.recall.domain import refusals
from services.recall.domain.target import Lot
from services.recall.graph.graph import Graph
from services.recall.graph.links import Walk
from services.recall.queries import meeting, scope
from services.recall.queries.meeting import Key, Met
from services.recall.queries.radius import MOST_UP, PREVIEW
from services.recall.queries.scope import Scoped
from services.recall.store import areas, facts, genealogy
from services.recall.store.areas import GrowingArea
from services.recall.store.facts import Facility, Product
from shared.auth import Principal, Scope, require
from shared.mongo import Database

# Lots that may be asked about at once, and sources told of them.
MOST_LOTS: Final = 50
SOURCES_TOLD: Final = 50
# What a source reaches is counted up to here.
MOST_REACHED: Final = 20_000
# Of more lots than these what was used on them is not looked up.
MOST_LOOKED_UP: Final = 2_000


@dataclass(frozen=True, slots=True)
class Source:
    """Something that several of the lots asked about have in common: `kind` is lot, supply,
    facility, area or input. `affected` of them came from it, over at most `step` steps; in all it
    reaches `reaches` lots (None where that is not counted), or more (`reaches_more`)."""

    kind: str
    id: str
    name: str
    detail: str
    affected: tuple[str, ...]
    step: int
    reaches: int | None
    reaches_more: bool
    may_look: bool


@dataclass(frozen=True, slots=True)
class Common:
    """`lots` were asked about, `names` are their codes with their makers; `sources` of two or more
    of them, the likeliest first."""

    lots: tuple[Lot, ...]
    names: tuple[str, ...]
    sources: tuple[Source, ...]
    cut: bool


async def common(lot_ids: Sequence[str], *, who: Principal, db: Database) -> Common:
    """The sources that several lots share, those of most of them first, and of these the nearest.

    Raises TargetNotFound for a lot that is not known, or not in the asker's scope, and
    TooManyLots.
    """
    require(who, PREVIEW)
    wanted = list(dict.fromkeys(lot_ids))
    if len(wanted) > MOST_LOTS:
        raise refusals.TooManyLots("lots", most=MOST_LOTS)
    lots = await genealogy.lots(db, wanted)
    makers = await facts.facilities(db, {lot.facility_id for lot in lots.values()})
    for lot_id in wanted:
        if lot_id not in lots or not may_look(who, makers.get(lots[lot_id].facility_id)):
            raise refusals.TargetOutOfReach("lots")
    found = await scope.scoped(db, wanted, who, down=False, most_up=MOST_UP)
    names = _told_apart([lots[one] for one in wanted], makers)
    walks = await meeting.walks_of(found.graph, wanted, who)
    met = await meeting.met_by(found.graph, walks)
    least = min(2, len(wanted))
    shared = {key: one for key, one in met.items() if len(one.steps) >= least}
    ranked = sorted(shared, key=lambda key: (shared[key].rank, key))[:SOURCES_TOLD]
    reaching = {}
    for key in ranked:
        reaching[key] = _reached(found, key)
        await meeting.let_others()
    told = {key: shared[key] for key in ranked}
    sources = await _named(db, found.graph, told, reaching, who, names)
    used = await _used(db, found.graph, walks, who, least, names)
    ordered = sorted([*sources, *used], key=lambda one: (-len(one.affected), one.step))
    return Common(
        tuple(lots[one] for one in wanted),
        tuple(_named_lot(lots[one], makers) for one in wanted),
        tuple(ordered[:SOURCES_TOLD]),
        any(walk.cut for walk in walks.values()),
    )


def _named_lot(lot: Lot, makers: Mapping[str, Facility]) -> str:
    maker = makers.get(lot.facility_id)
    return f"{lot.code} ({maker.name})" if maker is not None else lot.code


def _told_apart(lots: Sequence[Lot], makers: Mapping[str, Facility]) -> dict[str, str]:
    """By their codes; with the maker where several bear the same, each in its facility."""
    times = Counter(lot.code for lot in lots)
    return {lot.id: _named_lot(lot, makers) if times[lot.code] > 1 else lot.code for lot in lots}


async def in_scope(lot_ids: Sequence[str], *, who: Principal, db: Database) -> list[str]:
    """Those of the lots that the account may ask about, such as of a case that reaches further."""
    lots = await genealogy.lots(db, lot_ids)
    makers = await facts.facilities(db, {lot.facility_id for lot in lots.values()})
    return [
        lot_id
        for lot_id in lot_ids
        if lot_id in lots and may_look(who, makers.get(lots[lot_id].facility_id))
    ]


def _reached(found: Scoped, key: Key) -> Walk | None:
    """Of a lot; of other sources it is counted where somebody looks at it."""
    if key[0] != "lot" or not found.is_whole:
        return None
    return found.graph.down([key[1]], MOST_REACHED)


@dataclass(frozen=True, slots=True)
class _Names:
    """What is known of the sources found."""

    lots: Mapping[str, Lot]
    supplies: frozenset[str]
    products: Mapping[str, Product]
    makers: Mapping[str, Facility]
    areas: Mapping[str, GrowingArea]

    def of_lot(self, id_: str) -> tuple[str, str, str, Facility | None]:
        """Kind, name, detail and maker."""
        kind = "supply" if id_ in self.supplies else "lot"
        lot = self.lots.get(id_)
        if lot is None:
            return kind, id_, "", None
        product, maker = self.products.get(lot.product_id), self.makers.get(lot.facility_id)
        parts = (product.name if product else "", maker.name if maker else "")
        return kind, lot.code, ", ".join(part for part in parts if part), maker

    def of_facility(self, id_: str) -> tuple[str, str, str, Facility | None]:
        maker = self.makers.get(id_)
        name, detail = (maker.name, maker.commune_name) if maker else (id_, "")
        return "facility", name, detail, maker

    def of_area(self, id_: str) -> tuple[str, str, str, Facility | None]:
        area = self.areas.get(id_)
        if area is None:
            return "area", id_, "", None
        return "area", area.name, area.code, self.makers.get(area.facility_id)


async def _named(
    db: Database,
    graph: Graph,
    met: Mapping[Key, Met],
    reaching: Mapping[Key, Walk | None],
    who: Principal,
    told: Mapping[str, str],
) -> list[Source]:
    lots = await genealogy.lots(db, {graph.lots.id(n) for kind, n in met if kind == "lot"})
    roots = await genealogy.lots(db, graph.lots.ids({n for one in met.values() for n in one.steps}))
    ids = {graph.facilities.id(n) for kind, n in met if kind == "facility"}
    grown = await areas.by_id(db, {graph.areas.id(n) for kind, n in met if kind == "area"})
    owners = {area.facility_id for area in grown.values()}
    names = _Names(
        lots,
        frozenset(one for lot in (*lots.values(), *roots.values()) for one in lot.supplies),
        await facts.products(db, {lot.product_id for lot in lots.values()}),
        await facts.facilities(db, ids | owners | {lot.facility_id for lot in lots.values()}),
        grown,
    )
    found = []
    for key, one in met.items():
        if key[0] == "lot":
            id_ = graph.lots.id(key[1])
            kind, name, detail, maker = names.of_lot(id_)
        elif key[0] == "facility":
            id_ = graph.facilities.id(key[1])
            kind, name, detail, maker = names.of_facility(id_)
        else:
            id_ = graph.areas.id(key[1])
            kind, name, detail, maker = names.of_area(id_)
        may = may_look(who, maker)
        walk = reaching[key] if may else None
        found.append(
            Source(
                kind=kind,
                id=id_,
                name=name,
                detail=detail,
                affected=tuple(sorted(told[root] for root in graph.lots.ids(one.steps))),
                step=max(one.steps.values()),
                reaches=len(walk.lots) if walk else None,
                reaches_more=bool(walk and walk.cut),
                may_look=may,
            )
        )
    return found


async def _used(
    db: Database,
    graph: Graph,
    walks: Mapping[int, Walk],
    who: Principal,
    least: int,
    told: Mapping[str, str],
) -> list[Source]:
    """Inputs (pesticides, feed, drugs) that were used on several, or on what they came from."""
    every = {id_ for walk in walks.values() for id_ in graph.lots.ids(walk.lots)}
    if len(every) > MOST_LOOKED_UP:
        return []
    known = await genealogy.lots(db, every)
    met: dict[str, dict[str, int]] = {}
    names: dict[str, tuple[str, str]] = {}
    for root, walk in walks.items():
        lot_id = graph.lots.id(root)
        for id_, step in zip(graph.lots.ids(walk.lots), walk.steps, strict=True):
            lot = known.get(id_)
            if lot is None or (who.facility_id not in (None, lot.facility_id)):
                continue
            for use in lot.used:
                names[use.key] = (use.name, use.active_substance)
                met.setdefault(use.key, {}).setdefault(lot_id, step)
    return [
        Source(
            kind="input",
            id=key,
            name=names[key][0],
            detail=names[key][1],
            affected=tuple(sorted(told[lot_id] for lot_id in steps)),
            step=max(steps.values()),
            reaches=None,
            reaches_more=False,
            may_look=_may_look_all(who),
        )
        for key, steps in met.items()
        if len(steps) >= least
    ]


def may_look(who: Principal, facility: Facility | None) -> bool:
    place = Scope(facility.id, facility.commune, facility.sector) if facility else Scope()
    return who.may(PREVIEW) and who.covers(PREVIEW, place)


def _may_look_all(who: Principal) -> bool:
    return who.may(PREVIEW) and who.facility_id is None
