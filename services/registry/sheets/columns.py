"""The columns of templates, imports and exports: one table for each kind of record."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from services.registry import catalogue
from services.registry.domain.catalogues import Catalogue
from services.registry.domain.categories import categories
from services.registry.domain.records import Aggregate
from services.registry.domain.words import fold
from services.registry.naming import labels_of
from services.registry.sheets.area_columns import (
    COMMUNE_HINT,
    GROWING_AREA,
    OF_FACILITY,
    commune_choices,
)
from services.registry.sheets.column import (
    CHOICE,
    CHOICES,
    DAY,
    DIGITS,
    LINES,
    NUMBER,
    TEXT,
    WHOLE,
    YES,
    Choices,
    Column,
)
from shared.web.i18n import N_

# As many certificates have columns of their own; further ones stay as they are.
CERTIFICATES: Final = 3


def _labels(labels: Mapping[str, str]) -> Choices:
    return lambda: labels


def _categories() -> Mapping[str, str]:
    return {one.key: one.name for one in categories().values()}


def _certificate(number: int) -> tuple[Column, ...]:
    """The columns of one certificate, told apart by its number."""
    example: tuple[str, ...] = ("", "", "", "", "")
    if number == 1:
        example = (
            catalogue.CERTIFICATES["attp"],
            "0014/2026/NNMT-QN",
            "Chi cục Chất lượng Quảng Ninh",
            "01/03/2026",
            "01/03/2029",
        )
    parts: tuple[tuple[str, str, str, Mapping[str, str]], ...] = (
        ("kind", N_("Loại giấy"), CHOICE, catalogue.CERTIFICATES),
        ("number", N_("Số giấy"), TEXT, {}),
        ("issuer", N_("Nơi cấp giấy"), TEXT, {}),
        ("issued_on", N_("Ngày cấp giấy"), DAY, {}),
        ("expires_on", N_("Ngày hết hạn giấy"), DAY, {}),
    )
    return tuple(
        Column(
            f"certificates.{number - 1}.{name}",
            f"{header} {number}",
            shape,
            example=shown,
            choices=_labels(labels),
        )
        for (name, header, shape, labels), shown in zip(parts, example, strict=True)
    )


FACILITY: Final = (
    Column(
        "code",
        N_("Mã cơ sở"),
        key=True,
        hint=N_("Để trống nếu là cơ sở mới; hệ thống sẽ cấp mã."),
        example="VÍ DỤ",
    ),
    Column("name", N_("Tên cơ sở"), required=True, example="Hợp tác xã Đồi Nắng"),
    Column("name_en", N_("Tên tiếng Anh"), example="Sunny Hill Cooperative"),
    Column("form", N_("Hình thức"), CHOICE, example="Hợp tác xã", choices=_labels(catalogue.FORMS)),
    Column(
        "facility_class",
        N_("Diện quản lý"),
        CHOICE,
        required=True,
        example="Diện cấp giấy chứng nhận",
        choices=_labels(catalogue.CLASSES),
    ),
    Column(
        "sector",
        N_("Ngành quản lý"),
        CHOICE,
        required=True,
        example="Nông nghiệp và Môi trường",
        choices=_labels(catalogue.SECTORS),
    ),
    Column(
        "kinds",
        N_("Loại hình"),
        CHOICES,
        required=True,
        hint=N_("Nhiều loại hình thì ngăn bằng dấu chấm phẩy."),
        example="Trồng trọt; Đóng gói",
        choices=_labels(catalogue.KINDS),
    ),
    Column(
        "commune",
        N_("Xã, phường, đặc khu"),
        CHOICE,
        required=True,
        hint=COMMUNE_HINT,
        example="Phường An Sinh",
        choices=commune_choices,
    ),
    Column("address", N_("Địa chỉ"), required=True, example="Thôn Đồi Nắng"),
    Column("latitude", N_("Vĩ độ"), NUMBER, example=21.1468),
    Column("longitude", N_("Kinh độ"), NUMBER, example=106.5421),
    Column("representative", N_("Người đại diện"), example="Nguyễn Văn Khởi"),
    Column("phone", N_("Điện thoại"), DIGITS, example="0203 000 1007"),
    Column("email", N_("Thư điện tử")),
    Column(
        "tax_number",
        N_("Mã số thuế"),
        DIGITS,
        hint=N_("Định dạng ô là Văn bản để không mất số 0 ở đầu."),
        example="0100233488",
    ),
    Column("registration_number", N_("Số đăng ký kinh doanh"), DIGITS, example="0100233488"),
    Column("registration_date", N_("Ngày đăng ký kinh doanh"), DAY, example="18/04/2017"),
    Column("gln", N_("Mã GLN"), DIGITS),
    Column("plant_code", N_("Mã cơ sở đóng gói, nhà máy")),
    Column(
        "more_codes",
        N_("Mã khác của cơ sở"),
        LINES,
        hint=N_("Mã cơ sở đóng gói, nhà máy, vùng trồng khác; mỗi mã một dòng trong ô."),
    ),
    Column("safe_chain", N_("Thuộc chuỗi thực phẩm an toàn"), YES, example="Có"),
    Column("chain", N_("Tên chuỗi")),
    Column("marks", N_("Nhóm ưu tiên"), CHOICES, choices=_labels(catalogue.MARKS)),
    Column("description", N_("Giới thiệu"), LINES),
    Column("description_en", N_("Giới thiệu tiếng Anh"), LINES),
    *(column for number in range(1, CERTIFICATES + 1) for column in _certificate(number)),
)
_PARTY_HINT: Final = N_(
    "Mã cơ sở (CS22-…), hoặc Tên | Địa chỉ nếu đơn vị không có trong hệ thống. "
    "Nhiều đơn vị thì mỗi đơn vị một dòng trong ô."
)
PRODUCT: Final = (
    Column(
        "code",
        N_("Mã sản phẩm"),
        key=True,
        hint=N_("Để trống nếu là sản phẩm mới; hệ thống sẽ cấp mã."),
        example="VÍ DỤ",
    ),
    OF_FACILITY,
    Column("name", N_("Tên sản phẩm"), required=True, example="Na dai Đông Triều"),
    Column("name_en", N_("Tên tiếng Anh"), example="Đông Triều custard apple"),
    Column(
        "category", N_("Nhóm sản phẩm"), CHOICE, required=True, example="Na", choices=_categories
    ),
    Column("gtin", N_("Mã GTIN"), DIGITS),
    Column("brand", N_("Nhãn hiệu"), example="Đồi Nắng"),
    Column("description", N_("Giới thiệu"), LINES),
    Column("description_en", N_("Giới thiệu tiếng Anh"), LINES),
    Column("origin", N_("Nguồn gốc, xuất xứ"), example="An Sinh, Quảng Ninh"),
    Column("capacity", N_("Năng lực sản xuất"), example="50 tấn một năm"),
    Column("packaging", N_("Quy cách đóng gói"), example="Hộp giấy 2 kg"),
    Column("net_content", N_("Khối lượng tịnh"), example="2 kg"),
    Column("price", N_("Giá bán tham khảo"), WHOLE, example=90000),
    Column("shelf_life_days", N_("Hạn dùng (ngày)"), WHOLE, example=6),
    Column("storage", N_("Bảo quản"), example="Nơi thoáng mát"),
    Column(
        "standards",
        N_("Tiêu chuẩn áp dụng"),
        LINES,
        hint=N_("Mỗi tiêu chuẩn một dòng trong ô (Alt+Enter), hoặc ngăn bằng dấu chấm phẩy."),
        example="VietGAP trồng trọt",
    ),
    Column("ocop_stars", N_("Hạng OCOP"), WHOLE, example=4),
    Column("key_product", N_("Sản phẩm chủ lực"), YES),
    *(
        Column(f"chain.{role}", header, LINES, hint=_PARTY_HINT)
        for role, header in (
            ("producer", N_("Đơn vị sản xuất")),
            ("processor", N_("Đơn vị chế biến")),
            ("packer", N_("Đơn vị đóng gói")),
            ("distributor", N_("Đơn vị phân phối")),
        )
    ),
)
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
    Column("stages", N_("Số công đoạn nhật ký"), WHOLE, told=True),
)
COLUMNS: Final = {
    Aggregate.FACILITY: FACILITY,
    Aggregate.PRODUCT: PRODUCT,
    Aggregate.GROWING_AREA: GROWING_AREA,
    Aggregate.LOT: LOT,
}
# What can be imported, facilities first: what follows names theirs.
IMPORTED: Final = (
    Aggregate.FACILITY,
    Aggregate.PRODUCT,
    Aggregate.GROWING_AREA,
    Aggregate.LOT,
)
# Fields that a column calls otherwise, because `code` is the record's own.
RENAMED: Final = {
    Aggregate.GROWING_AREA: {"official_code": "code"},
    Aggregate.LOT: {
        "lot_code": "code",
        "product": "product_id",
        "area": "growing_area_id",
        "inputs": "used",
        "step": "entries",
    },
}


@cache
def by_header(aggregate: Aggregate) -> Mapping[str, Column]:
    """Columns by their folded header and by the domain's name."""
    found = {}
    for column in COLUMNS[aggregate]:
        found[_plain(column.header)] = column
        found[_plain(column.field)] = column
    return found


def column_of(aggregate: Aggregate, header: str) -> Column | None:
    """The column a header names; a star that marks required ones does not matter."""
    return by_header(aggregate).get(_plain(header))


def _plain(header: str) -> str:
    return " ".join(fold(header.replace("*", " ")).split())
