"""What the shipments say of some lots: what left their makers, and what came to whom."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from services.recall.domain.amounts import Made
from services.recall.domain.drill_lots import NOUGHT, Books
from services.recall.domain.recovery_refusals import OtherDimension
from services.recall.domain.target import Lot
from services.recall.store import shipments, weights
from services.recall.store.newest import Reader
from services.recall.store.shipments import Move

# What has not left yet lies where it was.
PLANNED = "planned"
TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Known:
    """A lot with what was made of it, what the books say, and the moves behind that."""

    made: Made
    books: Books
    moves: tuple[Move, ...] = ()

    def sent_by(self, facility_id: str) -> dict[str, Decimal]:
        """By receiving facility, "" for consumers and abroad, what this one sent."""
        found: dict[str, Decimal] = {}
        for move in self.moves:
            if move.from_facility_id == facility_id:
                to = move.to_facility_id if move.kind == TRANSFER else ""
                found[to] = found.get(to, NOUGHT) + amount(self.made, move)
        return found


def amount(made: Made, move: Move) -> Decimal:
    """What went and did not come back, in the lot's unit; 0 where nobody can say what it is in
    that."""
    try:
        return made.in_its_unit(move.kept, move.unit)
    except OtherDimension:
        return NOUGHT


async def books_of(reader: Reader, lots: Mapping[str, Lot]) -> dict[str, Known]:
    made = await weights.made_of(reader, lots.values())
    had = {id_: {lot.facility_id: lot.quantity} for id_, lot in lots.items()}
    sent, gone = dict.fromkeys(lots, NOUGHT), dict.fromkeys(lots, NOUGHT)
    moves: dict[str, list[Move]] = {}
    for move in await shipments.of_lots(reader, lots):
        if move.status == PLANNED:
            continue
        id_ = move.lot_id
        quantity = amount(made[id_], move)
        moves.setdefault(id_, []).append(move)
        to = move.to_facility_id
        if to and to != lots[id_].facility_id:
            had[id_][to] = had[id_].get(to, NOUGHT) + quantity
        if move.from_facility_id == lots[id_].facility_id:
            kept = sent if move.kind == TRANSFER else gone
            kept[id_] += quantity
    empty = Books()
    return {
        id_: Known(
            made[id_],
            replace(empty, sent=sent[id_], gone=gone[id_], had=had[id_]),
            tuple(moves.get(id_, ())),
        )
        for id_ in lots
    }
