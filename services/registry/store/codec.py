"""Records as documents: domain values to BSON and back, with what lists and searches go by."""

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from pydantic import TypeAdapter

from services.registry.domain.certificates import serves_food_safety, unreplaced
from services.registry.domain.codes import compact
from services.registry.domain.communes import commune_name
from services.registry.domain.copying import prints
from services.registry.domain.facility import Facility
from services.registry.domain.geometry import box
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.lot import Lot
from services.registry.domain.product import Product
from services.registry.domain.quality import judged
from services.registry.domain.records import Aggregate, Owner, Record
from services.registry.domain.words import fold, words
from shared.days import local_day
from shared.mongo import Document
from shared.tax_number import is_personal_number

Content = Facility | Product | GrowingArea | Lot
AnyRecord = Record[Any]

CONTENTS: Final[dict[Aggregate, type[Content]]] = {
    Aggregate.FACILITY: Facility,
    Aggregate.PRODUCT: Product,
    Aggregate.GROWING_AREA: GrowingArea,
    Aggregate.LOT: Lot,
}
COLLECTIONS: Final = {
    Aggregate.FACILITY: "facilities",
    Aggregate.PRODUCT: "products",
    Aggregate.GROWING_AREA: "growing_areas",
    Aggregate.LOT: "lots",
}
_records: Final = {kind: TypeAdapter(Record[content]) for kind, content in CONTENTS.items()}  # type: ignore[valid-type]
_contents: Final = {kind: TypeAdapter(content) for kind, content in CONTENTS.items()}


def plain(value: Any) -> Any:
    """A domain value in BSON types: dates and decimals as text, so that they come back exactly."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    return value


def to_document(record: AnyRecord) -> Document:
    """The record with its derived fields: they are written only here, never read back."""
    body: Document = plain(record)
    body["_id"] = body.pop("id")
    body["owner"] = owner_document(record.owner)
    public = record.published if record.is_public else None
    body["derived"] = {
        "words": words(*_spoken(record, record.content, private=True)),
        "public_words": words(*_spoken(record, public, private=False)) if public else [],
        "listed": record.is_public,
        "name": fold(_name(record.content)),
        "public_name": fold(_name(public)) if public is not None else "",
        "codes": _lot_codes(record),
    }
    if record.aggregate is Aggregate.FACILITY:
        body["derived"]["ends"] = paper_ends(public)
    if isinstance(record.content, Facility):
        body["derived"]["facility"] = facility_facets(record.content)
    if isinstance(record.content, Lot):
        body["derived"]["prints"] = prints(record.content.entries)
    quality = judged(record.content, local_day(record.updated_at))
    body["derived"]["quality"] = quality.percent
    if public is not None and (claim := _claim(public)):
        body["derived"]["claim"] = claim
    if isinstance(public, GrowingArea) and public.boundary:
        west, south, east, north = box(public.boundary)
        body["derived"]["box"] = {"west": west, "south": south, "east": east, "north": north}
    return body


def facility_facets(it: Facility) -> Document:
    """What the console's list of facilities is narrowed by: as drafted, or else as published."""
    serves = any(serves_food_safety(one.kind, it.facility_class) for one in it.certificates)
    return {
        "class": it.facility_class,
        "kinds": list(it.kinds),
        "marks": list(it.marks),
        # Whether there is any; which of them hold today is a list of its own (`expiries`).
        "paper": "recorded" if serves else "none",
    }


def paper_ends(facility: Facility | None) -> list[Document]:
    """When the certificates end that consumers are shown and that none replaces."""
    if facility is None:
        return []
    return [
        {
            "kind": one.kind,
            "number": one.number,
            "on": one.last_day.isoformat(),
            "food_safety": serves_food_safety(one.kind, facility.facility_class),
            **({"end_missing": True} if one.end_missing else {}),
        }
        for one in unreplaced(facility.certificates)
        if one.last_day is not None
    ]


def owner_document(owner: Owner) -> Document:
    found: Document = plain(owner)
    return {**found, "words": words(owner.name, owner.code, commune_name(owner.commune))}


def from_document(aggregate: Aggregate, document: Document) -> AnyRecord:
    body = {key: value for key, value in document.items() if key not in ("_id", "derived")}
    body["owner"] = {key: value for key, value in body["owner"].items() if key != "words"}
    record: AnyRecord = _records[aggregate].validate_python({**body, "id": document["_id"]})
    return record


def content_from(aggregate: Aggregate, document: Document) -> Content:
    """The content kept in a row of `versions`."""
    found: Content = _contents[aggregate].validate_python(document)
    return found


def _name(content: Content) -> str:
    return content.code if isinstance(content, Lot) else content.name


def _spoken(record: AnyRecord, content: Content, *, private: bool) -> tuple[str, ...]:
    """The texts by which people look for a record; a person's number only in the console."""
    match content:
        case Facility():
            hidden = not private and is_personal_number(content.tax_number)
            tax_number = "" if hidden else content.tax_number
            numbers = (record.code, tax_number, content.phone)
            return (content.name, content.name_en, *numbers, content.representative)
        case Product():
            gtin = content.gtin.lstrip("0")
            return (content.name, content.name_en, content.brand, record.code, content.gtin, gtin)
        case GrowingArea():
            return (content.name, content.crop, content.code, record.code)
        case Lot():
            return (content.code,)


def _claim(content: Content) -> str:
    """What no second published record may hold: a GTIN, or a growing-area code."""
    match content:
        case Product():
            return content.gtin
        case GrowingArea():
            return compact(content.code)
        case _:
            return ""


def _lot_codes(record: AnyRecord) -> list[str]:
    """The codes a lot takes up in its facility: the published one and that of its draft."""
    kept = (c.code.upper() for c in (record.published, record.draft) if isinstance(c, Lot))
    return list(dict.fromkeys(kept))
