"""What people and programs send of goods that they keep."""

from typing import Annotated

from pydantic import Field

from services.registry.actions.keeping import Wanted
from services.registry.domain.diary import MAX_PHOTOS
from services.registry.domain.keeping import Work
from services.registry.fields.shipments import Place
from services.registry.inputs import Degrees, Id, Moment, OptionalId, OptionalUnit, Quantity
from shared.web.fields import Input, Prose


class KeepingFields(Input):
    """`work`: storing, sorting, displaying or examining; without a quantity it is all of the lot.

    `lot`: its id, the code of one's own lot, or "facility code/lot code"; `photos` ids of pictures.
    """

    facility_id: OptionalId = ""
    lot: Annotated[str, Field(min_length=1, max_length=100)]
    work: Work
    at: Moment
    place: Place
    quantity: Quantity | None = None
    unit: OptionalUnit = ""
    temperature: Degrees | None = None
    note: Annotated[Prose, Field(max_length=1000)] = ""
    photos: Annotated[tuple[Id, ...], Field(max_length=MAX_PHOTOS)] = ()

    def wanted(self, facility_id: str) -> Wanted:
        fields = {k: v for k, v in dict(self).items() if k in Wanted.__slots__}
        return Wanted(**{**fields, "facility_id": facility_id})
