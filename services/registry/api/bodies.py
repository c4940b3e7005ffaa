"""Request bodies: the shared fields, with what only a program sends."""

from typing import Annotated, Literal

from pydantic import Field

from services.registry.domain.diary import MAX_ENTRIES, Entry
from services.registry.domain.lot import MAX_INPUTS, Lot
from services.registry.domain.product import Product
from services.registry.inputs import (
    EntryFields,
    FacilityFields,
    GrowingAreaFields,
    LotFields,
    ProductFields,
    Reason,
    Version,
)
from shared.ids import new_id
from shared.web.fields import Input


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


class EditGrowingArea(GrowingAreaFields):
    version: Version


class NewLot(LotFields):
    """`inputs`: ids of published lots, or "facility code/lot code"."""

    inputs: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=100)], ...],
        Field(max_length=MAX_INPUTS),
    ] = ()
    entries: Annotated[list[EntryFields], Field(max_length=MAX_ENTRIES)] | None = None

    def to_domain(self, facility_id: str) -> Lot:
        return self.lot(facility_id, self.inputs, entries(self.entries or []))


class EditLot(NewLot):
    """Without `entries` the diary stays as it is."""

    version: Version


class NewEntry(EntryFields):
    version: Version | None = None


class Step(Input):
    """A step that changes nothing but where the record stands."""

    version: Version


class Decision(Input):
    decision: Literal["accept", "reject", "publish"]
    version: Version
    reason: Annotated[str, Field(max_length=1000)] = ""


class Because(Input):
    reason: Reason


def entries(rows: list[EntryFields]) -> list[Entry]:
    return [row.entry(new_id()) for row in rows]
