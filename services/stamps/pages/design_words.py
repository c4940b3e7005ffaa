"""What the parts of a design are called; the texts are msgids."""

from typing import Final

from shared.web.i18n import N_

STATES: Final = {
    "draft": N_("Bản nháp"),
    "submitted": N_("Chờ duyệt"),
    "approved": N_("Đã duyệt"),
    "returned": N_("Bị trả lại"),
}
TONES: Final = {
    "draft": "neutral",
    "submitted": "info",
    "approved": "good",
    "returned": "caution",
}
PATTERNS: Final = {
    "none": N_("Không có hoa văn"),
    "waves": N_("Sóng"),
    "rosette": N_("Hoa thị"),
    "mesh": N_("Lưới đan"),
}
TINTS: Final = {
    "green": N_("Xanh lá nhạt"),
    "blue": N_("Xanh dương nhạt"),
    "rose": N_("Hồng nhạt"),
    "gold": N_("Vàng nhạt"),
    "grey": N_("Xám nhạt"),
    "teal": N_("Xanh ngọc nhạt"),
}
INKS: Final = {
    "black": N_("Đen"),
    "green": N_("Xanh lá đậm"),
    "blue": N_("Xanh dương đậm"),
    "red": N_("Đỏ đậm"),
    "brown": N_("Nâu đậm"),
    "teal": N_("Xanh ngọc đậm"),
}
