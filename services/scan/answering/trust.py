"""On what claims rest, in words: beside each claim, and explained once."""

from typing import Final, NamedTuple

from services.scan.domain.grounds import Ground
from shared.web.i18n import N_


class Told(NamedTuple):
    name: str
    meaning: str


GROUNDS: Final[dict[Ground, Told]] = {
    "declared": Told(
        N_("Cơ sở tự khai"),
        N_("Cơ sở tự ghi và chịu trách nhiệm; cơ quan quản lý đã duyệt cho công bố."),
    ),
    "inspected": Told(
        N_("Đã kiểm tra"),
        N_("Cơ quan hoặc tổ chức chứng nhận đã kiểm tra rồi mới cấp giấy hay xếp hạng."),
    ),
    "laboratory": Told(
        N_("Phòng kiểm nghiệm"),
        N_("Phòng kiểm nghiệm đo trên mẫu của lô và ghi vào phiếu kết quả."),
    ),
    "sensor": Told(
        N_("Thiết bị đo"),
        N_("Thiết bị tự ghi số đo, không qua tay người nhập."),
    ),
}
