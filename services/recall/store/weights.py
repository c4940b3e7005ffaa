"""What lots weigh, as registry tells it: by it, packages and kilograms are told as one."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from services.recall.domain.amounts import Made
from services.recall.domain.target import Lot
from services.recall.store.newest import Reader, by_id, put_newest
from shared.contracts.registry import LotPublished
from shared.mongo import Tx

WEIGHTS = "lot_weights"


async def note_lots(tx: Tx, events: Sequence[LotPublished]) -> None:
    """Keep the newest word on each lot's weight."""
    documents = [
        {
            "_id": event.subject,
            "version": event.version,
            "quantity": str(event.quantity),
            "kilograms": None if event.kilograms is None else str(event.kilograms),
        }
        for event in events
    ]
    await put_newest(tx, WEIGHTS, documents)


async def told(reader: Reader, lots: Iterable[str]) -> dict[str, tuple[str, str | None]]:
    """By lot, the quantity and how many kilograms that is, as registry told them last."""
    found = await by_id(reader, WEIGHTS, lots)
    return {id_: (row["quantity"], row["kilograms"]) for id_, row in found.items()}


async def made_of(reader: Reader, lots: Iterable[Lot]) -> dict[str, Made]:
    """What was made of each, with its weight where registry told it of this very quantity."""
    known = {lot.id: lot for lot in lots}
    found = await by_id(reader, WEIGHTS, known)
    made = {}
    for lot_id, lot in known.items():
        told = found.get(lot_id)
        fits = told is not None and Decimal(told["quantity"]) == lot.quantity
        weight = told["kilograms"] if told is not None and fits else None
        made[lot_id] = Made(lot_id, lot.quantity, lot.unit, Decimal(weight) if weight else None)
    return made
