"""A facility (cơ sở): what is recorded of it and which of that must be right (R11–R14)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from services.registry.domain.accepted import Market, check_each_once
from services.registry.domain.certificates import Certificate, serves_food_safety
from services.registry.domain.codes import checked_area_code, checked_gln, compact
from services.registry.domain.communes import commune_of_today, communes
from services.registry.domain.geometry import LATITUDES, LONGITUDES
from services.registry.domain.records import Owner, Record, Status
from shared import facilities
from shared.auth import Scope
from shared.errors import Kind, Refusal
from shared.tax_number import checked_tax_number

KINDS: Final = tuple(facilities.KINDS)
SECTORS: Final = tuple(facilities.SECTORS)
CLASSES: Final = tuple(facilities.CLASSES)
FORMS: Final = tuple(facilities.FORMS)
MARKS: Final = tuple(facilities.MARKS)
MAX_CERTIFICATES = 30
MAX_CODES: Final = 20


class CommuneUnknown(Refusal):
    code = "commune_unknown"
    kind = Kind.INVALID
    message = (
        "Không có xã, phường, đặc khu nào của tỉnh mang mã {commune}. Hãy chọn trong danh sách."
    )


class LocationOutside(Refusal):
    code = "location_outside"
    kind = Kind.INVALID
    message = "Tọa độ nằm ngoài tỉnh. Hãy kiểm tra vĩ độ, kinh độ và thứ tự của chúng."


class RegistrationAhead(Refusal):
    code = "registration_ahead"
    kind = Kind.INVALID
    message = "Ngày đăng ký kinh doanh chưa tới. Hãy ghi ngày cấp trên giấy đăng ký kinh doanh."


class CodesTooMany(Refusal):
    code = "codes_too_many"
    kind = Kind.INVALID
    message = "Hãy ghi tối đa {limit} mã khác của cơ sở."


class PlantCodeMissing(Refusal):
    code = "plant_code_missing"
    kind = Kind.INVALID
    message = (
        "Hãy ghi mã cơ sở đóng gói, nhà máy mà nước nhập khẩu đã chấp nhận, hoặc bỏ các dòng nước "
        "nhập khẩu."
    )


@dataclass(frozen=True, slots=True)
class Facility:
    """`registration_number` and `registration_date` are those of the business registration.

    `form` is the legal form, `plant_code` the official code of a packing house or plant and
    `more_codes` further ones of packing houses, plants, growing or farming areas (R25); `markets`
    are the importing countries that accept the main one, each until when.
    `safe_chain` whether it belongs to a certified safe food chain, `chain` that chain's name;
    `marks` some of MARKS (R14).
    """

    name: str
    address: str
    commune: str
    sector: str
    kinds: tuple[str, ...]
    facility_class: str
    name_en: str = ""
    form: str = ""
    tax_number: str = ""
    registration_number: str = ""
    registration_date: date | None = None
    representative: str = ""
    phone: str = ""
    email: str = ""
    gln: str = ""
    plant_code: str = ""
    safe_chain: bool = False
    description: str = ""
    description_en: str = ""
    certificates: tuple[Certificate, ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    chain: str = ""
    marks: tuple[str, ...] = ()
    more_codes: tuple[str, ...] = ()
    markets: tuple[Market, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """All its official codes, the main one first."""
        return tuple(code for code in (self.plant_code, *self.more_codes) if code)

    @property
    def in_chain(self) -> bool:
        """Whether it belongs to a safe food chain; whoever names one says so."""
        return self.safe_chain or bool(self.chain)

    def checked(self, today: date) -> "Facility":
        """The same with codes in their canonical spelling, in a commune of today; raises what is
        wrong with it."""
        if self.commune not in communes():
            raise CommuneUnknown("commune", commune=self.commune)
        if self.registration_date is not None and self.registration_date > today:
            raise RegistrationAhead("registration_date")
        _check_location(self.latitude, self.longitude)
        if self.markets and not self.plant_code:
            raise PlantCodeMissing("plant_code")
        check_each_once(self.markets)
        for index, certificate in enumerate(self.certificates):
            certificate.check(index, today)
        return replace(
            self,
            commune=commune_of_today(self.commune),
            kinds=tuple(kind for kind in KINDS if kind in self.kinds),
            tax_number=checked_tax_number(self.tax_number) if self.tax_number else "",
            gln=checked_gln(self.gln) if self.gln else "",
            plant_code=checked_area_code(self.plant_code, "plant_code") if self.plant_code else "",
            marks=tuple(mark for mark in MARKS if mark in self.marks),
            more_codes=_each_once(self.more_codes, besides=self.plant_code),
        )

    def has_food_safety_paper(self, today: date) -> bool:
        """Whether a valid certificate, or commitment for its class, is on record (R13, R14)."""
        return any(
            serves_food_safety(c.kind, self.facility_class) and c.valid_on(today)
            for c in self.certificates
        )

    def with_scans_of(self, before: "Facility") -> "Facility":
        """A certificate keeps the scan it had where the new content names none for it."""
        known = {(c.kind, c.number): c for c in before.certificates if c.scan}

        def kept(one: Certificate) -> Certificate:
            old = known.get((one.kind, one.number))
            if old is None or one.scan:
                return one
            return replace(one, scan=old.scan, publish_scan=old.publish_scan)

        return replace(self, certificates=tuple(map(kept, self.certificates)))


def owned(record: Record[Facility]) -> Record[Facility]:
    """The facility's record with itself as owner: as published, or as drafted before that."""
    it = record.published or record.content
    owner = Owner(
        facility_id=record.id,
        name=it.name,
        code=record.code,
        commune=it.commune,
        sector=it.sector,
        active=record.status is Status.ACTIVE,
    )
    return replace(record, owner=owner)


def scopes(record: Record[Facility]) -> tuple[Scope, ...]:
    """Where it lies and where its draft would move it: who decides must answer for both."""
    it = record.content
    return record.owner.scope(), Scope(record.id, it.commune, it.sector)


def _each_once(codes: Iterable[str], *, besides: str) -> tuple[str, ...]:
    """Official codes in canonical spelling, each once however it is spelled."""
    found: dict[str, str] = {}
    for code in codes:
        found.setdefault(compact(code), checked_area_code(code, "more_codes"))
    found.pop(compact(besides), None)
    if len(found) > MAX_CODES:
        raise CodesTooMany("more_codes", limit=MAX_CODES)
    return tuple(found.values())


def _check_location(latitude: float | None, longitude: float | None) -> None:
    if latitude is None and longitude is None:
        return
    if latitude is None or longitude is None:
        raise LocationOutside("latitude" if latitude is None else "longitude")
    if not LATITUDES[0] <= latitude <= LATITUDES[1]:
        raise LocationOutside("latitude")
    if not LONGITUDES[0] <= longitude <= LONGITUDES[1]:
        raise LocationOutside("longitude")
