"""The fields of a facility and of its papers, as forms, files and programs send them."""

from datetime import date
from typing import Annotated

from pydantic import Field

from services.registry.domain import accepted, certificates, facility
from services.registry.inputs import (
    Email,
    Latitude,
    Line,
    Longitude,
    MarketInput,
    Name,
    OptionalId,
    Phone,
    Short,
    domain_fields,
    one_of,
)
from shared.web.fields import Input, Prose

_kind_check, _kind_schema = one_of(facility.KINDS)
FacilityKind = Annotated[str, _kind_check, _kind_schema]
_sector_check, _sector_schema = one_of(facility.SECTORS)
Sector = Annotated[str, _sector_check, _sector_schema]
_class_check, _class_schema = one_of(facility.CLASSES)
FacilityClass = Annotated[str, _class_check, _class_schema]
_mark_check, _mark_schema = one_of(facility.MARKS)
FacilityMark = Annotated[str, _mark_check, _mark_schema]
_form_check, _form_schema = one_of(facility.FORMS, empty=True)
Form = Annotated[str, _form_check, _form_schema]
_certificate_check, _certificate_schema = one_of(certificates.CERTIFICATE_KINDS)
CertificateKind = Annotated[str, _certificate_check, _certificate_schema]


class CertificateInput(Input):
    """`title` names a paper of the kind `other`, `scope` what a paper was given for.

    `scan` is the id of an uploaded document; left out, the certificate keeps the scan it has.
    """

    kind: CertificateKind
    number: Annotated[str, Field(min_length=1, max_length=100)]
    issuer: Name
    issued_on: date
    expires_on: date | None = None
    scan: OptionalId = ""
    publish_scan: bool = False
    title: Line = ""
    scope: Line = ""

    def to_domain(self) -> certificates.Certificate:
        return certificates.Certificate(**dict(self))


class FacilityFields(Input):
    """A facility (cơ sở); `commune` is the five-digit code of a commune of the province."""

    name: Name
    name_en: Line = ""
    form: Form = ""
    facility_class: FacilityClass
    sector: Sector
    kinds: Annotated[list[FacilityKind], Field(min_length=1, max_length=20)]
    commune: Annotated[str, Field(pattern=r"^[0-9]{5}$")]
    address: Name
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    representative: Line = ""
    phone: Phone = ""
    email: Email = ""
    tax_number: Annotated[str, Field(max_length=20)] = ""
    registration_number: Short = ""
    registration_date: date | None = None
    gln: Annotated[str, Field(max_length=20)] = ""
    plant_code: Annotated[str, Field(max_length=30)] = ""
    more_codes: Annotated[
        tuple[Annotated[str, Field(max_length=30)], ...], Field(max_length=facility.MAX_CODES)
    ] = ()
    safe_chain: bool = False
    chain: Line = ""
    marks: Annotated[tuple[FacilityMark, ...], Field(max_length=10)] = ()
    description: Annotated[Prose, Field(max_length=4000)] = ""
    description_en: Annotated[Prose, Field(max_length=4000)] = ""
    certificates: Annotated[
        tuple[CertificateInput, ...], Field(max_length=facility.MAX_CERTIFICATES)
    ] = ()
    markets: Annotated[tuple[MarketInput, ...], Field(max_length=accepted.MAX_MARKETS)] = ()

    def to_domain(self) -> facility.Facility:
        fields = domain_fields(self, facility.Facility)
        certificates = tuple(c.to_domain() for c in self.certificates)
        return facility.Facility(
            **{
                **fields,
                "kinds": tuple(self.kinds),
                "marks": self.marks,
                "certificates": certificates,
                "markets": tuple(one.to_domain() for one in self.markets),
            }
        )
