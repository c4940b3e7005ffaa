"""What people and programs send: the fields of each kind of record, with their limits."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema

from services.registry.domain import (
    accepted,
    diary,
    growing_area,
    lot,
    product,
    recording,
)
from services.registry.domain.catalogues import Catalogue, rows
from services.registry.domain.chain import MAX_PARTIES, ROLES, Party
from services.registry.domain.diary import Entry, Step
from services.registry.domain.geometry import Boundary
from services.registry.domain.using import Used
from shared.web.fields import Input, Prose, wrong
from shared.web.i18n import N_


def one_of(allowed: Iterable[str], *, empty: bool = False) -> tuple[AfterValidator, WithJsonSchema]:
    """A validator for a text that must be one of a few, and what the API's description says."""
    known = (*allowed, "") if empty else tuple(allowed)

    def check(value: str) -> str:
        if value not in known:
            raise wrong("not_a_choice", N_("Hãy chọn một giá trị trong danh sách."))
        return value

    return AfterValidator(check), WithJsonSchema({"type": "string", "enum": list(known)})


def listed(which: Catalogue, *, empty: bool = False) -> tuple[AfterValidator, WithJsonSchema]:
    """The same for a key of a shared catalogue, which may gain rows while the program runs."""

    def check(value: str) -> str:
        if value not in rows(which) and not (empty and not value):
            raise wrong("not_a_choice", N_("Hãy chọn một giá trị trong danh sách."))
        return value

    about = f"A key of the shared catalogue `{which}`: GET /catalogues/{which}."
    return AfterValidator(check), WithJsonSchema({"type": "string", "description": about})


def _aware(value: datetime) -> datetime:
    """Pages read what is typed as Vietnam's time; a program must say its time zone."""
    if value.tzinfo is None:
        raise wrong("not_a_time", N_("Thời điểm phải kèm múi giờ, ví dụ 2026-11-22T08:30:00Z."))
    return value


Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z-]+$")]
OptionalId = Annotated[str, Field(max_length=64, pattern=r"^[0-9A-Za-z-]*$")]
Moment = Annotated[datetime, AfterValidator(_aware)]
Name = Annotated[str, Field(min_length=2, max_length=200)]
Line = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=4000)]
Short = Annotated[str, Field(max_length=60)]
Version = Annotated[int, Field(ge=1, le=1_000_000_000)]
Reason = Annotated[str, Field(min_length=3, max_length=1000)]
Quantity = Annotated[Decimal, Field(gt=0, max_digits=15, decimal_places=3)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]

_role_check, _role_schema = one_of(ROLES)
Role = Annotated[str, _role_check, _role_schema]
Unit = Annotated[str, *listed(Catalogue.UNITS)]
OptionalUnit = Annotated[str, *listed(Catalogue.UNITS, empty=True)]
_supply_check, _supply_schema = one_of(diary.SUPPLY_KINDS, empty=True)
SupplyKind = Annotated[str, _supply_check, _supply_schema]
_area_check, _area_schema = one_of(growing_area.KINDS)
AreaKind = Annotated[str, _area_check, _area_schema]
Degrees = Annotated[Decimal, Field(ge=-60, le=100, max_digits=5, decimal_places=2)]
Hectares = Annotated[Decimal, Field(gt=0, max_digits=10, decimal_places=4)]
Phone = Annotated[str, Field(max_length=30, pattern=r"^$|^\+?[0-9][0-9 ().-]{7,28}$")]
Email = Annotated[str, Field(max_length=200, pattern=r"^$|^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$")]


class MarketInput(Input):
    """An importing country of the shared catalogue that accepts a code of an area or a plant."""

    country: Annotated[str, *listed(Catalogue.COUNTRIES)]
    number: Short = ""
    until: date | None = None
    requirement: Line = ""

    def to_domain(self) -> accepted.Market:
        return accepted.Market(**dict(self))


class PartyInput(Input):
    """One of a product's chain: a published facility by its code (or id), whose name and address
    are then taken from its record; or, without both, an outsider by name and address."""

    role: Role
    facility_id: OptionalId = ""
    code: Short = ""
    name: Line = ""
    address: Line = ""


class ProductFields(Input):
    """A product. `category` is a key of the catalogue; `images`, `recordings` ids of uploads."""

    facility_id: OptionalId = ""
    name: Name
    name_en: Line = ""
    category: Short
    gtin: Annotated[str, Field(max_length=20)] = ""
    brand: Line = ""
    description: Annotated[Prose, Field(max_length=4000)] = ""
    description_en: Annotated[Prose, Field(max_length=4000)] = ""
    origin: Line = ""
    capacity: Line = ""
    packaging: Line = ""
    net_content: Short = ""
    price: Annotated[int, Field(ge=0, le=10_000_000_000)] | None = None
    shelf_life_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    storage: Line = ""
    storage_from: Degrees | None = None
    storage_to: Degrees | None = None
    ocop_stars: Annotated[int, Field(ge=3, le=5)] | None = None
    key_product: bool = False
    images: Annotated[tuple[Id, ...], Field(max_length=product.MAX_IMAGES)] = ()
    chain: Annotated[tuple[PartyInput, ...], Field(max_length=MAX_PARTIES)] = ()
    recordings: Annotated[tuple[Id, ...], Field(max_length=recording.MAX_OF_PRODUCT)] = ()

    def product(self, standards: Iterable[str], facility_id: str) -> product.Product:
        fields = domain_fields(self, product.Product)
        return product.Product(
            **{
                **fields,
                "facility_id": facility_id,
                "standards": tuple(dict.fromkeys(standards)),
                "images": tuple(dict.fromkeys(self.images)),
                "chain": tuple(Party(**dict(one)) for one in self.chain),
                "recordings": tuple(dict.fromkeys(self.recordings)),
            }
        )


