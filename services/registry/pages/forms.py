"""The models of registry's forms: the shared fields, with what only a page needs."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import UploadFile
from pydantic import Field

from services.registry.domain.diary import MAX_LABELS, MAX_PHOTOS
from services.registry.domain.facility import Facility
from services.registry.domain.geometry import MAX_GEOJSON_BYTES
from services.registry.domain.lot import MAX_INPUTS, Lot
from services.registry.domain.product import MAX_IMAGES, Product
from services.registry.facility_inputs import FacilityFields
from services.registry.inputs import (
    EntryFields,
    GrowingAreaFields,
    LotFields,
    Name,
    OptionalId,
    ProductFields,
    SupplyKind,
    UsedFields,
    Version,
)
from shared.handover import LONGEST
from shared.pictures.limits import MAX_BYTES, PICTURES
from shared.web.fields import Input, Prose, upload
from shared.web.forms import Form

# The version a form was made from; 0 for what does not exist yet.
Seen = Annotated[int, Field(ge=0, le=1_000_000_000)]
Photo = Annotated[UploadFile, upload(max_bytes=MAX_BYTES, kinds=PICTURES)]


# How many rows a form is to be shown with; sent by a button that does nothing else.
MoreRows = Annotated[str, Field(max_length=3, pattern=r"^[0-9]*$")]


def more_rows(form: Form[Any]) -> int:
    """How many rows the form was asked for, 0 where it was sent to be done."""
    asked = form.text("more")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= 3 else 0


class FacilityForm(FacilityFields):
    """`more_codes` one a line; `handover` is what an application for an account handed over."""

    more_codes: Annotated[Prose, Field(max_length=4000)] = ""  # type: ignore[assignment]
    version: Seen = 0
    key: OptionalId = ""
    handover: Annotated[str, Field(max_length=LONGEST)] = ""

    def to_domain(self) -> Facility:
        return replace(super().to_domain(), more_codes=tuple(lines(self.more_codes)))


class ProductForm(ProductFields):
    """`standards` one a line; `photos` are uploaded and added to the chosen images; `main` is the
    one of them that is shown first."""

    standards: Annotated[Prose, Field(max_length=4000)] = ""
    photos: Annotated[tuple[Photo, ...], Field(max_length=MAX_IMAGES)] = ()
    main: OptionalId = ""
    version: Seen = 0
    key: OptionalId = ""

    def to_domain(self, facility_id: str) -> Product:
        made = self.product(lines(self.standards), facility_id)
        if self.main not in made.images:
            return made
        rest = tuple(one for one in made.images if one != self.main)
        return replace(made, images=(self.main, *rest))


class GrowingAreaForm(GrowingAreaFields):
    """`points`: a corner a line; a GeoJSON file takes their place."""

    points: Annotated[Prose, Field(max_length=80_000)] = ""
    geojson: Annotated[UploadFile, upload(max_bytes=MAX_GEOJSON_BYTES)] | None = None
    more: MoreRows = ""
    version: Seen = 0
    key: OptionalId = ""


class LotForm(LotFields):
    """`used`: a row an input lot; `inputs`: those without a quantity, one a line."""

    used: Annotated[tuple[UsedFields, ...], Field(max_length=MAX_INPUTS)] = ()
    inputs: Annotated[Prose, Field(max_length=100 * MAX_INPUTS)] = ""
    explanation: Annotated[Prose, Field(max_length=1000)] = ""
    version: Seen = 0
    key: OptionalId = ""

    def to_domain(self, facility_id: str) -> Lot:
        used = [one.to_domain() for one in self.used]
        return self.lot(facility_id, lines(self.inputs), used=used)


class EntryForm(EntryFields):
    """`version` is set where an entry that is there already is changed; `photos` those it keeps."""

    version: Seen = 0
    taken_photos: Annotated[tuple[Photo, ...], Field(max_length=MAX_PHOTOS)] = ()
    chosen_photos: Annotated[tuple[Photo, ...], Field(max_length=MAX_PHOTOS)] = ()


class SupplyForm(EntryForm):
    """What was used on plants or animals must be named; `labels` are the photos it keeps."""

    kind: Annotated[SupplyKind, Field(min_length=1)]
    name: Name
    taken_labels: Annotated[tuple[Photo, ...], Field(max_length=MAX_LABELS)] = ()
    chosen_labels: Annotated[tuple[Photo, ...], Field(max_length=MAX_LABELS)] = ()


class StepForm(Input):
    version: Version


class SubmitForm(StepForm):
    """`explanation`: why a lot that breaks a withdrawal interval is sent in all the same."""

    explanation: Annotated[Prose, Field(max_length=1000)] = ""


class AcceptForm(StepForm):
    """`override`: why a lot is published though a truth check blocks it."""

    override: Annotated[Prose, Field(max_length=1000)] = ""


class ReasonForm(Input):
    """A decision that needs a reason; `version` where it is about a draft."""

    version: Seen = 0
    reason: Annotated[Prose, Field(min_length=3, max_length=1000)]


class RecordForm(ReasonForm):
    """What the page of a record may hold again after a refusal."""

    explanation: Annotated[Prose, Field(max_length=1000)] = ""
    override: Annotated[Prose, Field(max_length=1000)] = ""


def lines(text: str) -> list[str]:
    """The lines of a text area that hold anything, without doubles."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
