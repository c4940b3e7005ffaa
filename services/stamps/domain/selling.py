"""Reports of sales: a stamp whose goods a buyer took home, told once and leaving its state."""

from collections.abc import Iterable

from shared.contracts.stamps import Interval
from shared.errors import Refusal


class SerialsNotOnSale(Refusal):
    code = "serials_not_on_sale"
    message = (
        "Các tem {first}–{last} không ở trạng thái đang dùng nên chưa thể báo đã bán. "
        "Hãy chọn khoảng tem đang dùng."
    )


class SerialsAlreadySold(Refusal):
    code = "serials_already_sold"
    message = "Các tem {first}–{last} đã được báo bán trước đó. Hãy chọn khoảng khác."


def must_be_on_sale(intervals: Iterable[Interval], first: int, last: int) -> None:
    """Raise SerialsNotOnSale unless all of first…last are active."""
    for one in intervals:
        if one.first <= last and one.last >= first and one.state != "active":
            low, high = max(first, one.first), min(last, one.last)
            raise SerialsNotOnSale("first", first=low, last=high)
