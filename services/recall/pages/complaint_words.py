"""The words of reported problems: kinds, states, outcomes, priorities and their reasons."""

from typing import Any, Final

from shared.web.i18n import N_

LABELS: Final = {"new": N_("Mới"), "seen": N_("Đang xem xét"), "closed": N_("Đã trả lời")}
TONES: Final = {"new": "bad", "seen": "caution", "closed": "good"}
OUTCOMES: Final = {
    "answered": N_("Đã trả lời"),
    "unfounded": N_("Không có cơ sở"),
    "spam": N_("Thư rác, quấy rối"),
}
PROBLEMS: Final = {
    "looks_fake": N_("Nghi hàng giả, tem giả"),
    "spoiled": N_("Hàng hỏng, không an toàn"),
    "made_ill": N_("Ăn vào bị ốm"),
    "wrong_information": N_("Thông tin sai"),
    "other": N_("Việc khác"),
}
CHANNELS: Final = {
    "phone": N_("Điện thoại"),
    "in_person": N_("Đến trực tiếp"),
    "letter": N_("Thư, công văn"),
    "online": N_("Tin nhắn, mạng xã hội, cổng khác"),
}
# What bears out that a report is about these goods.
ORIGINS: Final = {
    "stamp": N_("Con tem"),
    "typed": N_("Mã không phải của tem nào"),
    "by_words": N_("Lời người báo, không có tem"),
}
VERDICTS: Final = {
    "unknown": N_("Không có trong hệ thống"),
    "recalled": N_("Thu hồi"),
    "withdrawn": N_("Rút khỏi thị trường"),
    "revoked": N_("Tem bị hủy"),
    "suspect_copy": N_("Nghi tem sao chép"),
    "suspended": N_("Tạm ngừng"),
    "not_activated": N_("Tem chưa kích hoạt"),
    "expired": N_("Hết hạn"),
    "warning": N_("Cảnh báo"),
    "unconfirmed": N_("Chưa xác nhận được"),
    "genuine": N_("Tem thật"),
}
LEVELS: Final = {
    "urgent": N_("Khẩn"),
    "high": N_("Cao"),
    "normal": N_("Vừa"),
    "low": N_("Thấp"),
}
LEVEL_TONES: Final = {"urgent": "bad", "high": "caution", "normal": "info", "low": "neutral"}
WHY: Final = {
    **PROBLEMS,
    "still_sold": N_("Hàng đã thu hồi hoặc tem đã hủy vẫn còn bán"),
    "known_copy": N_("Tem đang nghi bị sao chép"),
    "many": N_("Nhiều phản ánh cùng sản phẩm trong 7 ngày"),
}
LIKENESS: Final = {
    "same_stamp": N_("Cùng con tem"),
    "same_lot": N_("Cùng lô sản phẩm"),
    "same_place": N_("Cùng sản phẩm, cùng xã"),
    "same_words": N_("Lời kể giống nhau"),
}
STEPS: Final = {
    "seen": N_("Nhận xem xét"),
    "closed": N_("Trả lời và kết thúc"),
    "handed_over": N_("Chuyển đơn vị"),
    "joined": N_("Gộp với phản ánh số"),
    "parted": N_("Tách khỏi nhóm"),
    "asked": N_("Hỏi lại người báo, câu số"),
}
WHOSE: Final = {
    "mine": N_("Tôi đang xem xét"),
    "my_unit": N_("Giao cho đơn vị tôi"),
    "unassigned": N_("Chưa ai nhận"),
    "overdue": N_("Quá hạn trả lời"),
}
QUESTIONS: Final = {
    "waiting": N_("Chờ người báo trả lời"),
    "replied": N_("Người báo đã trả lời"),
    "lapsed": N_("Người báo không trả lời"),
}
QUESTION_TONES: Final = {"waiting": "info", "replied": "good", "lapsed": "neutral"}


def words() -> dict[str, Any]:
    """What the templates of reports are given."""
    return {
        **{"labels": LABELS, "tones": TONES, "problems": PROBLEMS, "verdicts": VERDICTS},
        **{"levels": LEVELS, "level_tones": LEVEL_TONES, "why": WHY, "likeness": LIKENESS},
        **{"step_words": STEPS, "outcomes": OUTCOMES, "channels": CHANNELS, "origins": ORIGINS},
        **{"question_words": QUESTIONS, "question_tones": QUESTION_TONES},
    }
