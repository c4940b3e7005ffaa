"""A growing or farming area (vùng trồng, vùng nuôi; R21, R22, R25)."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from services.registry.domain.accepted import Market, check_each_once
from services.registry.domain.codes import checked_area_code
from services.registry.domain.communes import commune_of_today, communes
from services.registry.domain.facility import CommuneUnknown
from services.registry.domain.geometry import Boundary, hectares
from shared.errors import Kind, Refusal

KINDS: Final = ("growing", "farming", "fishing")
MAX_HOUSEHOLDS: Final = 500
MAX_SEASONS: Final = 30


class AreaCodeTaken(Refusal):
    code = "area_code_taken"
    message = (
        "Mã số {area_code} đã thuộc về một vùng khác đang đăng. "
        "Mã số vùng trồng không được dùng chung; hãy kiểm tra lại văn bản cấp mã."
    )


class GrowingAreaUnusable(Refusal):
    code = "growing_area_unusable"
    message = "Vùng trồng, vùng nuôi này không thuộc cơ sở hoặc chưa được duyệt đăng."


class SeasonDates(Refusal):
    code = "season_dates_wrong"
    kind = Kind.INVALID
    message = "Vụ {name}: ngày kết thúc phải sau ngày bắt đầu. Hãy xem lại hai ngày này."


class HouseholdsLarger(Refusal):
    code = "households_larger_than_area"
    kind = Kind.INVALID
    message = (
        "Các hộ cộng lại {total} ha, nhiều hơn diện tích của vùng ({area} ha). "
        "Hãy xem lại diện tích từng hộ hoặc diện tích của vùng."
    )


@dataclass(frozen=True, slots=True)
class Household:
    """One household of the chain (R22). Its name is personal data: it is never published."""

    name: str
    area_hectares: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Season:
    """`starts_on` and `ends_on` bound the work of a season (vụ); a perennial crop's is a year."""

    name: str
    starts_on: date
    ends_on: date

    def holds(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True, slots=True)
class GrowingArea:
    """`code` is official where one was given, else empty: then the record's own code counts.

    `crop` is in words; `species` its key in the catalogue of crops, by which yields and withdrawal
    intervals are known. `area_hectares` is as declared, `measured_hectares` follows from the
    `boundary`.
    `members` are the households by name; `households` their number.
    """

    facility_id: str
    name: str
    crop: str
    commune: str
    code: str = ""
    kind: str = "growing"
    species: str = ""
    area_hectares: Decimal | None = None
    measured_hectares: Decimal | None = None
    households: int | None = None
    members: tuple[Household, ...] = ()
    seasons: tuple[Season, ...] = ()
    markets: tuple[Market, ...] = ()
    boundary: Boundary = ()

    def of(self, facility_id: str) -> "GrowingArea":
        """The same, of this facility: a record never changes hands."""
        return replace(self, facility_id=facility_id)

    def checked(self) -> "GrowingArea":
        """In canonical form, with the area measured and the households counted."""
        if self.commune not in communes():
            raise CommuneUnknown("commune", commune=self.commune)
        for index, season in enumerate(self.seasons):
            if season.ends_on <= season.starts_on:
                raise SeasonDates(f"seasons.{index}.ends_on", name=season.name)
        check_each_once(self.markets)
        measured = hectares(self.boundary) if self.boundary else None
        self._check_members(measured)
        return replace(
            self,
            commune=commune_of_today(self.commune),
            code=checked_area_code(self.code) if self.code else "",
            measured_hectares=measured,
            households=len(self.members) or self.households,
            seasons=tuple(sorted(self.seasons, key=lambda one: one.starts_on)),
        )

    @property
    def hectares(self) -> Decimal | None:
        """What yields are judged by: the measured area, else the declared one."""
        return self.measured_hectares or self.area_hectares

    def season_of(self, day: date) -> Season | None:
        return next((one for one in reversed(self.seasons) if one.holds(day)), None)

    def _check_members(self, measured: Decimal | None) -> None:
        total = sum((one.area_hectares or Decimal() for one in self.members), Decimal())
        area = max((one for one in (self.area_hectares, measured) if one is not None), default=None)
        # Households round theirs up; a twentieth is no contradiction yet.
        if area is not None and total > area * Decimal("1.05"):
            raise HouseholdsLarger("members.0.area_hectares", total=total, area=area)
