"""Reported problems as a table that spreadsheets open safely, and as bars by day and kind."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from services.recall.pages.complaint_words import (
    CHANNELS,
    LABELS,
    LEVELS,
    ORIGINS,
    OUTCOMES,
    PROBLEMS,
    QUESTIONS,
    VERDICTS,
)
from services.recall.queries.complaints import PICTURE_DAYS, Row
from shared.commune_places import names
from shared.days import local_day
from shared.web.charts import Chart, bars
from shared.web.i18n import N_, translate

_COLUMNS: Final = (
    N_("Số phản ánh"),
    N_("Gửi lúc"),
    N_("Vấn đề"),
    N_("Mức ưu tiên"),
    N_("Trạng thái"),
    N_("Kết quả xử lý"),
    N_("Quá hạn"),
    N_("Tên sản phẩm"),
    N_("Tên cơ sở"),
    N_("Lô sản phẩm"),
    N_("Xã, phường"),
    N_("Cửa hàng, chợ, địa chỉ"),
    N_("Người báo viết"),
    N_("Kết quả người báo đã thấy"),
    N_("Đơn vị phụ trách"),
    N_("Người xem xét"),
    N_("Hạn trả lời"),
    N_("Căn cứ"),
    N_("Như trên nhãn"),
    N_("Mã như người báo đọc"),
    N_("Cán bộ nhập thay, qua"),
    N_("Hỏi lại người báo"),
)


def headers() -> list[str]:
    return [translate(one) for one in _COLUMNS]


async def rows(found: AsyncIterator[Row], at: datetime) -> AsyncIterator[list[Any]]:
    async for row in found:
        one = row.complaint
        yield [
            one.number,
            local_day(one.told_at),
            translate(PROBLEMS.get(one.kind, one.kind)),
            translate(LEVELS[row.priority.level]),
            translate(LABELS[one.state]),
            translate(OUTCOMES[one.outcome]) if one.outcome else None,
            one.overdue(at),
            row.product,
            row.facility,
            row.lot,
            names().get(one.commune, one.commune),
            one.place,
            one.words,
            translate(VERDICTS[one.verdict]) if one.verdict in VERDICTS else None,
            one.unit_name,
            one.assignee_name,
            local_day(one.due_at),
            translate(
                ORIGINS["by_words" if one.is_by_words else "typed" if one.typed else "stamp"]
            ),
            one.goods,
            one.typed,
            translate(CHANNELS[one.channel]) if one.channel in CHANNELS else None,
            translate(QUESTIONS[row.question]) if row.question else None,
        ]


def picture(counted: Sequence[tuple[str, str, int]], at: datetime) -> Chart | None:
    """Bars of the last fortnight by kind; None where there were none."""
    if not counted:
        return None
    last = local_day(at)
    days = [last - timedelta(days=back) for back in range(PICTURE_DAYS - 1, -1, -1)]
    by = {(day, kind): number for day, kind, number in counted}
    series = {
        translate(label): [by.get((day.isoformat(), kind), 0) for day in days]
        for kind, label in PROBLEMS.items()
        if any(told == kind for _, told, _ in counted)
    }
    title = translate(N_("Phản ánh theo ngày, 14 ngày gần đây"))
    return bars(title, [f"{day:%d/%m}" for day in days], series, stacked=True)
