"""What a target of a recall is and whose: read by one question, as it stood at one instant."""

from dataclasses import dataclass
from typing import Any

from services.recall.domain.certificate import Certificate
from services.recall.domain.target import Lot, Target, TargetKind
from services.recall.store import areas, certificates, facts, genealogy, stamps
from services.recall.store.areas import GrowingArea
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
    TargetKind.AREA: areas.AREAS,
    # Whose it is follows from the facility, and an input's from who asks.
    TargetKind.CERTIFICATE: facts.FACILITIES,
    TargetKind.INPUT: facts.FACILITIES,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a target; None for what is not. `turns` are those of `genealogy.decide`.

    `lots` of a certificate are its facility's in the period given; which it means follows from its
    own days.
    """

    lots: tuple[Lot, ...]
    batch: Batch | None
    product: Product | None
    facility: Facility | None
    unit_name: str
    turns: int
    area: GrowingArea | None = None
    certificate: Certificate | None = None


async def find(reader: Reader, target: Target, unit_id: str) -> Known:
    """The target, what it is of and whose, and the name of the unit that acts on it."""
    key: Any = target.batch if target.is_of_stamps else target.id
    if target.kind is TargetKind.INPUT:
        key = target.within.facility_id if target.within else ""
    here = _KEPT_IN[target.kind], [{"$match": {"_id": key}}]
    own = here[0] == facts.FACILITIES
    named, products, facilities, units, turns, *more = await together(
        reader,
        genealogy.named_by(target),
        here if target.kind is TargetKind.PRODUCT else _of(here, facts.PRODUCTS, "product_id"),
        here if own else _of(here, facts.FACILITIES, "facility_id"),
        facts.unit(unit_id),
        genealogy.turns(),
        # Of other targets the document itself is asked for above, or tells nothing that is wanted.
        *_itself(target, here),
    )
    found = more[0] if more else []
    of_area = target.kind is TargetKind.AREA
    of_certificate = target.kind is TargetKind.CERTIFICATE
    return Known(
        lots=tuple(genealogy.lot_of(document) for document in named),
        batch=stamps.batch_of(found[0]) if target.is_of_stamps and found else None,
        product=facts.product_of(products[0]) if products else None,
        facility=facts.facility_of(facilities[0]) if facilities else None,
        unit_name=facts.unit_name(units),
        turns=genealogy.number_of(turns),
        area=areas.area_of(found[0]) if of_area and found else None,
        certificate=certificates.numbered(found, target.number) if of_certificate else None,
    )


def _itself(target: Target, here: Wanted) -> list[Wanted]:
    if target.kind is TargetKind.CERTIFICATE:
        return [certificates.of_facility(target.id)]
    return [here] if target.is_of_stamps or target.kind is TargetKind.AREA else []


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
