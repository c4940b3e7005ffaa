"""The columns of lots."""

from typing import Final

from services.registry.domain.catalogues import Catalogue
from services.registry.naming import labels_of
from services.registry.sheets.column import CHOICE, DAY, LINES, NUMBER, WHOLE, Column
from services.registry.sheets.diary_columns import ROWS_OF_DIARY
from services.registry.sheets.place_columns import OF_FACILITY
from shared.web.i18n import N_

# `key` columns are looked up: product and area by code or name, inputs by facility and lot code.
LOT: Final = (
    Column("lot_code", N_("Mã lô"), required=True, example="VÍ DỤ"),
    OF_FACILITY,
    Column("facility_name", N_("Tên cơ sở"), told=True),
    Column(
        "product",
        N_("Mã sản phẩm"),
        key=True,
        required=True,
        hint=N_("Mã sản phẩm (SP22-…), mã GTIN, hoặc đúng tên sản phẩm đang đăng của cơ sở."),
        example="SP22-00000017",
    ),
    Column("product_name", N_("Tên sản phẩm"), told=True),
    Column("quantity", N_("Số lượng"), NUMBER, required=True, example=1200),
    Column(
        "unit",
        N_("Đơn vị"),
        CHOICE,
        required=True,
        example="kg",
        choices=labels_of(Catalogue.UNITS),
    ),
    Column("produced_on", N_("Ngày sản xuất"), DAY, required=True, example="20/08/2026"),
    Column("expires_on", N_("Hạn dùng"), DAY, hint=N_("Để trống: tính theo hạn của sản phẩm.")),
    Column("area", N_("Mã vùng"), key=True, hint=N_("Mã vùng, hoặc mã số vùng đã cấp.")),
    Column(
        "inputs",
        N_("Lô nguyên liệu"),
        LINES,
        key=True,
        hint=N_("Mỗi lô một dòng trong ô: Mã cơ sở/Mã lô | Số lượng | Đơn vị."),
    ),
    Column(
        "step",
        N_("Công đoạn"),
        CHOICE,
        key=True,
        hint=N_("Một công đoạn của nhật ký; các công đoạn khác ghi ở ô Các công đoạn khác."),
        example="Thu hoạch",
        choices=labels_of(Catalogue.STEPS),
    ),
    Column("step_on", N_("Ngày của công đoạn"), DAY, key=True, example="20/08/2026"),
    Column("step_place", N_("Nơi của công đoạn"), key=True, example="Thôn Đồi Nắng"),
    Column(
        "steps",
        N_("Các công đoạn khác"),
        LINES,
        key=True,
        hint=N_(
            "Mỗi công đoạn một dòng trong ô: Công đoạn | ngày | nơi | ghi chú. "
            "Vật tư: Loại vật tư | ngày | nơi | tên | số ngày cách ly | liều lượng."
        ),
        example="Thuốc bảo vệ thực vật | 01/08/2026 | Thôn Đồi Nắng | Abamectin 1.8EC | 14",
    ),
    ROWS_OF_DIARY,
    Column("stages", N_("Số công đoạn nhật ký"), WHOLE, told=True),
)
