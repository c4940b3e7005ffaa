"""The table of what scan keeps: which event is which part of which aggregate.

Events of one aggregate may tell different things (a passport, a stop), and arrive in any order.
Each kind is a part of its own that keeps its newest version, so that any order ends alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.scan.domain import segments
from shared.contracts.event import Event
from shared.contracts.recall import NoticePublished
from shared.contracts.registry import (
    FacilityPublished,
    FacilityResumed,
    FacilityStopped,
    GrowingAreaPublished,
    LotPublished,
    ProductPublished,
    ProductWithdrawn,
    ShipmentPublished,
)
from shared.contracts.stamps import HoldPublished, SegmentPublished

# Whose events all of it is made from.
PUBLISHERS = ("recall", "stamps", "registry")

FACILITIES, PRODUCTS, LOTS, AREAS = "facilities", "products", "lots", "growing_areas"
SEGMENTS, HOLDS, NOTICES = "segments", "holds", "notices"
# Which lots lie under the SSCCs of a shipment: looked up whenever asked, in no memory.
UNITS = "logistic_units"
# What stands against stamps, whole in the memory of every replica.
BOARD = frozenset({HOLDS, NOTICES})
PASSPORTS = (FACILITIES, PRODUCTS, LOTS, AREAS)

# The parts of one passport by name; what was not told is not there.
Aggregate = Mapping[str, Event]


@dataclass(frozen=True, slots=True)
class Part:
    """Events of one class are kept as `name` in the documents of `collection`."""

    event: type[Event]
    collection: str
    name: str = "published"


_KEPT = (
    Part(FacilityPublished, FACILITIES),
    Part(FacilityStopped, FACILITIES, "stopped"),
    Part(FacilityResumed, FACILITIES, "resumed"),
    Part(ProductPublished, PRODUCTS),
    Part(ProductWithdrawn, PRODUCTS, "withdrawn"),
    Part(LotPublished, LOTS),
    Part(GrowingAreaPublished, AREAS),
    Part(SegmentPublished, SEGMENTS),
    Part(HoldPublished, HOLDS),
    Part(NoticePublished, NOTICES),
    Part(ShipmentPublished, UNITS),
)
PARTS = {part.event.type: part for part in _KEPT}
NAMES = {
    collection: tuple(part.name for part in _KEPT if part.collection == collection)
    for collection in (*PASSPORTS, SEGMENTS, HOLDS, NOTICES)
}
_BY_PLACE = {(part.collection, part.name): part for part in _KEPT}


def to_document(event: Event) -> dict[str, Any]:
    """What the database keeps of an event as a part of its aggregate."""
    if isinstance(event, SegmentPublished):
        return segments.to_document(event)
    if isinstance(event, ShipmentPublished):
        return _units(event)
    return event.model_dump(mode="json", exclude={"traceparent"})


def _units(event: ShipmentPublished) -> dict[str, Any]:
    """Its SSCCs and lots alone, and which lots are said to be in which unit.

    A label is put on before the goods leave, and stays on them when they have arrived.
    """
    kept: dict[str, Any] = {"version": event.version}
    if event.ssccs and event.status != "cancelled":
        kept |= {"ssccs": list(event.ssccs), "lots": [one.lot_id for one in event.lots]}
        packed: dict[str, list[str]] = {}
        for one in event.packed:
            packed.setdefault(one.sscc, []).append(one.lot_id)
        kept |= {"packed": packed} if packed else {}
    return kept


def from_document(collection: str, document: dict[str, Any]) -> Aggregate:
    """The passport that a document holds."""
    return {
        name: _BY_PLACE[collection, name].event.model_validate(document[name])
        for name in NAMES[collection]
        if name in document
    }


def stop_reason(facility: Aggregate) -> str | None:
    """Why a facility does not operate; None if it does.

    A passport carries a status too: whichever was told last counts, an order before a passport.
    """
    told = [facility[name] for name in ("stopped", "resumed", "published") if name in facility]
    # The first of equals wins, so a stop of the same version stands.
    newest = max(told, key=lambda event: event.version, default=None)
    if isinstance(newest, FacilityStopped):
        return newest.reason
    if isinstance(newest, FacilityPublished) and newest.status != "active":
        return ""
    return None


def withdrawal(product: Aggregate) -> ProductWithdrawn | None:
    """The withdrawal of a product that stands now: one that no later publication took back."""
    withdrawn = product.get("withdrawn")
    published = product.get("published")
    if not isinstance(withdrawn, ProductWithdrawn):
        return None
    if published is not None and published.version > withdrawn.version:
        return None
    return withdrawn
