"""How large a file may be, and what is wrong with one that cannot be read at all."""

from typing import Final

from shared.errors import Kind, Refusal
from shared.spreadsheets import MOST_IN_CELL

MAX_BYTES: Final = 8_000_000
MAX_ROWS: Final = 20_000
MAX_COLUMNS: Final = 100
MAX_CELL: Final = 8_000
# What Excel itself holds in one cell; only boundaries and lists of households may be so long.
MAX_LONG_CELL: Final = MOST_IN_CELL
# Rows of a second sheet: the households of all areas of a file.
MAX_ROWS_BESIDE: Final = 100_000
# What an XLSX file, which is a zip archive, may become when it is unpacked.
MAX_UNPACKED: Final = 250_000_000
MAX_RATIO: Final = 400
# The process that reads a file may take so much memory (bytes) and processor time (seconds).
READER_MEMORY: Final = 1_200_000_000
READER_SECONDS: Final = 90


class FileEmpty(Refusal):
    code = "file_empty"
    kind = Kind.INVALID
    message = "Tệp không có dòng dữ liệu nào. Hãy điền vào tệp mẫu, lưu lại rồi tải lên."


class FileTooLarge(Refusal):
    code = "file_too_large"
    kind = Kind.TOO_LARGE
    message = "Tệp lớn hơn {limit} MB. Hãy chia thành nhiều tệp nhỏ hơn."


class FileUnpacksTooLarge(Refusal):
    code = "file_unpacks_too_large"
    kind = Kind.TOO_LARGE
    message = "Tệp nén quá nhiều so với nội dung. Hãy chép dữ liệu sang tệp mẫu mới rồi tải lên."


class TooManyRows(Refusal):
    code = "too_many_rows"
    kind = Kind.TOO_LARGE
    message = "Tệp có hơn {limit} dòng dữ liệu. Hãy chia thành nhiều tệp."


class TooManyColumns(Refusal):
    code = "too_many_columns"
    kind = Kind.TOO_LARGE
    message = "Tệp có hơn {limit} cột. Hãy chỉ giữ các cột của tệp mẫu."


class FileUnreadable(Refusal):
    code = "file_unreadable"
    kind = Kind.INVALID
    message = (
        "Không đọc được tệp này. Hãy mở bằng Excel hoặc LibreOffice, lưu lại dạng .xlsx "
        "hoặc .csv (UTF-8) rồi tải lên."
    )


class FileEncrypted(Refusal):
    code = "file_encrypted"
    kind = Kind.INVALID
    message = "Tệp đang đặt mật khẩu. Hãy bỏ mật khẩu, lưu lại rồi tải lên."


class ColumnsMissing(Refusal):
    code = "columns_missing"
    kind = Kind.INVALID
    message = (
        "Tệp thiếu cột bắt buộc: {columns}. Dòng tiêu đề phải ghi đúng tên cột như trong tệp mẫu."
    )


class ColumnTwice(Refusal):
    code = "column_twice"
    kind = Kind.INVALID
    message = "Có hai cột cùng tên {column}. Hãy bỏ bớt một cột."


REFUSALS: Final = {
    one.code: one
    for one in (
        FileEmpty,
        FileTooLarge,
        FileUnpacksTooLarge,
        TooManyRows,
        TooManyColumns,
        FileUnreadable,
        FileEncrypted,
        ColumnsMissing,
        ColumnTwice,
    )
}
