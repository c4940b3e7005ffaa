"""What scans are counted by, and what their verdicts are called in a table; texts are msgids."""

from typing import Final

from services.scan.desk.figures import Named, Reach
from shared.web.i18n import N_, translate

VERDICT_NAMES: Final = {
    "genuine": N_("Hợp lệ"),
    "warning": N_("Có cảnh báo"),
    "unconfirmed": N_("Chưa xác nhận được"),
    "expired": N_("Quá hạn dùng"),
    "not_activated": N_("Chưa kích hoạt"),
    "suspended": N_("Tạm ngừng"),
    "suspect_copy": N_("Nghi sao chép"),
    "revoked": N_("Tem đã thu hồi"),
    "withdrawn": N_("Đã ngừng lưu hành"),
    "recalled": N_("Đang bị thu hồi"),
    "unknown": N_("Không có trong hệ thống"),
    "malformed": N_("Không phải mã tem"),
}
BY_NAMES: Final = {
    "product": N_("Sản phẩm"),
    "lot": N_("Lô sản phẩm"),
    "facility": N_("Cơ sở"),
    "commune": N_("Xã, phường"),
    "day": N_("Ngày"),
    "hour": N_("Giờ trong ngày"),
}
_NOT_KNOWN: Final = {
    "product": N_("Chưa rõ sản phẩm"),
    "lot": N_("Chưa gắn lô"),
    "facility": N_("Chưa rõ cơ sở"),
    "commune": N_("Người quét không cho biết nơi"),
}
PEOPLE: Final = N_("Người quét")
FIRST_OF_DAY: Final = N_("Người quét lần đầu trong ngày")
_OF_EACH_LINE: Final = N_(
    "Người quét là số người khác nhau của từng ngày, cộng các ngày lại. Quét một sản phẩm nhiều "
    "lần trong ngày vẫn là một người; quét hai sản phẩm thì được đếm ở cả hai, nên cộng các dòng "
    "có thể nhiều hơn số chung. Trên 200 người một ngày là số ước tính, thường lệch khoảng 2%."
)
_OF_EACH_DAY: Final = N_(
    "Người quét là số người khác nhau của từng ngày: quét nhiều lần trong ngày vẫn là một người. "
    "Trên 200 người một ngày là số ước tính, thường lệch khoảng 2%."
)
_OF_FIRST_SCANS: Final = N_(
    "Ở bảng này mỗi người được đếm một lần một ngày, ở lượt quét đầu tiên của ngày, nên cộng các "
    "dòng lại đúng bằng số chung."
)
# The verdicts after which somebody should not have been holding the goods.
BAD: Final = ("suspect_copy", "revoked", "withdrawn", "recalled", "unknown", "malformed")


def verdict_name(verdict: str) -> str:
    return translate(VERDICT_NAMES[verdict]) if verdict in VERDICT_NAMES else verdict


def line_name(by: str, one: Named) -> str:
    """What a line is about, in words."""
    key = one.line.key
    match by:
        case "day":
            year, month, day = key.split("-")
            return f"{day}/{month}/{year}"
        case "hour":
            return hour_name(int(key))
        case _ if not key:
            return translate(_NOT_KNOWN[by])
        case _:
            return one.name or key


def hour_name(hour: int) -> str:
    return f"{hour:02d}:00–{hour:02d}:59"


def people_caption(reach: Reach) -> str:
    """What the number of people of a line means; a msgid."""
    if not reach.by_people:
        return _OF_FIRST_SCANS
    return _OF_EACH_DAY if reach.asked.by == "day" else _OF_EACH_LINE


def bad_scans(one: Named) -> int:
    return sum(one.line.verdicts.get(verdict, 0) for verdict in BAD)
