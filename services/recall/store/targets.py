"""What a target of a recall is and whose: read by one question, as it stood at one instant."""

from dataclasses import dataclass
from typing import Any

from services.recall.domain.target import Lot, Target, TargetKind
from services.recall.store import facts, genealogy, stamps
from services.recall.store.facts import Facility, Product
from services.recall.store.newest import Reader, Wanted, together
from services.recall.store.stamps import Batch
from shared.mongo import Document

_KEPT_IN = {
    TargetKind.LOT: genealogy.LOTS,
    TargetKind.PRODUCT: facts.PRODUCTS,
    TargetKind.FACILITY: facts.FACILITIES,
    TargetKind.BATCH: stamps.BATCHES,
    TargetKind.STAMPS: stamps.BATCHES,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a target; None for what is not. `turns` are those of `genealogy.decide`."""

    lots: tuple[Lot, ...]
    batch: Batch | None
    product: Product | None
    facility: Facility | None
    unit_name: str
    turns: int


async def find(reader: Reader, target: Target, unit_id: str) -> Known:
    """The target, what it is of and whose, and the name of the unit that acts on it."""
    key: Any = target.batch if target.is_of_stamps else target.id
    here = _KEPT_IN[target.kind], [{"$match": {"_id": key}}]
    named, products, facilities, units, turns, *batches = await together(
        reader,
        genealogy.named_by(target),
        here if target.kind is TargetKind.PRODUCT else _of(here, facts.PRODUCTS, "product_id"),
        here if target.kind is TargetKind.FACILITY else _of(here, facts.FACILITIES, "facility_id"),
        facts.unit(unit_id),
        genealogy.turns(),
        # Of other targets the document itself is asked for above, or tells nothing that is wanted.
        *([here] if target.is_of_stamps else []),
    )
    return Known(
        lots=tuple(genealogy.lot_of(document) for document in named),
        batch=stamps.batch_of(batches[0][0]) if batches and batches[0] else None,
        product=facts.product_of(products[0]) if products else None,
        facility=facts.facility_of(facilities[0]) if facilities else None,
        unit_name=facts.unit_name(units),
        turns=genealogy.number_of(turns),
    )


def _of(wanted: Wanted, other: str, field: str) -> Wanted:
    """What the documents found name in `field`, where it is known here."""
    name, stages = wanted
    found: Document = {"from": other, "localField": field, "foreignField": "_id", "as": "found"}
    return name, [
        *stages,
        {"$lookup": found},
        {"$unwind": "$found"},
        {"$replaceWith": "$found"},
    ]
