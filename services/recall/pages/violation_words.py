"""The words of reports of violations: states, what they came of, steps."""

from typing import Any, Final

from shared.web.i18n import N_

LABELS: Final = {
    "draft": N_("Bản nháp"),
    "sent": N_("Chờ tiếp nhận"),
    "received": N_("Đã tiếp nhận"),
    "returned": N_("Bị trả lại"),
}
TONES: Final = {"draft": "neutral", "sent": "caution", "received": "good", "returned": "bad"}
CAME_OF: Final = {
    "inspection": N_("Từ kiểm tra"),
    "complaint": N_("Từ phản ánh"),
    "suspicion": N_("Từ hồ sơ nghi ngờ"),
    "case": N_("Từ vụ thu hồi"),
    "": N_("Tự phát hiện"),
}
STEPS: Final = {
    "written": N_("Sửa báo cáo"),
    "file_added": N_("Thêm tệp"),
    "sent": N_("Đã gửi cấp trên"),
    "received": N_("Tiếp nhận"),
    "returned": N_("Trả lại"),
}


def words() -> dict[str, Any]:
    """What the templates of these reports are given."""
    return {"states": LABELS, "tones": TONES, "came_of": CAME_OF, "step_words": STEPS}
