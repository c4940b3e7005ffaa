"""One drill as its page, the API and its report show it: the figures as they were last counted, one
page of the facilities, one page of a facility's own lots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any, Final

from services.recall.domain.drill import Drill
from services.recall.domain.drill_lots import NOUGHT, Statement
from services.recall.domain.drill_score import minutes
from services.recall.domain.drill_standing import NAMED, Standing
from services.recall.domain.target import Lot
from services.recall.queries.drill_books import books_of
from services.recall.queries.drills import seen_by, sees_all_of
from services.recall.store import drill_places, drill_standing, drills, facts, genealogy
from services.recall.store.drill_places import Asked, Said
from shared.auth import Principal, area_filter
from shared.errors import NotFound
from shared.mongo import Database, Document

PLACES_A_PAGE: Final = 50
LOTS_A_PAGE: Final = 50
# Quantities are typed to the thousandth.
_TYPED: Final = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Row:
    """A facility that is asked, with how long it took: `minutes` from the beginning, `own` from its
    own message on; None until it acknowledged."""

    asked: Asked
    name: str
    commune_name: str
    stated: int
    minutes: float | None
    own: float | None = None


@dataclass(frozen=True, slots=True)
class OwnLot:
    """A lot that a facility is asked about: what it had, what the books say it passed on (by
    facility and its name, "" consumers and abroad), and what it said last."""

    lot: Lot
    had: Decimal
    sent: Mapping[str, Decimal]
    said: Said | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A drill as its page shows it; `figures` as last counted (`counted_at`; empty before anybody
    did), or as the end froze them, `acknowledged` after how many minutes each facility did. Of one
    that was called off there are none of these, and no times of facilities: it counts for nobody.

    Of the others a facility is told numbers alone, and so is an official of what lies elsewhere.
    `places` are one page of `total_places`, `lots` one of those that `own` is asked about;
    `open_lots` are the first of those to look at, `unreached` the first of `total_unreached`.
    """

    drill: Drill
    figures: Mapping[str, Any]
    counted_at: datetime | None
    acknowledged: Sequence[float]
    places: list[Row]
    total_places: int
    open_lots: list[Document]
    unreached: list[Row] = field(default_factory=list)
    total_unreached: int = 0
    own: Asked | None = None
    stated: int = 0
    lots: list[OwnLot] = field(default_factory=list)
    names: Mapping[str, str] = field(default_factory=dict)


async def shown(
    who: Principal,
    drill_id: str,
    *,
    db: Database,
    page: int = 1,
    size: int = PLACES_A_PAGE,
    most_lots: int = NAMED,
) -> Shown:
    """`page` is that of the facilities, to a facility that of its own lots; a page that there is
    not is empty. Raises NotFound."""
    drill = await seen_by(who, drill_id, db=db)
    area = {} if sees_all_of(who, drill) else area_filter(who)
    standing = None if drill.is_called_off else await drill_standing.of(db, drill_id)
    figures = drill.score or (standing.figures if standing is not None else {})
    own, total = who.facility_id, await drill_places.number(db, drill_id, area)
    skip = 0 if own else (page - 1) * size
    places = await drill_places.page(db, drill_id, area, skip=skip, size=size)
    found = Shown(
        drill,
        figures,
        standing.at if standing is not None else None,
        standing.minutes if standing is not None else (),
        await _rows(db, drill, places),
        total,
        await _open_lots(db, drill, standing, most_lots) if sees_all_of(who, drill) else [],
    )
    if own is not None:
        return await _with_own(db, found, own, page)
    if drill.is_called_off:
        return found
    some, unreached = await drill_places.unreached(db, drill_id, area, size=NAMED)
    rows = await _rows(db, drill, some)
    return replace(found, unreached=rows, total_unreached=unreached)


async def _with_own(db: Database, found: Shown, own: str, page: int) -> Shown:
    drill = found.drill
    skip = (page - 1) * LOTS_A_PAGE
    mine = await drill_places.asked_of(db, drill.id, own, skip=skip, size=LOTS_A_PAGE)
    if mine is None:
        return found
    lots, names = await _own(db, drill, own, mine.lots)
    stated = await drill_places.stated_by(db, drill.id, own)
    return replace(found, own=mine, stated=stated, lots=lots, names=names)


async def own_lot(who: Principal, drill_id: str, lot_id: str, *, db: Database) -> OwnLot:
    """Of a facility that is asked about it. Raises NotFound."""
    drill = await seen_by(who, drill_id, db=db)
    own = who.facility_id
    if own is None or not await drill_places.asks_about(db, drill_id, own, [lot_id]):
        raise NotFound()
    lots, _ = await _own(db, drill, own, [lot_id])
    if not lots:
        raise NotFound()
    return lots[0]


def begun_with(own: OwnLot, names: Mapping[str, str]) -> Statement:
    """What a facility's form begins with: what it said, else what the books say it passed on, as
    far as a form takes it: downwards, so that parts never come to more than there was."""
    if own.said is not None:
        return own.said.statement
    passed = {to: typed(quantity) for to, quantity in own.sent.items()}
    sent = tuple((names.get(to, to), one) for to, one in passed.items() if to and one)
    return Statement(sold=passed.get("", NOUGHT), sent=sent)


def typed(quantity: Decimal) -> Decimal:
    return quantity.quantize(_TYPED, ROUND_DOWN)


async def _rows(db: Database, drill: Drill, places: Sequence[Asked]) -> list[Row]:
    ids = [one.facility_id for one in places]
    stated = await drill_places.stated(db, drill.id, ids)
    known = await facts.facilities(db, ids)
    since = None if drill.is_called_off else drill.ordered_at
    rows = []
    for one in places:
        place, facility = one.place(stated[one.facility_id]), known.get(one.facility_id)
        at = one.acknowledged_at
        rows.append(
            Row(
                one,
                facility.name if facility else one.name or one.facility_id,
                facility.commune_name if facility else "",
                place.stated,
                minutes(since, at) if since and at else None,
                place.took(since) if since else None,
            )
        )
    return rows


async def _open_lots(
    db: Database, drill: Drill, standing: Standing | None, most: int
) -> list[Document]:
    """Lots that somebody has to look at, the worst first; of a drill that ended as it froze
    them."""
    if drill.score is not None:
        return [lot for lot in await drills.frozen_lots(db, drill.id, most) if lot["open"]]
    return list(standing.lots[:most]) if standing is not None else []


async def _own(
    db: Database, drill: Drill, own: str, wanted: Sequence[str]
) -> tuple[list[OwnLot], dict[str, str]]:
    known = await genealogy.lots(db, wanted)
    books = await books_of(db, known)
    said = await drill_places.said(db, drill.id, ((own, id_) for id_ in wanted))
    found = [
        OwnLot(
            known[id_],
            books[id_].books.had.get(own, NOUGHT),
            books[id_].sent_by(own),
            said.get((own, id_)),
        )
        for id_ in wanted
        if id_ in known
    ]
    names = await facts.facilities(db, {to for one in found for to in one.sent} - {""})
    return found, {id_: one.name for id_, one in names.items()}
