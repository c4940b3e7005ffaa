"""The words that pages use for kinds, states and acts, and the tone each is shown in."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from services.recall import goods_words
from services.recall.domain.deadlines import deadlines
from services.recall.domain.target import TargetKind
from services.recall.domain.terms import Kind, LegalBasis, Level, State, Wording
from services.recall.store.entries import Entry
from shared import facilities
from shared.web.filters import local, show_date, show_number
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
LEVELS = {
    Level.INFORMATION: N_("Thông tin"),
    Level.CAUTION: N_("Thận trọng"),
    Level.SERIOUS: N_("Nghiêm trọng"),
    Level.CRITICAL: N_("Đặc biệt nghiêm trọng"),
}
# What each asks of those who read it.
LEVEL_HINTS = {
    Level.INFORMATION: N_("Nên biết; chưa cần làm gì."),
    Level.CAUTION: N_("Cân nhắc trước khi dùng; có thể trả lại nơi mua."),
    Level.SERIOUS: N_("Không dùng; trả lại nơi mua."),
    Level.CRITICAL: N_(
        "Không dùng trong bất kỳ trường hợp nào; đã dùng mà thấy khó chịu thì đi khám ngay."
    ),
}
LEVEL_TONES = {
    Level.INFORMATION: "info",
    Level.CAUTION: "caution",
    Level.SERIOUS: "bad",
    Level.CRITICAL: "bad",
}
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
BASES_SHORT = {
    LegalBasis.VOLUNTARY: N_("Tự nguyện"),
    LegalBasis.COMPULSORY: N_("Bắt buộc"),
}
HANDLINGS = goods_words.HANDLINGS
TARGETS = {
    TargetKind.LOT: N_("Lô"),
    TargetKind.BATCH: N_("Lô tem"),
    TargetKind.STAMPS: N_("Khoảng tem"),
    TargetKind.PRODUCT: N_("Sản phẩm"),
    TargetKind.FACILITY: N_("Cơ sở"),
    TargetKind.AREA: N_("Vùng trồng, vùng nuôi"),
    TargetKind.INPUT: N_("Vật tư đã dùng"),
    TargetKind.CERTIFICATE: N_("Giấy chứng nhận"),
}
# What an input is, as diaries have it.
INPUT_KINDS = {
    "fertiliser": N_("Phân bón"),
    "feed": N_("Thức ăn chăn nuôi"),
    "pesticide": N_("Thuốc bảo vệ thực vật"),
    "veterinary_drug": N_("Thuốc thú y"),
    "chemical": N_("Hóa chất"),
}
SECTORS = facilities.SECTORS
TARGET_ICONS = {
    TargetKind.LOT: "batch",
    TargetKind.BATCH: "qr",
    TargetKind.STAMPS: "qr",
    TargetKind.PRODUCT: "box",
    TargetKind.FACILITY: "factory",
    TargetKind.AREA: "leaf",
    TargetKind.INPUT: "flask",
    TargetKind.CERTIFICATE: "certificate",
}
SOURCES = {
    "lot": N_("Lô"),
    "supply": N_("Vật tư"),
    "facility": N_("Cơ sở"),
    "area": N_("Vùng trồng, vùng nuôi"),
    "input": N_("Đầu vào đã dùng"),
}
ACTS = {
    "asked": N_("Đề nghị thu hồi, chờ người thứ hai xác nhận"),
    "ordered": N_("Lệnh được ban hành"),
    "confirmed": N_("Người thứ hai xác nhận lệnh"),
    "declined": N_("Lệnh không được xác nhận"),
    "grown": N_("Phạm vi tự mở rộng: có lô mới thuộc đối tượng hoặc làm ra từ hàng bị thu hồi"),
    "spread": N_("Hàng đã được gửi đến cơ sở khác: cơ sở nhận được báo"),
    "lift_requested": N_("Có đề nghị dỡ bỏ thông báo"),
    "lift_declined": N_("Đề nghị dỡ bỏ không được chấp nhận"),
    "lifted": N_("Người thứ hai xác nhận dỡ bỏ"),
    "closed": N_("Vụ việc được kết thúc"),
    "receipts_missing": N_("Có máy chủ quét chưa báo nhận sau 5 giây"),
    "receipts_complete": N_("Mọi máy chủ quét đã báo nhận"),
    "correction_asked": N_("Có đề nghị đính chính, chờ người thứ hai xác nhận"),
    "correction_declined": N_("Đề nghị đính chính không được chấp nhận"),
    "corrected": N_("Thông báo được đính chính"),
    "receipts_gone": N_("Máy chủ quét không còn trả lời, chưa từng báo nhận; không chờ nữa"),
    "deadline_near": N_("Thời hạn sắp đến"),
    "deadline_due": N_("Quá thời hạn"),
    "deadline_escalated": N_("Quá thời hạn: đã báo lên cấp trên"),
    "decision": N_("Ghi văn bản quyết định"),
    "handling_asked": N_("Chủ hàng đề nghị cách xử lý hàng"),
    "handling_agreed": N_("Cơ quan đồng ý cách xử lý hàng"),
    "handling_returned": N_("Cơ quan trả lại đề nghị về cách xử lý"),
    "closing_asked": N_("Chủ hàng báo cáo kết quả, đề nghị kết thúc"),
    "closing_returned": N_("Cơ quan trả lại báo cáo kết quả"),
    "deadline_nobody": N_("Quá thời hạn: cấp này chưa có đơn vị phụ trách, báo ngay cấp trên"),
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
    "receipts_missing": "alert",
    "receipts_complete": "check",
    "correction_asked": "clock",
    "correction_declined": "close",
    "corrected": "edit",
    "receipts_gone": "alert",
    "deadline_near": "clock",
    "deadline_due": "alert",
    "deadline_escalated": "alert",
    "decision": "file",
    "handling_asked": "message",
    "handling_agreed": "check",
    "handling_returned": "message",
    "closing_asked": "flag",
    "closing_returned": "message",
    "deadline_nobody": "alert",
}
ACT_TONES = {
    "ordered": "bad",
    "confirmed": "bad",
    "grown": "caution",
    "spread": "caution",
    "lifted": "good",
    "receipts_missing": "bad",
    "receipts_complete": "good",
    "corrected": "caution",
    "receipts_gone": "caution",
    "deadline_near": "caution",
    "deadline_due": "bad",
    "deadline_escalated": "bad",
    "deadline_nobody": "bad",
}
# What an act publishes, as the table of its arrival names it.
SPREADS = {
    "ordered": N_("Lệnh thu hồi"),
    "grown": N_("Phạm vi mở rộng"),
    "lifted": N_("Dỡ bỏ"),
    "corrected": N_("Đính chính"),
}
WAYS = {
    "bus": N_("qua hàng đợi sự kiện"),
    "feed": N_("qua nguồn cấp có đánh số"),
    "start": N_("có sẵn từ khi khởi động"),
    "feed_position": N_("đã nhận đủ theo số thứ tự"),
}


def entry_text(entry: Entry, *, own: bool = False) -> str:
    """What was written in the history; a deadline's name in the language of the page, and as fits
    a recall that the owner of the goods ordered itself (`own`)."""
    for one in deadlines().values() if entry.act.startswith("deadline_") else ():
        if one.name == entry.text:
            return worded(*one.names(own=own))
    return entry.text


def amount(quantity: Decimal, unit: str, unit_en: str = "") -> str:
    """`15 crates`, in the language of the page. Units that the program came with are in the
    catalogues; one that was approved since has an English name where its lot was told with it."""
    known = translate(unit, count=f"{quantity.normalize():f}")
    return f"{show_number(quantity)} {known if known != unit else worded(unit, unit_en)}"


def amounts(known: Iterable[tuple[Decimal, str]]) -> str:
    """`60 kg; 15 crates`."""
    return "; ".join(amount(quantity, unit) for quantity, unit in known)


def to_the_second(at: datetime) -> str:
    """`08:15:02 27/11/2026`: how fresh data is, is seen by its seconds."""
    return f"{local(at):%H:%M:%S} {show_date(at)}"


def is_target(kind: str) -> bool:
    """Whether what a source of this kind reaches can be looked at."""
    return kind == "supply" or kind in set(TargetKind)


def in_language(wording: Wording) -> dict[str, str]:
    """Title, reason and instruction in the reader's language, as far as they were given in it."""
    return {
        "title": worded(wording.title, wording.title_en, wording.title_zh),
        "reason": worded(wording.reason, wording.reason_en, wording.reason_zh),
        "instruction": worded(wording.instruction, wording.instruction_en, wording.instruction_zh),
    }


def in_each_language(wording: Wording) -> list[tuple[str, str, dict[str, str]]]:
    """Vietnamese, English and Chinese: the language, its name, and what its readers will see."""
    return [
        (
            lang,
            name,
            {part: _said(wording, part, lang) for part in ("title", "reason", "instruction")},
        )
        for lang, name in (("vi", "Tiếng Việt"), ("en", "English"), ("zh", "中文"))
    ]


def _said(wording: Wording, part: str, lang: str) -> str:
    texts = (getattr(wording, f"{part}{end}") for end in ("", "_en", "_zh"))
    return worded(*texts, lang=lang)
