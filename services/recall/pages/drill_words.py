"""The words that pages and reports use for drills."""

from decimal import Decimal
from typing import Any

from services.recall.domain.drill import MARK, Drill, State
from shared.web.i18n import N_, translate, worded

MARKED = N_("DIỄN TẬP – không phải thu hồi thật")
assert MARKED == MARK, "the mark is one"

STATES = {
    State.AWAITING: N_("Chờ người thứ hai đồng ý"),
    State.RUNNING: N_("Đang diễn tập"),
    State.ENDED: N_("Đã kết thúc, đã chấm điểm"),
    State.DECLINED: N_("Không được đồng ý"),
    State.CALLED_OFF: N_("Đã hủy, không tính"),
}
TONES = {
    State.AWAITING: "caution",
    State.RUNNING: "info",
    State.ENDED: "good",
    State.DECLINED: "neutral",
    State.CALLED_OFF: "neutral",
}
GRADES = {
    "good": N_("Tốt"),
    "fair": N_("Đạt"),
    "poor": N_("Cần làm lại"),
}
GRADE_TONES = {"good": "good", "fair": "caution", "poor": "bad"}


def label(drill: Drill) -> str:
    """The target's name in the reader's language."""
    plan = drill.plan
    return worded(plan.label, plan.label_en, plan.label_zh)


def took(minutes: float | None) -> str:
    """`12 phút`, or that it never came to that."""
    if minutes is None:
        return translate(N_("chưa đạt"))
    if minutes < 1:
        return translate(N_("dưới 1 phút"))
    hours, rest = in_hours(minutes)
    if not hours:
        return translate(N_("{count} phút"), count=rest)
    return translate(N_("{hours} giờ {count} phút"), hours=hours, count=rest)


def in_hours(minutes: float) -> tuple[int, int]:
    """Whole hours and minutes; below two hours minutes alone."""
    whole = round(minutes)
    return divmod(whole, 60) if whole >= 120 else (0, whole)


def words() -> dict[str, Any]:
    """What every template of drills finds."""
    return {
        "mark": MARK,
        "dec": Decimal,
        "states": STATES,
        "tones": TONES,
        "grades": GRADES,
        "grade_tones": GRADE_TONES,
        "label": label,
        "took": took,
    }
