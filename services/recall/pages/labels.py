"""The words that pages use for kinds, states and acts, and the tone each is shown in."""

from decimal import Decimal

from services.recall.domain.target import TargetKind
from services.recall.domain.terms import Handling, Kind, LegalBasis, State, Wording
from shared.web.filters import show_number
from shared.web.i18n import N_, translate, worded

KINDS = {
    Kind.RECALL: N_("Thu hồi sản phẩm"),
    Kind.WITHDRAWAL: N_("Rút khỏi thị trường"),
    Kind.WARNING: N_("Cảnh báo"),
}
KIND_HINTS = {
    Kind.RECALL: N_("Người tiêu dùng không dùng và trả lại hàng; trang quét tem hiện đỏ."),
    Kind.WITHDRAWAL: N_("Hàng ngừng bán và được đưa khỏi kệ; trang quét tem hiện đỏ."),
    Kind.WARNING: N_("Hàng vẫn được bán; trang quét tem hiện lời cảnh báo."),
}
KIND_TONES = {Kind.RECALL: "bad", Kind.WITHDRAWAL: "bad", Kind.WARNING: "caution"}
STATES = {
    State.AWAITING: N_("Chờ người thứ hai xác nhận"),
    State.ORDERED: N_("Đang hiệu lực"),
    State.CLOSED: N_("Đã kết thúc, thông báo vẫn hiển thị"),
    State.LIFTED: N_("Đã dỡ bỏ"),
    State.DECLINED: N_("Không được xác nhận"),
}
STATE_TONES = {
    State.AWAITING: "caution",
    State.ORDERED: "bad",
    State.CLOSED: "neutral",
    State.LIFTED: "good",
    State.DECLINED: "neutral",
}
MOVE_STATUSES = {
    "planned": N_("Chưa lên đường"),
    "in_transit": N_("Đang trên đường"),
    "handed_over": N_("Đã giao, chờ xác nhận"),
    "received": N_("Đã nhận"),
}
BASES = {
    LegalBasis.VOLUNTARY: N_("Thu hồi tự nguyện (Điều 10 Thông tư 17/2021/TT-BNNPTNT)"),
    LegalBasis.COMPULSORY: N_("Thu hồi bắt buộc (Điều 11 Thông tư 17/2021/TT-BNNPTNT)"),
}
HANDLINGS = {
    Handling.CORRECT: N_("Khắc phục lỗi sản phẩm hoặc ghi nhãn"),
    Handling.CHANGE_USE: N_("Chuyển mục đích sử dụng"),
    Handling.RE_EXPORT: N_("Tái xuất"),
    Handling.DESTROY: N_("Tiêu hủy"),
}
TARGETS = {
    TargetKind.LOT: N_("Lô"),
    TargetKind.BATCH: N_("Lô tem"),
    TargetKind.STAMPS: N_("Khoảng tem"),
    TargetKind.PRODUCT: N_("Sản phẩm"),
    TargetKind.FACILITY: N_("Cơ sở"),
}
TARGET_ICONS = {
    TargetKind.LOT: "batch",
    TargetKind.BATCH: "qr",
    TargetKind.STAMPS: "qr",
    TargetKind.PRODUCT: "box",
    TargetKind.FACILITY: "factory",
}
ACTS = {
    "asked": N_("Đề nghị thu hồi, chờ người thứ hai xác nhận"),
    "ordered": N_("Lệnh được ban hành"),
    "confirmed": N_("Người thứ hai xác nhận lệnh"),
    "declined": N_("Lệnh không được xác nhận"),
    "grown": N_("Phạm vi tự mở rộng: có lô mới làm ra từ hàng bị thu hồi"),
    "spread": N_("Hàng đã được gửi đến cơ sở khác: cơ sở nhận được báo"),
    "lift_requested": N_("Có đề nghị dỡ bỏ thông báo"),
    "lift_declined": N_("Đề nghị dỡ bỏ không được chấp nhận"),
    "lifted": N_("Người thứ hai xác nhận dỡ bỏ"),
    "closed": N_("Vụ việc được kết thúc"),
}
ACT_ICONS = {
    "asked": "clock",
    "ordered": "recall",
    "confirmed": "check",
    "declined": "close",
    "grown": "plus",
    "spread": "truck",
    "lift_requested": "clock",
    "lift_declined": "close",
    "lifted": "check-circle",
    "closed": "flag",
}
ACT_TONES = {
    "ordered": "bad",
    "confirmed": "bad",
    "grown": "caution",
    "spread": "caution",
    "lifted": "good",
}
# What an act publishes, as the table of its arrival names it.
SPREADS = {
    "ordered": N_("Lệnh thu hồi"),
    "grown": N_("Phạm vi mở rộng"),
    "lifted": N_("Dỡ bỏ"),
}
WAYS = {
    "bus": N_("qua hàng đợi sự kiện"),
    "feed": N_("qua nguồn cấp có đánh số"),
    "start": N_("có sẵn từ khi khởi động"),
    "feed_position": N_("đã nhận đủ theo số thứ tự"),
}


def amount(quantity: Decimal, unit: str, unit_en: str = "") -> str:
    """`15 crates`, in the language of the page. Units that the program came with are in the
    catalogues; one that was approved since has an English name where its lot was told with it."""
    known = translate(unit, count=f"{quantity.normalize():f}")
    return f"{show_number(quantity)} {known if known != unit else worded(unit, unit_en)}"


def in_language(wording: Wording) -> dict[str, str]:
    """Title, reason and instruction in the reader's language, as far as they were given in it."""
    return {
        "title": worded(wording.title, wording.title_en, wording.title_zh),
        "reason": worded(wording.reason, wording.reason_en, wording.reason_zh),
        "instruction": worded(wording.instruction, wording.instruction_en, wording.instruction_zh),
    }
