"""Circulation as tables that spreadsheets open safely: one facility by month, or many by sum."""

from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

from services.registry.actions.circulation import Row
from services.registry.domain.circulation import Amounts, Month, spoken_month
from services.registry.domain.communes import commune_name
from services.registry.naming import amount
from shared.web.i18n import N_, translate

_FIGURES: Final = (
    N_("Sản lượng (kg)"),
    N_("Sản lượng khác"),
    N_("Xuất đi (kg)"),
    N_("Xuất đi khác"),
    N_("Nhận về (kg)"),
    N_("Nhận về khác"),
    N_("Tem cấp"),
    N_("Tem dán lên hàng"),
    N_("Lượt quét"),
    N_("Người quét"),
    N_("Doanh thu (đồng)"),
)
_MONTHLY: Final = (N_("Tháng"), *_FIGURES, N_("Người nhập doanh thu"))
_BY_FACILITY: Final = (
    N_("Mã cơ sở"),
    N_("Tên cơ sở"),
    N_("Xã, phường, đặc khu"),
    *_FIGURES,
)


def monthly_headers() -> list[str]:
    return [translate(header) for header in _MONTHLY]


def facility_headers() -> list[str]:
    return [translate(header) for header in _BY_FACILITY]


async def monthly(months: Iterable[Month]) -> AsyncIterator[list[Any]]:
    for month in months:
        by = month.revenue.by.name if month.revenue is not None else ""
        yield [spoken_month(month.month), *_cells(month), by]


async def by_facility(rows: AsyncIterator[Row]) -> AsyncIterator[list[Any]]:
    async for row in rows:
        owner = row.record.owner
        yield [row.record.code, owner.name, commune_name(owner.commune), *_cells(row.sum)]


def spoken(amounts: Amounts) -> str:
    """`1.200 kg · 40 hộp`, or a dash."""
    parts = (amount(quantity, unit) for unit, quantity in amounts.items())
    return " · ".join(parts) or "—"


def others(amounts: Amounts) -> str:
    """What is not weighed, in words: `120 hộp; 40 lít`."""
    rest = [(unit, quantity) for unit, quantity in amounts.items() if unit != "kg"]
    return "; ".join(amount(quantity, unit) for unit, quantity in rest)


def _cells(it: Month) -> list[Any]:
    goods: list[Any] = []
    for amounts in (it.made, it.sent, it.received):
        goods += [amounts.get("kg"), others(amounts)]
    revenue = it.revenue.amount if it.revenue is not None else None
    return [*goods, it.issued, it.activated, it.scans, it.readers, revenue]
