"""The columns of a lot's diary: in XLSX a sheet of its own, an entry a row."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from services.registry import catalogue
from services.registry.domain.catalogues import Catalogue, all_rows
from services.registry.domain.diary import Step
from services.registry.sheets.column import CHOICE, DAY, NUMBER, ROWS, WHOLE, YES, Column
from shared.web.i18n import N_

INPUT: Final = f"{Step.INPUT}."


def steps() -> Mapping[str, str]:
    """Also those no longer in use: a diary of before has them."""
    return {key: row.name for key, row in all_rows(Catalogue.STEPS).items()}


def units() -> Mapping[str, str]:
    return {key: row.name for key, row in all_rows(Catalogue.UNITS).items()}


def done() -> Mapping[str, str]:
    """What an entry tells of: a step of the catalogue, or `input.<kind>` for what was used."""
    used = {f"{INPUT}{kind}": label for kind, label in catalogue.SUPPLIES.items()}
    return {**{key: name for key, name in steps().items() if key != Step.INPUT}, **used}


# The note comes last: where an entry is a line of a cell, it may have bars of its own.
_CELLS: Final = (
    Column("done", N_("Việc đã làm"), CHOICE, required=True, choices=done, example="Thu hoạch"),
    Column("on", N_("Ngày làm"), DAY, required=True, example="20/08/2026"),
    Column("clock", N_("Giờ"), example="08:30"),
    Column("place", N_("Nơi làm"), required=True, example="Thôn Đồi Nắng"),
    Column("place_code", N_("Mã nơi làm")),
    Column("name", N_("Tên vật tư")),
    Column("active_substance", N_("Hoạt chất")),
    Column("dose", N_("Liều lượng")),
    Column("withdrawal_days", N_("Số ngày cách ly"), WHOLE),
    Column("lot_number", N_("Số lô trên bao bì")),
    Column("material", N_("Giống, nguyên liệu")),
    Column("source", N_("Nguồn")),
    Column("destination", N_("Nơi đến")),
    Column("vehicle", N_("Phương tiện")),
    Column("method", N_("Cách làm")),
    Column("amount", N_("Lượng"), NUMBER),
    Column("unit", N_("Đơn vị của lượng"), CHOICE, choices=units),
    Column("remove", N_("Bỏ"), YES, hint=N_("Có: bỏ mục này khỏi nhật ký.")),
    Column("key", N_("Mã mục"), hint=N_("Để trống khi ghi mục mới.")),
    Column("note", N_("Ghi chú")),
)
# All but those that say which entry it is may be emptied; a mandatory one says that it may not.
DIARY: Final = tuple(replace(one, clears=one.field not in ("remove", "key")) for one in _CELLS)
ROWS_OF_DIARY: Final = Column(
    "diary",
    N_("Nhật ký"),
    ROWS,
    key=True,
    rows=DIARY,
    sheet="Nhật ký",
    hint=N_(
        "Mỗi mục một dòng. Dòng có mã mục sửa mục đó, ô trống giữ nguyên, ô ghi (xóa) thì xóa nội "
        "dung cũ; dòng không có mã mục thêm mục mới. Mục không còn trong tệp vẫn giữ trong nhật "
        "ký: muốn bỏ, ghi Có ở cột Bỏ."
    ),
)
