"""The words that pages use for deadlines: what, by whom, and how long is left."""

from datetime import datetime, timedelta

from services.recall.domain.deadlines import Clock, deadlines
from services.recall.pages.citing import cited
from shared.web.i18n import N_, translate, worded
from shared.working_days import Cause, Marked, Standing

TIERS = {
    "facility": N_("Chủ hàng"),
    "commune": N_("Xã, phường"),
    "unit": N_("Đơn vị thuộc sở"),
    "district": N_("Huyện"),
    "department": N_("Sở, ngành"),
    "province": N_("Tỉnh"),
}
STATES = {
    "running": N_("Đang chạy"),
    "overdue": N_("Quá hạn"),
    "near": N_("Sắp đến hạn"),
    "over": N_("Đã xong"),
}
LEFT = {
    "days": N_("còn {count} ngày"),
    "hours": N_("còn {count} giờ"),
    "minutes": N_("còn {count} phút"),
}
LATE = {
    "days": N_("quá {count} ngày"),
    "hours": N_("quá {count} giờ"),
    "minutes": N_("quá {count} phút"),
}
CAUSES = {
    Cause.HOLIDAY: N_("Ngày lễ, Tết"),
    Cause.MADE_UP: N_("Nghỉ bù: ngày lễ trùng ngày nghỉ hằng tuần"),
    Cause.EXCHANGED: N_("Nghỉ do hoán đổi ngày làm việc"),
    Cause.WORKS: N_("Làm việc bù"),
}
STANDINGS = {
    Standing.DECIDED: N_("Đã công bố"),
    Standing.EXPECTED: N_("Dự kiến"),
}
STANDING_TONES = {Standing.DECIDED: "good", Standing.EXPECTED: "caution"}
WEEKDAYS = (
    *(N_("Thứ Hai"), N_("Thứ Ba"), N_("Thứ Tư"), N_("Thứ Năm")),
    *(N_("Thứ Sáu"), N_("Thứ Bảy"), N_("Chủ Nhật")),
)


def name(clock: Clock, *, own: bool = False) -> str:
    """`own`: the owner of the goods ordered the recall itself."""
    return worded(*deadlines()[clock.name].names(own=own))


def names() -> list[tuple[str, str]]:
    """All deadlines, to choose from."""
    return [(key, worded(*d.names())) for key, d in deadlines().items()]


def basis(clock: Clock) -> str:
    return cited(deadlines()[clock.name].basis)


def tone(clock: Clock, at: datetime) -> str:
    if not clock.is_running:
        return "neutral"
    if clock.is_overdue(at):
        return "bad"
    return "caution" if clock.done else "info"


def left(clock: Clock, at: datetime) -> str:
    """`còn 5 giờ`, or `quá 2 ngày` once it is overdue; never 0 of what is left."""
    assert clock.due_at is not None
    span = clock.due_at - at
    words, span = (LEFT, span) if span > timedelta(0) else (LATE, -span)
    minutes = max(1, int(span.total_seconds() // 60))
    if minutes < 120:
        return translate(words["minutes"], count=minutes)
    if minutes < 48 * 60:
        return translate(words["hours"], count=minutes // 60)
    return translate(words["days"], count=minutes // (24 * 60))


def per_cent(clock: Clock, at: datetime) -> int:
    """How much of the time is gone, for a bar."""
    return round(100 * clock.share_gone(at))


def day_name(day: Marked) -> str:
    vi, en, zh = day.names
    return worded(vi, en, zh) if vi else ""


def weekday(day: Marked) -> str:
    return translate(WEEKDAYS[day.day.weekday()])


def told_above(clock: Clock) -> str:
    """The tiers above that were told that it was missed."""
    return ", ".join(translate(TIERS[tier]) for tier in clock.told[1:] if tier in TIERS)
