"""Reports of violations as a table that spreadsheets open safely."""

from collections.abc import AsyncIterator
from typing import Any, Final

from services.recall.pages.violation_words import CAME_OF, LABELS
from services.recall.queries.violations import Row
from shared.commune_places import names
from shared.days import local_day
from shared.web.i18n import N_, translate

_COLUMNS: Final = (
    N_("Ngày lập"),
    N_("Tên cơ sở"),
    N_("Xã, phường"),
    N_("Trạng thái"),
    N_("Nguồn"),
    N_("Cơ quan báo cáo"),
    N_("Ngày phát hiện"),
    N_("Hành vi vi phạm"),
    N_("Căn cứ pháp lý"),
    N_("Biện pháp đã áp dụng"),
    N_("Đề xuất xử lý"),
    N_("Ý kiến của cơ quan tiếp nhận"),
)


def headers() -> list[str]:
    return [translate(one) for one in _COLUMNS]


async def rows(found: AsyncIterator[Row]) -> AsyncIterator[list[Any]]:
    async for row in found:
        one = row.report
        yield [
            local_day(one.made_at),
            row.facility,
            names().get(one.commune, one.commune),
            translate(LABELS[one.state]),
            translate(CAME_OF[one.origin]),
            one.authority,
            one.wording.found_on,
            one.wording.found,
            one.wording.basis,
            one.wording.measures,
            one.wording.sanction,
            one.remark,
        ]
