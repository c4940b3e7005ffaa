"""Passports of facilities and growing areas, and whether a facility works."""

from datetime import date
from decimal import Decimal

from shared.contracts.event import Event, Fact


class Certificate(Fact):
    """A certificate of a facility: `kind` such as attp, vietgap, haccp, iso22000, commitment.

    `expires_on` is the last day on which it holds; `food_safety` whether it is the food-safety
    paper of this facility (Decree 15/2018, Art. 12; a commitment for the class that signs one);
    `scan` an address below /media/documents/ where its scan was approved for publication, else "";
    `title` what one of the kind `other` is called, `scope` what it was given for. `holds_until` is
    the last day on which it holds, also where its end was never written down though it must have
    one (`end_missing`): then as the law says (Law 55/2010/QH12, Art. 37). Both None, it has no end.
    """

    kind: str
    number: str
    issuer: str
    issued_on: date
    expires_on: date | None = None
    food_safety: bool = False
    scan: str = ""
    title: str = ""
    scope: str = ""
    holds_until: date | None = None
    end_missing: bool = False


class AcceptedMarket(Fact):
    """An importing country (ISO 3166) that accepts the code of an area, a packing house or a plant:
    its own number, until when."""

    country: str
    number: str = ""
    until: date | None = None


class FacilityPublished(Event):
    """A facility (cơ sở) as approved. `subject` is its id; `status` is active or stopped.

    `code` is its identification code (R12); `commune` the five-digit commune code of its address;
    `sector` the competent authority (agriculture, health, industry_trade). `chain` is the name of
    its safe food chain; `marks` ocop, key_product, processed; `codes` of its packing houses, plants
    and areas as authorities gave them (R25); `markets` accept the first of them.
    """

    type = "registry.facility_published.v1"

    code: str
    name: str
    name_en: str = ""
    tax_number: str = ""
    address: str
    commune: str
    commune_name: str
    sector: str
    kinds: tuple[str, ...]
    facility_class: str
    representative: str = ""
    phone: str = ""
    gln: str = ""
    certificates: tuple[Certificate, ...] = ()
    status: str = "active"
    latitude: float | None = None
    longitude: float | None = None
    safe_chain: bool = False
    chain: str = ""
    marks: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    markets: tuple[AcceptedMarket, ...] = ()


class FacilityStopped(Event):
    """A facility stopped operating (R7): its accounts and stamps are suspended with it."""

    type = "registry.facility_stopped.v1"

    reason: str


class FacilityResumed(Event):
    type = "registry.facility_resumed.v1"

    reason: str = ""


class AreaSeason(Fact):
    """A season (vụ) of a growing area: the days that bound its work."""

    name: str
    starts_on: date
    ends_on: date


class GrowingAreaPublished(Event):
    """A growing or farming area (vùng trồng, vùng nuôi). `code` such as VN-DTOR-0017 (R25).

    `kind` is growing, farming or fishing; `measured_hectares` follows from the drawn boundary.
    `season_kilograms` is the most that the area bears in a season, as the catalogue of crops has it
    for this many hectares; None where species or size are not known.
    """

    type = "registry.growing_area_published.v1"

    facility_id: str
    code: str
    name: str
    crop: str
    commune: str
    commune_name: str
    area_hectares: Decimal | None = None
    households: int | None = None
    kind: str = "growing"
    measured_hectares: Decimal | None = None
    markets: tuple[AcceptedMarket, ...] = ()
    season_kilograms: Decimal | None = None
    seasons: tuple[AreaSeason, ...] = ()
