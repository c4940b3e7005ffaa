"""The columns of growing and farming areas."""

from collections.abc import Mapping
from typing import Final

from services.registry import catalogue
from services.registry.domain.catalogues import crops
from services.registry.sheets.column import (
    BOUNDARY,
    CHOICE,
    LINES,
    NUMBER,
    ROWS,
    WHOLE,
    Column,
)
from services.registry.sheets.place_columns import COMMUNE, OF_FACILITY, own_code
from shared.web.i18n import N_


def _species() -> Mapping[str, str]:
    return {one.key: one.name for one in crops().values()}


GROWING_AREA: Final = (
    own_code(N_("Mã vùng"), N_("Để trống nếu là vùng mới; hệ thống sẽ cấp mã.")),
    OF_FACILITY,
    Column("facility_name", N_("Tên cơ sở"), told=True),
    Column("name", N_("Tên vùng"), required=True, example="Vùng trồng na Đồi Nắng"),
    Column(
        "kind",
        N_("Loại vùng"),
        CHOICE,
        example="Vùng trồng",
        choices=lambda: catalogue.AREA_KINDS,
    ),
    Column("crop", N_("Cây trồng, vật nuôi"), required=True, example="Na dai"),
    Column("species", N_("Loài theo danh mục"), CHOICE, choices=_species),
    COMMUNE,
    Column(
        "official_code",
        N_("Mã số vùng"),
        hint=N_("Mã số do cơ quan có thẩm quyền cấp, ví dụ VN-DTOR-0017; để trống nếu chưa có."),
    ),
    Column("area_hectares", N_("Diện tích (ha)"), NUMBER, example=38.5),
    Column("households", N_("Số hộ tham gia"), WHOLE, example=42),
    Column(
        "seasons",
        N_("Các vụ"),
        LINES,
        hint=N_("Mỗi vụ một dòng trong ô: Tên vụ | từ ngày | đến ngày."),
        example="Vụ xuân 2026 | 01/02/2026 | 30/06/2026",
    ),
    Column(
        "markets",
        N_("Nước chấp nhận mã vùng"),
        LINES,
        hint=N_(
            "Mỗi nước một dòng trong ô: Nước | mã của nước đó | đến ngày | yêu cầu. Chỉ tên nước "
            "là bắt buộc."
        ),
        example="Trung Quốc | CN-QN-0001 | 31/12/2027",
    ),
    Column(
        "boundary",
        N_("Ranh giới"),
        BOUNDARY,
        hint=N_(
            "Các góc của vùng: vĩ độ, kinh độ; ngăn các góc bằng dấu chấm phẩy hoặc mỗi góc một "
            "dòng trong ô. Vùng gồm nhiều mảnh thì ngăn các mảnh bằng dấu |. Cũng nhận GeoJSON và "
            "WKT. Hệ thống tự đo diện tích."
        ),
        example="21.146800, 106.542100; 21.146800, 106.547900; 21.141500, 106.547900",
    ),
    Column("boundary_more", N_("Ranh giới (phần tiếp)"), BOUNDARY, spill=True),
    Column(
        "members",
        N_("Danh sách hộ"),
        ROWS,
        sheet="Hộ tham gia",
        rows=(
            Column("name", N_("Tên hộ"), required=True, example="Nguyễn Văn Khởi"),
            Column("area_hectares", N_("Diện tích của hộ (ha)"), NUMBER, example=1.5),
        ),
        hint=N_(
            "Mỗi hộ một dòng: Tên hộ | diện tích (ha). Danh sách mới thay toàn bộ danh sách cũ "
            "của vùng; tên hộ không được công bố."
        ),
        example="Nguyễn Văn Khởi | 1,5",
    ),
)
