"""The figures of a drill as they stand: each of its lots traced, each facility with its answers.

This reads all of a drill. The sweep does, and the end; pages read what was counted last.
"""

from dataclasses import dataclass
from typing import Any, Final

from services.recall.domain.drill import Drill
from services.recall.domain.drill_lots import LotTraced, by_shortage
from services.recall.domain.drill_score import Place, score
from services.recall.queries.drill_books import books_of
from services.recall.store import drill_places, genealogy
from services.recall.store.newest import chunks
from shared.mongo import Database, Document

# Between two parts others get their turn.
LOTS_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Found:
    """`lots` are those that somebody has to look at first."""

    drill: Drill
    lots: list[LotTraced]
    places: list[Place]

    @property
    def figures(self) -> dict[str, Any]:
        """Also the grade, which counts only when the drill is over."""
        drill = self.drill
        since = drill.ordered_at or drill.begun_at
        return score(self.lots, self.places, drill.reached.seconds, since, waited=drill.waited)

    @property
    def minutes(self) -> tuple[float, ...]:
        """After how long each facility acknowledged that did; to the second, as a short drill is
        drawn."""
        since = self.drill.ordered_at or self.drill.begun_at
        when = [one.acknowledged_at for one in self.places if one.acknowledged_at]
        return tuple(sorted(round(max(0.0, (at - since).total_seconds()) / 60, 3) for at in when))


async def of_drill(db: Database, drill: Drill) -> Found:
    asked = await drill_places.every(db, drill.id)
    stated = await drill_places.stated(db, drill.id)
    lots: list[LotTraced] = []
    for some in chunks(sorted({lot for one in asked for lot in one.lots}), LOTS_AT_ONCE):
        known = await genealogy.lots(db, some)
        books = await books_of(db, known)
        makers = {id_: (lot.facility_id, id_) for id_, lot in known.items()}
        said = await drill_places.said(db, drill.id, makers.values())
        for id_, lot in known.items():
            word = said.get(makers[id_])
            statement = word.statement if word is not None else None
            made, kept = books[id_].made, books[id_].books
            lots.append(LotTraced(made, lot.code, lot.facility_id, kept, statement))
    places = [one.place(stated[one.facility_id]) for one in asked]
    return Found(drill, by_shortage(lots), places)


def kept(lot: LotTraced) -> Document:
    """With both accounts of it."""
    said = lot.said
    return {
        "id": lot.made.lot_id,
        "code": lot.code,
        "facility_id": lot.facility_id,
        "unit": lot.made.unit,
        "made": str(lot.made.quantity),
        "traced": str(lot.traced),
        "missing": str(lot.missing),
        "books": {"sent": str(lot.books.sent), "gone": str(lot.books.gone)},
        "said": None
        if said is None
        else {
            "held": str(said.held),
            "used": str(said.used),
            "sent": str(said.sent_on),
            "gone": str(said.sold),
        },
        "stated": said is not None,
        "contradicted": lot.is_contradicted,
        "open": lot.is_open,
    }
