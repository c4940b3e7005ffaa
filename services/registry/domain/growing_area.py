"""A growing or farming area (vùng trồng, vùng nuôi; R21, R25)."""

from dataclasses import dataclass, replace
from decimal import Decimal

from services.registry.domain.codes import checked_area_code
from services.registry.domain.communes import communes
from services.registry.domain.facility import CommuneUnknown
from shared.errors import Refusal


class AreaCodeTaken(Refusal):
    code = "area_code_taken"
    message = (
        "Mã số {area_code} đã thuộc về một vùng khác đang đăng. "
        "Mã số vùng trồng không được dùng chung; hãy kiểm tra lại văn bản cấp mã."
    )


class GrowingAreaUnusable(Refusal):
    code = "growing_area_unusable"
    message = "Vùng trồng, vùng nuôi này không thuộc cơ sở hoặc chưa được duyệt đăng."


@dataclass(frozen=True, slots=True)
class GrowingArea:
    """`code` is official where one was given, else empty: then the record's own code counts."""

    facility_id: str
    name: str
    crop: str
    commune: str
    code: str = ""
    area_hectares: Decimal | None = None
    households: int | None = None

    def of(self, facility_id: str) -> "GrowingArea":
        """The same, of this facility: a record never changes hands."""
        return replace(self, facility_id=facility_id)

    def checked(self) -> "GrowingArea":
        if self.commune not in communes():
            raise CommuneUnknown("commune", commune=self.commune)
        return replace(self, code=checked_area_code(self.code) if self.code else "")