class HouseholdInput(Input):
    """A household of an area (hộ tham gia). Its name is kept private."""

    name: Name
    area_hectares: Hectares | None = None


class SeasonInput(Input):
    name: Annotated[str, Field(min_length=2, max_length=60)]
    starts_on: date
    ends_on: date


class GrowingAreaFields(Input):
    """A growing or farming area. `code` only where an authority gave one (VN-DTOR-0017)."""

    facility_id: OptionalId = ""
    name: Name
    crop: Name
    commune: Annotated[str, Field(pattern=r"^[0-9]{5}$")]
    code: Annotated[str, Field(max_length=30)] = ""
    kind: AreaKind = "growing"
    species: Short = ""
    area_hectares: Hectares | None = None
    households: Annotated[int, Field(ge=1, le=100_000)] | None = None
    members: Annotated[
        tuple[HouseholdInput, ...], Field(max_length=growing_area.MAX_HOUSEHOLDS)
    ] = ()
    seasons: Annotated[tuple[SeasonInput, ...], Field(max_length=growing_area.MAX_SEASONS)] = ()
    markets: Annotated[tuple[MarketInput, ...], Field(max_length=accepted.MAX_MARKETS)] = ()

    def area(self, facility_id: str, boundary: Boundary = ()) -> growing_area.GrowingArea:
        return growing_area.GrowingArea(
            **{
                **domain_fields(self, growing_area.GrowingArea),
                "facility_id": facility_id,
                "members": tuple(growing_area.Household(**dict(one)) for one in self.members),
                "seasons": tuple(growing_area.Season(**dict(one)) for one in self.seasons),
                "markets": tuple(one.to_domain() for one in self.markets),
                "boundary": boundary,
            }
        )


class EntryFields(Input):
    """One diary entry; `diary.FIELDS` says which fields belong to which step.

    `at` with its time zone; `id` by the client, so that sending twice enters once. `supply_lot` is
    the id of a lot of the supply, or "facility code/lot code"; `photos` and `labels` (of the
    label of what was used) are ids of pictures.
    """

    id: OptionalId = ""
    step: Step
    at: Moment
    place: Annotated[str, Field(min_length=2, max_length=200)]
    place_code: Annotated[str, Field(max_length=30, pattern=r"^[0-9A-Za-z.-]*$")] = ""
    note: Annotated[Prose, Field(max_length=1000)] = ""
    kind: SupplyKind = ""
    name: Line = ""
    active_substance: Line = ""
    dose: Line = ""
    withdrawal_days: Annotated[int, Field(ge=0, le=3650)] | None = None
    material: Line = ""
    source: Line = ""
    destination: Line = ""
    vehicle: Line = ""
    method: Line = ""
    quantity: Quantity | None = None
    unit: OptionalUnit = ""
    supply: Short = ""
    label_confirmed: bool = False
    variant: Short = ""
    supply_lot: Line = ""
    lot_number: Annotated[str, Field(max_length=60)] = ""
    photos: Annotated[tuple[Id, ...], Field(max_length=diary.MAX_PHOTOS)] = ()
    labels: Annotated[tuple[Id, ...], Field(max_length=diary.MAX_LABELS)] = ()

    def entry(self, entry_id: str) -> Entry:
        """`entry_id` is used where the client gave none."""
        return Entry(**{**domain_fields(self, Entry), "id": self.id or entry_id})


class UsedFields(Input):
    """So much of an input lot: its id, the code of one's own, or "facility code/lot code".

    Without a unit the quantity is in that lot's own.
    """

    lot: Annotated[str, Field(min_length=1, max_length=100)]
    quantity: Quantity
    unit: OptionalUnit = ""

    def to_domain(self) -> Used:
        return Used(self.lot, self.quantity, self.unit)


class LotFields(Input):
    """A lot (lô sản phẩm). Without `expires_on` it follows from the product's shelf life."""

    facility_id: OptionalId = ""
    product_id: Id
    code: Annotated[str, Field(min_length=1, max_length=40)]
    quantity: Quantity
    unit: Unit
    produced_on: date
    expires_on: date | None = None
    growing_area_id: OptionalId = ""

    def lot(
        self,
        facility_id: str,
        inputs: Iterable[str],
        entries: Iterable[Entry] = (),
        used: Iterable[Used] = (),
    ) -> lot.Lot:
        fields = domain_fields(self, lot.Lot)
        return lot.Lot(
            **{
                **fields,
                "facility_id": facility_id,
                "inputs": tuple(inputs),
                "entries": tuple(entries),
                "used": tuple(used),
            }
        )


def domain_fields(source: Input, target: type[Any]) -> dict[str, Any]:
    """The fields that both have."""
    return {name: value for name, value in dict(source).items() if name in target.__slots__}
