"""Rows of the files about units, people, facilities, products and areas, named as the columns."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from deploy.demo.fields import (
    AreaCode,
    CommuneCode,
    DaysAgo,
    Email,
    Gln,
    Gtin,
    HsCode,
    Key,
    Latitude,
    Line,
    Longitude,
    Parts,
    Phone,
    PlantCode,
    TaxNumber,
    Text,
    Username,
)
from shared.gs1 import gtin14

Tier = Literal["ministry", "province", "department", "unit", "commune", "facility"]
Sector = Literal["agriculture", "health", "industry_trade"]
AccountKind = Literal["system", "approve", "check", "operate", "produce", "report"]
FacilityKind = Literal[
    "grower",
    "livestock",
    "aquaculture",
    "catch",
    "slaughter",
    "pre_processing",
    "processing",
    "packing",
    "storage",
    "transport",
    "shop",
    "supermarket",
    "market",
]
CertificateKind = Literal[
    "attp", "commitment", "vietgap", "globalgap", "gmp", "haccp", "iso22000", "tccs", "ocop"
]


class Record(BaseModel):
    """One row; empty cells were left out before, so a missing value is an error or a default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _yes(value: Any) -> Any:
    return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


Yes = Annotated[bool, BeforeValidator(_yes)]


class OrgUnit(Record):
    """An authority. `communes` are the codes it answers for, ("*",) the whole province."""

    key: Key
    tier: Tier
    parent: Key | None = None
    sector: Sector | Literal["*"]
    name: Line
    name_en: Line
    communes: tuple[str, ...] = ("*",)


class Commune(Record):
    """A commune, ward or special zone: a point inside it and the frame around its land."""

    code: CommuneCode
    name: Line
    lon: Longitude
    lat: Latitude
    west: Longitude
    south: Latitude
    east: Longitude
    north: Latitude
    former_units: Text


class Account(Record):
    """`unit` is a unit's key, a commune's code or a facility's key, as `tier` says.

    `duty` is "recall" for the officers who order and lift recalls.
    """

    username: Username
    tier: Tier
    unit: Annotated[str, Field(min_length=2)]
    kinds: Annotated[Parts, Field(min_length=1)]
    duty: Literal["recall"] | None = None
    full_name: Line
    position: Line
    phone: Phone
    email: Email
    assignment_number: Line | None = None
    assignment_days_ago: DaysAgo | None = None
    today: date = Field(exclude=True)

    @property
    def assignment_date(self) -> date | None:
        """Of the written assignment of an official (R6); facilities need none."""
        if self.assignment_days_ago is None:
            return None
        return self.today - timedelta(days=self.assignment_days_ago)


class Facility(Record):
    """A fictional facility. `form` is its legal form, `kinds` what it does (R14)."""

    key: Key
    name: Line
    name_en: Line
    form: Literal[
        "enterprise",
        "cooperative",
        "cooperative_group",
        "household_business",
        "farmer_household",
        "shop",
    ]
    facility_class: Literal["certificate", "commitment"]
    sector: Sector
    kinds: Annotated[Parts, Field(min_length=1)]
    commune: CommuneCode
    address: Line
    latitude: Latitude
    longitude: Longitude
    representative: Line
    phone: Phone
    tax_number: TaxNumber | None = None
    registration_number: Line | None = None
    registration_date: date | None = None
    gln: Gln
    plant_code: PlantCode | None = None
    safe_chain: Yes
    description: Text
    description_en: Text


class Certificate(Record):
    """A facility's certificate, or with `product` one of that product. 0 months: no end."""

    facility: Key
    kind: CertificateKind
    number_pattern: Annotated[str, Field(alias="number", min_length=2, max_length=100)]
    issuer: Line
    scope: Text
    issued_days_ago: DaysAgo
    valid_months: Annotated[int, Field(ge=0, le=60)]
    product: Key | None = None
    today: date = Field(exclude=True)

    @property
    def number(self) -> str:
        return self.number_pattern.format(year=self.issued_on.year)

    @property
    def issued_on(self) -> date:
        return self.today - timedelta(days=self.issued_days_ago)

    @property
    def expires_on(self) -> date | None:
        """The last day of validity."""
        if self.valid_months == 0:
            return None
        years, month = divmod(self.issued_on.month - 1 + self.valid_months, 12)
        year = self.issued_on.year + years
        day = min(self.issued_on.day, monthrange(year, month + 1)[1])
        return date(year, month + 1, day)


class Product(Record):
    """`producer` and, where they are others, `processor`, `packer`, `distributor` (R15)."""

    key: Key
    producer: Key
    name: Line
    name_en: Line
    category: Key
    brand: Line | None = None
    gtin: Gtin | None = None
    packaging: Line
    net_content: Line
    shelf_life_days: Annotated[int, Field(ge=1, le=3650)]
    storage: Line
    storage_from: Decimal | None = None
    storage_to: Decimal | None = None
    standards: Annotated[Parts, Field(min_length=1)]
    price: Annotated[int, Field(gt=0)] | None = None
    ocop_stars: Annotated[int, Field(ge=3, le=5)] | None = None
    key_product: Yes
    hs_code: HsCode | None = None
    origin: Line
    capacity: Line
    processor: Key | None = None
    packer: Key | None = None
    distributor: Key | None = None
    description: Text
    description_en: Text

    @property
    def gtin14(self) -> str | None:
        return gtin14(self.gtin) if self.gtin else None

    @property
    def others(self) -> list[tuple[str, Key]]:
        """Who has a part in it beside its producer, by role."""
        named = (
            ("processor", self.processor),
            ("packer", self.packer),
            ("distributor", self.distributor),
        )
        return [(role, key) for role, key in named if key]


class GrowingArea(Record):
    """A growing or farming area or fishing ground. `ring`: (longitude, latitude), closed."""

    code: AreaCode
    name: Line
    name_en: Line
    facility: Key
    kind: Literal["growing", "farming", "fishing"]
    crop: Line
    crop_en: Line
    commune: CommuneCode
    area_ha: Annotated[float, Field(gt=0)]
    households: Annotated[int, Field(ge=1)]
    ring: Annotated[tuple[tuple[Longitude, Latitude], ...], Field(min_length=4)]
