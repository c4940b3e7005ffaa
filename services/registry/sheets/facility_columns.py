"""The columns of facilities, and of those that are known of but do not take part (yet)."""

from collections.abc import Mapping
from typing import Final

from services.registry import catalogue
from services.registry.domain.catalogues import Catalogue
from services.registry.naming import labels_of
from services.registry.sheets.column import (
    CHOICE,
    CHOICES,
    DAY,
    DIGITS,
    LINES,
    NUMBER,
    ROWS,
    TEXT,
    YES,
    Choices,
    Column,
)
from services.registry.sheets.place_columns import COMMUNE, own_code
from shared.web.i18n import N_

# As many certificates have columns of their own; further ones stay as they are.
CERTIFICATES: Final = 3


def _labels(labels: Mapping[str, str]) -> Choices:
    return lambda: labels


def _certificate(number: int) -> tuple[Column, ...]:
    """The columns of one certificate, told apart by its number."""
    example: tuple[str, ...] = ("", "", "", "", "", "", "")
    if number == 1:
        example = (
            catalogue.CERTIFICATES["attp"],
            "0014/2026/NNMT-QN",
            "Chi cục Chất lượng Quảng Ninh",
            "01/03/2026",
            "01/03/2029",
            "Trồng trọt, đóng gói",
            "",
        )
    parts: tuple[tuple[str, str, str, Mapping[str, str]], ...] = (
        ("kind", N_("Loại giấy"), CHOICE, catalogue.CERTIFICATES),
        ("number", N_("Số giấy"), TEXT, {}),
        ("issuer", N_("Nơi cấp giấy"), TEXT, {}),
        ("issued_on", N_("Ngày cấp giấy"), DAY, {}),
        ("expires_on", N_("Ngày hết hạn giấy"), DAY, {}),
        ("scope", N_("Phạm vi giấy"), TEXT, {}),
        ("title", N_("Tên giấy khác"), TEXT, {}),
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


# Importing countries that accept the code of a packing house or plant (R25).
_MARKETS: Final = Column(
    "markets",
    N_("Nước nhập khẩu đã chấp nhận mã"),
    ROWS,
    rows=(
        Column("country", N_("Nước"), CHOICE, choices=labels_of(Catalogue.COUNTRIES)),
        Column("number", N_("Mã do nước đó cấp, nếu khác")),
        Column("until", N_("Được chấp nhận đến ngày"), DAY),
        Column("requirement", N_("Yêu cầu riêng")),
    ),
    hint=N_(
        "Mỗi nước một dòng trong ô: Nước | mã nước đó cấp | đến ngày | yêu cầu riêng; chỗ không có "
        "thì để trống giữa hai dấu |."
    ),
    example="Trung Quốc |  | 31/12/2027 | bao trái, không ruồi đục quả",
)
FACILITY: Final = (
    own_code(N_("Mã cơ sở"), N_("Để trống nếu là cơ sở mới; hệ thống sẽ cấp mã.")),
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
    COMMUNE,
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
    _MARKETS,
    Column("safe_chain", N_("Thuộc chuỗi thực phẩm an toàn"), YES, example="Có"),
    Column("chain", N_("Tên chuỗi")),
    Column("marks", N_("Nhóm ưu tiên"), CHOICES, choices=_labels(catalogue.MARKS)),
    Column("description", N_("Giới thiệu"), LINES),
    Column("description_en", N_("Giới thiệu tiếng Anh"), LINES),
    *(column for number in range(1, CERTIFICATES + 1) for column in _certificate(number)),
)
# A paper of the list is a certificate or a commitment: one of them has columns there.
_LISTED: Final = (
    "name",
    "facility_class",
    "sector",
    "kinds",
    "commune",
    "address",
    "representative",
    "phone",
    "email",
    "tax_number",
    "registration_number",
    "registration_date",
    "marks",
)
# The list that the province's plan of 2026 (V.1.2, V.3) has authorities keep up.
KNOWN: Final = (
    own_code(
        N_("Mã trong danh sách"),
        N_("Để trống nếu là cơ sở mới; tệp xuất ra có sẵn mã để sửa rồi tải lên lại."),
    ),
    *(column for column in FACILITY if column.field in _LISTED),
    *_certificate(1),
    Column("source", N_("Biết từ đâu"), example="Rà soát tháng 6/2026"),
    Column("status", N_("Tình trạng"), told=True),
)
