"""Diaries and transformations as EPCIS 2.0 events, and what all such events share (CBV 2.0).

Pure: it takes what is recorded and gives JSON-LD. Harvest, catch and slaughter are a lot's
commissioning. A step that CBV has no name for is `other`, with our own name in `txng:step`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID, uuid5

from services.registry.domain.catalogues import Catalogue, all_rows, step_row
from services.registry.domain.diary import Entry, Step
from services.registry.domain.lot import Lot
from services.registry.domain.shipment import Shipment
from services.registry.domain.transformation import Kind, Transformation
from services.registry.domain.units import MASS, VOLUME, in_base, measure
from shared.days import VIETNAM, local_midnight

Event = dict[str, Any]

CONTEXT: Final = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
MEDIA_TYPE: Final = "application/ld+json"
# GS1 EPCIS 2.0, section 12: what version of both standards an answer is written in.
VERSIONS: Final = {"GS1-EPCIS-Version": "2.0.0", "GS1-CBV-Version": "2.0.0"}
# Ids of events follow from what they tell, so that the same event told again has the same id.
_IDS: Final = UUID("6f0d2a54-9f1e-5c58-8a33-5b7c0e6d2f11")

_TAKING: Final = frozenset({Step.HARVESTING, Step.CATCHING, Step.SLAUGHTERING})
# Dispositions of the Core Business Vocabulary; what is not named here is in progress. The bizStep
# is that of the shared catalogue of steps.
_DISPOSITIONS: Final[Mapping[Step, str]] = {
    Step.HARVESTING: "active",
    Step.CATCHING: "active",
    Step.SLAUGHTERING: "active",
    Step.COLLECTING: "active",
    Step.STORING: "sellable_not_accessible",
    Step.TRANSPORTING: "in_transit",
}
_ILMD: Final = (
    "kind",
    "name",
    "active_substance",
    "dose",
    "withdrawal_days",
    "material",
    "source",
    "method",
    "vehicle",
    "lot_number",
)


@dataclass(frozen=True, slots=True)
class Goods:
    """What names a lot in EPCIS: its product's GTIN where there is one, else our own address."""

    lot_id: str
    code: str
    gtin: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """`origin` is the address of this system, without a slash at its end; `glns` by facility id."""

    origin: str
    glns: Mapping[str, str]

    def goods(self, one: Goods) -> str:
        if one.gtin:
            return f"https://id.gs1.org/01/{one.gtin}/10/{quote(one.code, safe='')}"
        return f"{self.origin}/api/registry/v1/lots/{one.lot_id}"

    def facility(self, facility_id: str) -> str:
        gln = self.glns.get(facility_id)
        if gln:
            return f"https://id.gs1.org/414/{gln}"
        return f"{self.origin}/facilities/{facility_id}"

    def place(self, facility_id: str, place_code: str, place: str) -> str:
        """A place as precisely as it is known: its own code, else the facility with its words."""
        if len(place_code) == 13 and place_code.isdecimal():
            return f"https://id.gs1.org/414/{place_code}"
        here = f"{self.origin}/facilities/{facility_id}"
        return f"{here}#{quote(place_code or place, safe='')}" if place_code or place else here

    def shipment(self, shipment: Shipment) -> str:
        return f"{self.origin}/api/registry/v1/shipments/{shipment.id}"


def document(events: Iterable[Event], *, origin: str, created: datetime) -> dict[str, Any]:
    """The events, in order of time, as one EPCIS document."""
    return {**_head(origin, created), "epcisBody": {"eventList": in_order(events)}}


def in_order(events: Iterable[Event]) -> list[Event]:
    return sorted(events, key=lambda one: str(one["eventTime"]))


def around(*, origin: str, created: datetime) -> tuple[str, str]:
    """What stands before and after the events of a document that is written as they are read."""
    head = json.dumps(_head(origin, created), ensure_ascii=False)
    return head.removesuffix("}") + ', "epcisBody": {"eventList": [', "]}}"


