"""The fields of a known facility, as forms and programs send them."""

from datetime import date
from typing import Annotated

from pydantic import Field

from services.registry.domain import facility
from services.registry.domain.known import Particulars
from services.registry.facility_inputs import (
    CertificateInput,
    FacilityClass,
    FacilityKind,
    FacilityMark,
    Sector,
)
from services.registry.inputs import Email, Line, Name, Phone, Short
from shared.web.fields import Input


class KnownFields(Input):
    """A facility that is known of; `source` says from where, the rest is as in its record."""

    name: Name
    address: Name
    commune: Annotated[str, Field(pattern=r"^[0-9]{5}$")]
    sector: Sector
    facility_class: FacilityClass
    kinds: Annotated[list[FacilityKind], Field(min_length=1, max_length=20)]
    marks: Annotated[tuple[FacilityMark, ...], Field(max_length=10)] = ()
    tax_number: Annotated[str, Field(max_length=20)] = ""
    registration_number: Short = ""
    registration_date: date | None = None
    representative: Line = ""
    phone: Phone = ""
    email: Email = ""
    certificates: Annotated[
        tuple[CertificateInput, ...], Field(max_length=facility.MAX_CERTIFICATES)
    ] = ()
    source: Line = ""

    def to_domain(self) -> Particulars:
        told = {name: getattr(self, name) for name in Particulars.__slots__}
        papers = tuple(one.to_domain() for one in self.certificates)
        return Particulars(**{**told, "kinds": tuple(self.kinds), "certificates": papers})
