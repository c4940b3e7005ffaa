"""A spreadsheet of rows of goods: kept as it came, judged as often as it is looked at, counted
once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from services.recall.domain.amounts import Made
from services.recall.domain.recovery import Row, Spot
from services.recall.domain.terms import Official
from shared.errors import Kind, Refusal

MAX_BYTES: Final = 2_000_000
# All rows of a file are counted in one transaction, or none.
MAX_ROWS: Final = 1_000
# Letters of all cells together: what is kept of a file fits in one document.
MAX_LETTERS: Final = 1_500_000
# Files of one party in one case that wait for being counted.
MOST_WAITING: Final = 20
# Photos and minutes that the rows of one file may name.
MOST_EVIDENCE: Final = 40

Cells = Mapping[str, Any]


class FileUnknown(Refusal):
    code = "rows_file_unknown"
    kind = Kind.NOT_FOUND
    message = "Không tìm thấy tệp này trong vụ việc. Hãy mở lại danh sách các tệp đã tải lên."


class FileHasErrors(Refusal):
    code = "rows_file_has_errors"
    kind = Kind.INVALID
    message = (
        "Tệp còn {count} lỗi nên chưa dòng nào được ghi. Hãy sửa các ô nêu bên dưới trong tệp của "
        "bạn rồi tải lên lại."
    )


class TooManyFilesWaiting(Refusal):
    code = "too_many_rows_files"
    kind = Kind.LIMIT
    message = (
        "Đã có {most} tệp chờ ghi trong vụ việc này. Hãy ghi hoặc bỏ các tệp đó rồi tải lên tiếp."
    )


class FileUnderWay(Refusal):
    code = "rows_file_under_way"
    kind = Kind.LIMIT
    message = "Tệp trước của bạn còn đang được đọc. Hãy đợi vài giây rồi tải lên lại."


class ReadersBusy(Refusal):
    code = "rows_readers_busy"
    kind = Kind.UNAVAILABLE
    message = "Nhiều tệp đang được đọc cùng lúc. Hãy tải lên lại sau một phút."


class TooManyProofs(Refusal):
    code = "too_many_proofs"
    kind = Kind.LIMIT
    message = "Một tệp số liệu kèm tối đa {most} ảnh, biên bản. Hãy chia thành nhiều tệp số liệu."


class AlreadyCounted(Refusal):
    code = "rows_file_already_counted"
    kind = Kind.CONFLICT
    message = "Tệp này đã được ghi. Hãy tải lên tệp khác, hoặc sửa từng dòng ở trang của lô."


class SameRowAgain(Refusal):
    code = "same_row_again"
    kind = Kind.INVALID
    message = (
        "Dòng này giống hệt dòng {line} của tệp. Nếu là hàng khác, hãy ghi rõ ở cột Ghi chú; "
        "nếu không, hãy xóa một dòng."
    )


class RowAlreadyReported(Refusal):
    code = "row_already_reported"
    kind = Kind.INVALID
    message = (
        "Dòng này giống hệt một dòng đã ghi ngày {day}. Nếu là hàng khác, hãy ghi rõ ở cột "
        "Ghi chú; nếu không, hãy xóa dòng này khỏi tệp."
    )


class RowCorrectedSince(Refusal):
    """What was put right is not counted again by a table that still has the row of before."""

    code = "row_reported_and_corrected"
    kind = Kind.INVALID
    message = (
        "Dòng này giống hệt một dòng ghi ngày {day}, dòng đó đã được sửa. Nếu là hàng khác, hoặc "
        "dòng đã sửa vốn đúng, hãy ghi rõ ở cột Ghi chú; nếu không, hãy xóa dòng này khỏi tệp."
    )


class PlaceOfOthers(Refusal):
    code = "place_of_others"
    kind = Kind.INVALID
    message = (
        "Nơi này và nơi sản xuất lô đều ngoài địa bàn của bạn. "
        "Hãy bỏ dòng này; cơ quan ở đó sẽ ghi."
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it stands in the file: its number there, and its cells by field."""

    number: int
    cells: Cells


@dataclass(frozen=True, slots=True)
class RowsFile:
    """`party` is whose it is, a facility or a unit, whose people all see it. `lines` may be left
    out where many are listed; `rows` is how many there are. `proofs` are ids of files by the name
    that rows call them. `counted_at` is None while nothing of it was counted. What was not read is
    told: `unknown` are headers that mean nothing here, `ignored` sheets beside the one that was
    read, `passed` is how many rows were taken for not filled in."""

    id: str
    case_id: str
    name: str
    party: str
    digest: str
    by: Official
    at: datetime
    lines: tuple[Line, ...]
    rows: int
    date1904: bool = False
    unknown: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    passed: int = 0
    proofs: Mapping[str, str] = field(default_factory=dict)
    counted_at: datetime | None = None
    counted_by: str = ""

    @property
    def waits(self) -> bool:
        return self.counted_at is None


def digest_of(lines: Iterable[Line]) -> str:
    """The same for what says the same, in whatever kind of file and with whatever empty rows."""
    said = [sorted((name, _plain(cell)) for name, cell in line.cells.items()) for line in lines]
    return sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()


def _plain(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


Twin = tuple[str, str, Decimal, date, Spot, str]


def twin_key(row: Row, made: Made) -> Twin:
    """Rows of which all this is the same are taken for one that was told twice, in whatever unit.

    Raises OtherDimension for a row that cannot be told in the unit its lot has now.
    """
    stated = row.stated
    return (stated.lot_id, row.key, row.amount_in(made), stated.day, stated.spot, stated.words)
