"""Print jobs: sheets of stamps made in the background, for a file that is ready to print (R40)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.errors import Kind, Refusal

MAX_STAMPS = 100_000

State = Literal["queued", "running", "done", "failed"]


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
