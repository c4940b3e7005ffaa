"""The fields of a known facility, as forms and programs send them."""

from typing import Annotated

from pydantic import Field

from services.registry.domain.known import Particulars
from services.registry.inputs import (
    FacilityClass,
    FacilityKind,
    Line,
    Name,
    Phone,
    Sector,
)
from shared.web.fields import Input


class KnownFields(Input):
    """A facility that is known of; `source` says from where."""

    name: Name
    address: Name
    commune: Annotated[str, Field(pattern=r"^[0-9]{5}$")]
    sector: Sector
    facility_class: FacilityClass
    kinds: Annotated[list[FacilityKind], Field(min_length=1, max_length=20)]
    tax_number: Annotated[str, Field(max_length=20)] = ""
    representative: Line = ""
    phone: Phone = ""
    source: Line = ""

    def to_domain(self) -> Particulars:
        told = {name: getattr(self, name) for name in Particulars.__slots__}
        return Particulars(**{**told, "kinds": tuple(self.kinds)})
