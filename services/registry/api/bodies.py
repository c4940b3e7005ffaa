"""Request bodies: the shared fields, with what only a program sends."""

from typing import Annotated, Any, Literal

from pydantic import Field

from services.registry.domain.codes import entry_id_for
from services.registry.domain.diary import MAX_ENTRIES, Entry
from services.registry.domain.geometry import from_geojson
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.lot import MAX_INPUTS, Lot
from services.registry.domain.product import Product
from services.registry.facility_inputs import FacilityFields
from services.registry.inputs import (
    EntryFields,
    GrowingAreaFields,
    LotFields,
    ProductFields,
    Reason,
    UsedFields,
    Version,
)
from shared.auth import Principal
from shared.ids import new_id
from shared.web.fields import Input, Prose


class EditFacility(FacilityFields):
    version: Version


class NewProduct(ProductFields):
    standards: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(max_length=20)
    ] = ()

    def to_domain(self, facility_id: str) -> Product:
        return self.product(self.standards, facility_id)


class EditProduct(NewProduct):
    version: Version


class NewGrowingArea(GrowingAreaFields):
    """`boundary`: a GeoJSON Polygon or MultiPolygon in WGS 84, bare or as a feature."""

    boundary: dict[str, Any] | None = None

    def to_domain(self, facility_id: str) -> GrowingArea:
        return self.area(facility_id, from_geojson(self.boundary) if self.boundary else ())


class EditGrowingArea(NewGrowingArea):
    version: Version


class NewLot(LotFields):
    """`used`: which lots went into it, and how much; they are counted off what the facility has.

    `inputs`: ids of published lots, or "facility code/lot code", of which nobody knows how much was
    used: they are named, not counted, and the checker is told so.
    """

    inputs: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=100)], ...],
        Field(max_length=MAX_INPUTS),
    ] = ()
    used: Annotated[tuple[UsedFields, ...], Field(max_length=MAX_INPUTS)] | None = None
    explanation: Annotated[Prose, Field(max_length=1000)] = ""
    entries: Annotated[list[EntryFields], Field(max_length=MAX_ENTRIES)] | None = None

    def to_domain(self, facility_id: str) -> Lot:
        used = [one.to_domain() for one in self.used or ()]
        return self.lot(facility_id, self.inputs, entries(self.entries or []), used)


class EditLot(NewLot):
    """Without `entries` the diary stays as it is, without `used` what inputs were counted."""

    version: Version


class NewEntry(EntryFields):
    version: Version | None = None

    def named(self, who: Principal, key: str | None) -> Entry:
        """The entry under its own id, else one that follows from the Idempotency-Key."""
        return self.entry(entry_id_for(who.account_id, key) if key else new_id())


class Step(Input):
    """A step that changes nothing but where the record stands."""

    version: Version


class Submission(Step):
    """`explanation` sends on a lot that breaks a withdrawal interval, for officials to judge."""

    explanation: Annotated[str, Field(max_length=1000)] = ""


class Decision(Input):
    """`override` is why a lot is published though a truth check blocks it."""

    decision: Literal["accept", "reject", "publish"]
    version: Version
    reason: Annotated[str, Field(max_length=1000)] = ""
    override: Annotated[str, Field(max_length=1000)] = ""


class Because(Input):
    reason: Reason


def entries(rows: list[EntryFields]) -> list[Entry]:
    return [row.entry(new_id()) for row in rows]
