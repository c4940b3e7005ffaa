"""Reports of sales: a stamp whose goods a buyer took home, told once and leaving its state."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

from services.stamps.domain.life import SOLD, UNSOLD, Changed
from services.stamps.domain.printing import Span
from shared.contracts.stamps import Interval
from shared.errors import Refusal

# A mistyped range is noticed soon; later, what scans said of a stamp rests on its sale.
TAKE_BACK_WITHIN: Final = timedelta(days=3)


class Report(Protocol):
    """What tells whether a report of a sale stands."""

    @property
    def number(self) -> int: ...
    @property
    def change(self) -> str: ...
    @property
    def undoes(self) -> int: ...


R = TypeVar("R", bound=Report)


@dataclass(frozen=True, slots=True)
class Sale:
    """Of a report of a sale, or of its being taken back, what tells which serials stand reported:
    a batch may have very many of them."""

    number: int
    first: int
    last: int
    change: str
    undoes: int = 0


class SerialsNotOnSale(Refusal):
    code = "serials_not_on_sale"
    message = (
        "Các tem {first}–{last} không ở trạng thái đang dùng nên chưa thể báo đã bán. "
        "Hãy chọn khoảng tem đang dùng."
    )


class SerialsAlreadySold(Refusal):
    code = "serials_already_sold"
    message = "Các tem {first}–{last} đã được báo bán trước đó. Hãy chọn khoảng khác."


class NotASale(Refusal):
    code = "not_a_sale"
    message = (
        "Thay đổi số {number} không phải là báo bán, nên không rút lại được ở đây. "
        "Hãy mở lô tem và chọn lần báo bán cần rút lại."
    )


class SaleTakenBack(Refusal):
    code = "sale_taken_back"
    message = (
        "Lần báo bán này đã được rút lại rồi, không cần làm gì thêm. "
        "Tem nào đã bán thật thì báo lại."
    )


class TakeBackTooLate(Refusal):
    code = "take_back_too_late"
    message = (
        "Đã quá 3 ngày kể từ khi báo bán nên không rút lại được nữa. Nếu tem bị nghi sao chép vì "
        "báo nhầm, hãy đề nghị cơ quan quản lý kết luận."
    )


def must_be_a_sale(made: Changed) -> None:
    if made.change != SOLD:
        raise NotASale(number=made.number)


def must_be_retractable(sale: Changed, now: datetime) -> None:
    """Raises NotASale, TakeBackTooLate."""
    must_be_a_sale(sale)
    if now - sale.at > TAKE_BACK_WITHIN:
        raise TakeBackTooLate()


def standing(changes: Iterable[R]) -> list[R]:
    """The reports of sales that nobody has taken back, in the order given."""
    changes = list(changes)
    taken_back = {one.undoes for one in changes if one.change == UNSOLD}
    return [one for one in changes if one.change == SOLD and one.number not in taken_back]


def first_unsold(intervals: Iterable[Interval], sales: Iterable[Span]) -> Span | None:
    """The first run of serials in use that none of these reports covers, which do not overlap."""
    reported = sorted(sales)
    at = 0
    for one in intervals:
        if one.state != "active":
            continue
        start = one.first
        while at < len(reported) and reported[at][0] <= one.last:
            first, last = reported[at]
            if first > start:
                return start, first - 1
            start = max(start, last + 1)
            if last > one.last:
                break
            at += 1
        if start <= one.last:
            return start, one.last
    return None


def must_be_on_sale(intervals: Iterable[Interval], first: int, last: int) -> None:
    """Raise SerialsNotOnSale unless all of first…last are active."""
    for one in intervals:
        if one.first <= last and one.last >= first and one.state != "active":
            low, high = max(first, one.first), min(last, one.last)
            raise SerialsNotOnSale("first", first=low, last=high)
