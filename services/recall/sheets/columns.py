"""The columns of a file of rows of goods."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.sheets.limits import ColumnsMissing, ColumnTwice
from shared.spelling import fold
from shared.web.i18n import N_

HEADER_WITHIN: Final = 20


@dataclass(frozen=True, slots=True)
class Column:
    """`field` as the row's form names it; a `told` one is for people and never read."""

    field: str
    header: str
    hint: str = ""
    required: bool = False
    told: bool = False


LOT, SENT, PROOFS = "lot_id", "sent", "files"
COLUMNS: Final = (
    Column(LOT, "Mã lô", N_("Như trong bảng Lô."), required=True),
    Column("facility_id", "Cơ sở giữ hàng", N_("Như trong bảng Cơ sở; hoặc ghi hai cột sau.")),
    Column(
        "commune",
        "Xã, phường",
        N_("Khi nơi có hàng không phải một cơ sở trong bảng. Ghi tên hoặc mã."),
    ),
    Column("where", "Địa chỉ, nơi có hàng", N_("Đi cùng cột Xã, phường; ví dụ: Đại lý Bình, chợ.")),
    Column(SENT, "Đã gửi tới (để tham khảo)", N_("Hệ thống không đọc cột này."), told=True),
    Column("fate", "Hàng này ra sao", N_("Chọn trong danh sách."), required=True),
    Column("handling", "Cách xử lý", N_("Chỉ cho hàng đã thu hồi. Chọn trong danh sách.")),
    Column("quantity", "Số lượng", N_("Ví dụ 12 hoặc 12,5."), required=True),
    Column("unit", "Đơn vị", N_("Để trống là đơn vị của lô.")),
    Column("day", "Ngày", N_("Dạng ngày/tháng/năm."), required=True),
    Column("words", "Ghi chú", N_("Bắt buộc với hàng hao hụt.")),
    Column(
        PROOFS,
        "Ảnh, biên bản",
        N_("Tên các tệp gửi kèm, ngăn bằng dấu chấm phẩy. Bắt buộc với hàng tiêu hủy."),
    ),
)
# What a template fills in by itself: a row that has nothing else was not filled in.
PREFILLED: Final = frozenset({LOT, "facility_id", SENT, "unit"})


def header_of(field: str) -> str:
    """ "" for what is about the row as a whole."""
    names = {"evidence": PROOFS, "place": "facility_id"}
    wanted = names.get(field.partition(".")[0], field.partition(".")[0])
    return next((one.header for one in COLUMNS if one.field == wanted), "")


def columns_in(headers: Sequence[object]) -> list[Column | None] | None:
    """The columns that a row of headers names; None where it is none. Raises ColumnTwice."""
    known = {plain(one.header): one for one in COLUMNS} | {plain(one.field): one for one in COLUMNS}
    found = [known.get(plain(str(header or "").replace("*", " "))) for header in headers]
    named = [one.field for one in found if one is not None]
    if len(named) < 3:
        return None
    for one in found:
        if one is not None and named.count(one.field) > 1:
            raise ColumnTwice("file", column=one.header)
    require(named)
    return found


def require(named: Sequence[str]) -> None:
    """Raises ColumnsMissing."""
    missing = [one.header for one in COLUMNS if one.required and one.field not in named]
    if missing:
        raise ColumnsMissing("file", columns=", ".join(missing))


def plain(text: str) -> str:
    """A word as it is compared: without marks, capitals and signs between."""
    return " ".join(fold(text).replace(",", " ").replace(".", " ").split())
