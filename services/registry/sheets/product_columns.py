"""The columns of products."""

from collections.abc import Mapping
from typing import Final

from services.registry.domain.categories import categories
from services.registry.sheets.column import CHOICE, DIGITS, LINES, NUMBER, WHOLE, YES, Column
from services.registry.sheets.place_columns import OF_FACILITY, own_code
from shared.web.i18n import N_


def _categories() -> Mapping[str, str]:
    return {one.key: one.name for one in categories().values()}


_PARTY_HINT: Final = N_(
    "Mã cơ sở (CS22-…), hoặc Tên | Địa chỉ nếu đơn vị không có trong hệ thống. "
    "Nhiều đơn vị thì mỗi đơn vị một dòng trong ô."
)
PRODUCT: Final = (
    own_code(N_("Mã sản phẩm"), N_("Để trống nếu là sản phẩm mới; hệ thống sẽ cấp mã.")),
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
    Column("storage_from", N_("Nhiệt độ bảo quản thấp nhất (°C)"), NUMBER, example=10),
    Column("storage_to", N_("Nhiệt độ bảo quản cao nhất (°C)"), NUMBER, example=25),
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
