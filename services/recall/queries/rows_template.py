"""What a file of rows may tell of a case, for who fills it in."""

from collections import Counter
from decimal import Decimal
from typing import Final

from services.recall.domain.case import Case
from services.recall.domain.target import Lot
from services.recall.queries import recovery, spots
from services.recall.sheets.columns import plain
from services.recall.sheets.meaning import communes_of, place_label
from services.recall.sheets.template import Offered
from services.recall.store import facts, goods, shipments
from services.recall.store.newest import Reader
from services.recall.store.shipments import Move
from shared.auth import Principal
from shared.spelling import fold

# Lots that are listed; of a larger case the others are told by their code all the same.
MOST_LOTS: Final = 5_000
MOST_ROWS: Final = 1_000


async def offered(reader: Reader, case: Case, who: Principal) -> Offered:
    lots = await recovery.lots_of(reader, case, who, most=MOST_LOTS)
    made = await goods.made_of(reader, case, lots)
    products = await facts.products(reader, {lot.product_id for lot in lots})
    known = await recovery.facilities_of(reader, case)
    places = await spots.offered_to(reader, case, who, lots, known)
    # As a file is read: what several lots or facilities of the case are called, listed here or not,
    # names none of them.
    codes = Counter((await spots.called(reader, case, {lot.code for lot in lots})).values())
    names = {lot.id: lot.code if codes[fold(lot.code)] <= 1 else lot.id for lot in lots}
    taken = Counter(plain(place_label(one)) for one in known.values())
    labels = {id_: place_label(one) for id_, one in places.items()}
    labels = {id_: label if taken[plain(label)] == 1 else id_ for id_, label in labels.items()}
    units = dict.fromkeys(unit for lot in lots for unit in made[lot.id].units)
    rows: list[tuple[str, str, str, str]] = []
    moves: dict[str, list[Move]] = {}
    for one in await shipments.of_lots(reader, [lot.id for lot in lots]):
        moves.setdefault(one.lot_id, []).append(one)
    for lot in lots:
        for place, sent in _holders(lot, moves.get(lot.id, []), who):
            if place in labels and len(rows) < MOST_ROWS:
                rows.append((names[lot.id], labels[place], sent, made[lot.id].unit))
    return Offered(
        lots=[
            (
                lot.code,
                products[lot.product_id].name if lot.product_id in products else "",
                made[lot.id].unit,
                lot.id,
            )
            for lot in lots
        ],
        places=sorted((labels[id_], one.commune_name, id_) for id_, one in places.items()),
        communes=sorted(communes_of(case.owner.commune).items()),
        units=list(units),
        rows=rows,
    )


def _holders(lot: Lot, moves: list[Move], who: Principal) -> list[tuple[str, str]]:
    """Who may hold some of a lot, and how much was sent there in all: its maker, and whom it sent
    it to; a receiver of itself alone."""
    own = who.facility_id
    found: dict[str, dict[str, Decimal]] = {lot.facility_id: {}}
    for move in moves:
        if move.to_facility_id:
            sums = found.setdefault(move.to_facility_id, {})
            sums[move.unit] = sums.get(move.unit, Decimal(0)) + move.amount
    return [
        (
            id_,
            " + ".join(
                f"{sum_.normalize():f} {unit}".replace(".", ",") for unit, sum_ in sums.items()
            ),
        )
        for id_, sums in found.items()
        if own in (None, lot.facility_id, id_)
    ]
