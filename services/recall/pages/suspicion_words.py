"""The words of suspicions and of what bears them out."""

from typing import Any, Final

from services.recall.pages.complaint_words import words as complaint_words
from shared.web.i18n import N_

STATES: Final = {
    "open": N_("Đang xem xét"),
    "inspection_wanted": N_("Đã đề nghị kiểm tra"),
    "acted": N_("Đã có vụ việc"),
    "dismissed": N_("Đã bỏ"),
}
TONES: Final = {
    "open": "caution",
    "inspection_wanted": "info",
    "acted": "good",
    "dismissed": "neutral",
}
STEPS: Final = {
    "evidence": N_("Thêm phản ánh làm căn cứ"),
    "wanted": N_("Đề nghị kiểm tra"),
    "dismissed": N_("Bỏ nghi ngờ"),
    "acted": N_("Đưa vào vụ thu hồi, cảnh báo"),
    "reopened": N_("Lệnh của vụ việc bị từ chối; xem xét tiếp"),
}
GOODS: Final = {
    "stamp": N_("Riêng con tem này"),
    "lot": N_("Cả lô sản phẩm"),
    "product": N_("Mọi lô của sản phẩm"),
}
TARGETS: Final = {
    "stamps": N_("Một con tem"),
    "lot": N_("Một lô sản phẩm"),
    "product": N_("Cả sản phẩm"),
    "facility": N_("Mọi hàng của cơ sở"),
}
RESULTS: Final = {
    "passed": N_("Đạt"),
    "conditional": N_("Đạt, cần khắc phục"),
    "failed": N_("Không đạt"),
}
COPIES: Final = {"suspected": N_("Nghi sao chép"), "confirmed": N_("Đã kết luận sao chép")}


def words() -> dict[str, Any]:
    return {
        **complaint_words(),
        **{"suspicion_states": STATES, "suspicion_tones": TONES, "suspicion_steps": STEPS},
        **{"suspicion_targets": TARGETS, "found_results": RESULTS, "copy_states": COPIES},
    }
