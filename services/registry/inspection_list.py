"""Inspections in words and as a table that spreadsheets open safely."""

from collections.abc import AsyncIterator
from typing import Any, Final

from services.registry.domain.communes import commune_name
from services.registry.domain.inspections import Inspection, ViolationState
from shared.web.i18n import N_, translate

KINDS: Final = {
    "planned": N_("Theo kế hoạch"),
    "unannounced": N_("Đột xuất"),
    "complaint": N_("Theo phản ánh"),
    "follow_up": N_("Kiểm tra lại"),
}
RESULTS: Final = {
    "passed": N_("Đạt"),
    "conditional": N_("Đạt, cần khắc phục"),
    "failed": N_("Không đạt"),
}
TONES: Final = {"passed": "good", "conditional": "caution", "failed": "bad"}
VIOLATIONS: Final = {
    ViolationState.OPEN: N_("Chưa khắc phục"),
    ViolationState.REMEDIED: N_("Đã khắc phục"),
    ViolationState.FINED: N_("Đã xử phạt"),
}
OVERDUE: Final = N_("Quá hạn khắc phục")
_COLUMNS: Final = (
    N_("Mã hồ sơ cơ sở"),
    N_("Tên cơ sở"),
    N_("Xã, phường, đặc khu"),
    N_("Ngày kiểm tra"),
    N_("Hình thức"),
    N_("Đoàn kiểm tra"),
    N_("Số quyết định, biên bản"),
    N_("Kết quả"),
    N_("Nội dung, nhận xét"),
    N_("Vi phạm"),
    N_("Căn cứ"),
    N_("Hạn khắc phục"),
    N_("Tình trạng"),
    N_("Đã khắc phục thế nào, hoặc số quyết định xử phạt"),
)


def headers() -> list[str]:
    return [translate(column) for column in _COLUMNS]


async def rows(found: AsyncIterator[Inspection]) -> AsyncIterator[list[Any]]:
    """A row for each violation, one for an inspection without any."""
    async for one in found:
        it = one.it
        head: list[Any] = [
            one.facility_id,
            one.facility_name,
            commune_name(one.commune),
            it.on,
            translate(KINDS[it.kind]),
            it.team,
            it.decision,
            translate(RESULTS[it.result]),
            it.findings,
        ]
        if not it.violations:
            yield [*head, None, None, None, None, None]
        for v in it.violations:
            yield [*head, v.what, v.basis, v.deadline, translate(VIOLATIONS[v.state]), v.remedy]
