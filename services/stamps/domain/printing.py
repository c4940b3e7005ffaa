"""Print jobs: sheets of stamps made in the background, for a file that is ready to print (R40)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.errors import Kind, Refusal

MAX_STAMPS = 100_000

State = Literal["queued", "running", "done", "failed"]
# Serials first…last, both included.
Span = tuple[int, int]


class TooManyToPrint(Refusal):
    code = "too_many_to_print"
    kind = Kind.INVALID
    message = "Mỗi lần in tối đa {limit} tem. Hãy chia thành nhiều lần in."


class UnknownSize(Refusal):
    code = "unknown_size"
    kind = Kind.INVALID
    message = "Không có khổ tem “{size}”. Hãy chọn một khổ trong danh sách."


class SymbolDoesNotFit(Refusal):
    code = "symbol_does_not_fit"
    kind = Kind.INVALID
    message = "Địa chỉ của hệ thống quá dài cho mã QR khổ này. Hãy chọn khổ lớn hơn."


class NotPrintedYet(Refusal):
    code = "not_printed_yet"
    message = "Tệp in chưa xong. Hãy đợi đến khi trang báo đã xong."


@dataclass(frozen=True, slots=True)
class PrintJob:
    """Serials first…last of a batch in one size.

    `attempt` counts the workers that took it up; only the latest may finish it.
    """

    id: str
    batch: int
    first: int
    last: int
    size: str
    facility_id: str
    product_id: str
    requested_by: str
    requested_at: datetime
    state: State = "queued"
    done: int = 0
    attempt: int = 0
    file_id: str = ""
    bytes: int = 0

    @property
    def total(self) -> int:
        return self.last - self.first + 1

    @property
    def file_name(self) -> str:
        return f"tem-{self.batch}-{self.first}-{self.last}-{self.size}.pdf"


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same serials in as few spans as possible, in order."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(found[-1][1], last)
        else:
            found.append((first, last))
    return found


def next_to_print(quantity: int, printed: Iterable[Span], most: int) -> Span:
    """The first serials of 0…`quantity` - 1 that no file holds yet, at most so many of them.

    A stamp that is printed twice is two stamps with one code, so what to print next is never what
    has been printed, unless everything has.
    """
    first, end = 0, quantity - 1
    for start, last in joined(printed):
        if first < start:
            end = start - 1
            break
        first = last + 1
    if first >= quantity:
        first, end = 0, quantity - 1
    return first, min(end, first + most - 1)