def _head(origin: str, created: datetime) -> dict[str, Any]:
    return {
        "@context": [CONTEXT, {"txng": f"{origin}/api/registry/v1/vocabulary#"}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": time_of(created),
    }


def of_diary(
    lot: Lot,
    goods: Goods,
    recorded: datetime,
    names: Names,
    supplies: Mapping[str, Goods] | None = None,
) -> list[Event]:
    """One event for each entry, its area's too; what a transformation wrote is told by that.

    `supplies` are the lots of what was used, by id.
    """
    events = []
    made_already = bool(lot.transformation_id)
    for entry in (*lot.area_entries, *lot.entries):
        if made_already and entry.id == f"{goods.lot_id}-made":
            continue
        event = _of_entry(lot, entry, goods, recorded, names)
        used = (supplies or {}).get(entry.supply_lot)
        if used is not None:
            event["txng:supply"] = amount(names.goods(used), entry.quantity, entry.unit)
        if entry.photos:
            event["txng:photos"] = [f"{names.origin}/media/{one}-large.jpg" for one in entry.photos]
        events.append(event)
    return events


def _of_entry(lot: Lot, entry: Entry, goods: Goods, recorded: datetime, names: Names) -> Event:
    step = _biz_step(entry)
    taking = entry.step in _TAKING
    counted = entry.quantity if taking or entry.step is Step.COLLECTING else None
    event = begun("ObjectEvent", f"{goods.lot_id}/{entry.id}", entry.at, recorded)
    event |= {
        "action": "ADD" if taking else "OBSERVE",
        "bizStep": step,
        "disposition": _DISPOSITIONS.get(entry.step, "in_progress"),
        "quantityList": [amount(names.goods(goods), counted, entry.unit)],
        "readPoint": {"id": names.place(lot.facility_id, entry.place_code, entry.place)},
        "bizLocation": {"id": names.facility(lot.facility_id)},
    }
    if step == "other" or entry.variant:
        event["txng:step"] = entry.variant or entry.step.value
    if entry.variant:
        event["txng:stepName"] = step_row(entry.step, entry.variant).name
    if counted is not None and "uom" not in event["quantityList"][0]:
        event["txng:unit"] = _unit_name(entry.unit)
    told = {
        f"txng:{name}": value for name in _ILMD if (value := getattr(entry, name)) not in ("", None)
    }
    if taking:
        event["ilmd"] = {"txng:producedOn": lot.produced_on.isoformat(), **told}
    else:
        event |= told
    return event


def _biz_step(entry: Entry) -> str:
    """A step that was added without a business step of its own is told as the one it is like."""
    added = step_row(entry.step, entry.variant).values.get("biz_step")
    return added or step_row(entry.step).values.get("biz_step") or "other"


def _unit_name(unit: str) -> str:
    row = all_rows(Catalogue.UNITS).get(unit)
    return row.name if row is not None else unit


def of_transformation(
    one: Transformation, goods: Mapping[str, Goods], names: Names, *, only: str = ""
) -> Event:
    """What went in and what came out, with quantities; sellers without lots are named in words.

    `only`: for the maker of this one lot, who is told what another did with it, but neither what
    else went in nor how much came out. `txng:denied`: what its maker says it never sold.
    """
    told = [given for given in one.given if not only or given.lot_id == only]
    event = begun("TransformationEvent", one.id, one.at, one.recorded_at)
    event |= {
        "transformationID": f"urn:uuid:{one.id}",
        "inputQuantityList": [
            amount(names.goods(goods[given.lot_id]), given.quantity, given.unit)
            for given in told
            if given.lot_id in goods
        ],
        "outputQuantityList": [
            amount(names.goods(goods[made.lot_id]), None if only else made.quantity, made.unit)
            for made in one.made
            if made.lot_id in goods
        ],
        "bizStep": "collecting" if one.kind is Kind.COLLECT else "commissioning",
        "disposition": "active",
        "readPoint": {"id": names.place(one.facility_id, "", one.place)},
        "bizLocation": {"id": names.facility(one.facility_id)},
        "txng:kind": one.kind.value,
    }
    denied = [
        names.goods(goods[given.lot_id])
        for given in told
        if given.denied is not None and given.lot_id in goods
    ]
    if denied:
        event["txng:denied"] = denied
    sellers = [given.supplier for given in told if given.supplier]
    if sellers:
        event["txng:suppliers"] = sellers
    if one.explanation and not only:
        event["txng:explanation"] = one.explanation
    return event


def of_uses(
    lot: Lot,
    goods: Mapping[str, Goods],
    made: Goods,
    at: datetime,
    names: Names,
    *,
    counted: bool = True,
) -> Event:
    """What its own form says went into a lot; without a quantity where nobody said how much.

    Not `counted`: for a reader who may know which lots these were, and not how much of them.
    """
    event = begun("TransformationEvent", f"{made.lot_id}/used", local_midnight(lot.produced_on), at)
    used = {one.lot_id: (one.quantity, one.unit) for one in lot.used} if counted else {}
    whole = (lot.quantity, lot.unit) if counted else (None, "")
    event |= {
        "transformationID": f"urn:uuid:{made.lot_id}",
        "inputQuantityList": [
            amount(names.goods(goods[one]), *used.get(one, (None, "")))
            for one in lot.inputs
            if one in goods
        ],
        "outputQuantityList": [amount(names.goods(made), *whole)],
        "bizStep": "commissioning",
        "disposition": "active",
        "readPoint": {"id": names.facility(lot.facility_id)},
        "bizLocation": {"id": names.facility(lot.facility_id)},
    }
    if lot.explanation and counted:
        event["txng:explanation"] = lot.explanation
    return event


def begun(kind: str, key: str, at: datetime, recorded: datetime) -> Event:
    """What every event has; `key` names what it tells, within its kind."""
    return {
        "type": kind,
        "eventID": f"urn:uuid:{uuid5(_IDS, f'{kind}/{key}')}",
        "eventTime": time_of(at),
        "eventTimeZoneOffset": "+07:00",
        "recordTime": time_of(recorded),
    }


def time_of(at: datetime) -> str:
    return at.astimezone(VIETNAM).isoformat(timespec="milliseconds")


_BASE_CODES: Final = {MASS: "KGM", VOLUME: "LTR"}


def amount(goods: str, quantity: Decimal | None, unit: str) -> dict[str, Any]:
    """What is counted has no unit of measure there; a unit without a code is told in its base."""
    found: dict[str, Any] = {"epcClass": goods}
    if quantity is None or not unit:
        return found
    known = measure(unit)
    base = _BASE_CODES.get(known.dimension, "")
    if base and not known.code:
        quantity = in_base(quantity, unit)
    found["quantity"] = float(quantity)
    if known.code or base:
        found["uom"] = known.code or base
    return found
