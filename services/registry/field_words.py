"""Names of what people choose by its meaning and programs by a code: fields of records (R32) and
business steps of GS1's Core Business Vocabulary 2.0."""

from collections.abc import Mapping
from typing import Final

from services.registry import catalogue
from services.registry.domain.quality import CONTENTS, known_fields
from shared.web.i18n import N_, translate

_COMMON: Final = {
    "name_en": N_("Tên tiếng Anh"),
    "description": N_("Giới thiệu"),
    "description_en": N_("Giới thiệu tiếng Anh"),
    "commune": N_("Xã, phường, đặc khu"),
    "facility_id": N_("Cơ sở"),
    "markets": N_("Nước nhập khẩu đã chấp nhận mã"),
}
# By kind of record, in the words of its form.
FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "facility": {
        **_COMMON,
        "name": N_("Tên cơ sở"),
        "form": N_("Hình thức"),
        "facility_class": N_("Diện quản lý"),
        "sector": N_("Ngành quản lý"),
        "kinds": N_("Loại hình"),
        "address": N_("Địa chỉ"),
        "latitude": N_("Tọa độ"),
        "longitude": N_("Tọa độ"),
        "representative": N_("Người đại diện"),
        "phone": N_("Điện thoại"),
        "email": N_("Thư điện tử"),
        "tax_number": N_("Mã số thuế"),
        "registration_number": N_("Số đăng ký kinh doanh"),
        "registration_date": N_("Ngày đăng ký kinh doanh"),
        "gln": N_("Mã GLN"),
        "plant_code": N_("Mã cơ sở đóng gói, nhà máy"),
        "more_codes": N_("Mã khác của cơ sở"),
        "safe_chain": N_("Thuộc chuỗi thực phẩm an toàn"),
        "chain": N_("Tên chuỗi"),
        "marks": N_("Nhóm ưu tiên"),
        "certificates": N_("Giấy chứng nhận còn hạn"),
    },
    "product": {
        **_COMMON,
        "name": N_("Tên sản phẩm"),
        "category": N_("Nhóm sản phẩm"),
        "gtin": N_("Mã GTIN"),
        "brand": N_("Nhãn hiệu"),
        "origin": N_("Nguồn gốc, xuất xứ"),
        "capacity": N_("Năng lực sản xuất"),
        "packaging": N_("Quy cách đóng gói"),
        "net_content": N_("Khối lượng tịnh"),
        "price": N_("Giá bán tham khảo"),
        "shelf_life_days": N_("Hạn dùng"),
        "storage": N_("Bảo quản"),
        "storage_from": N_("Nhiệt độ bảo quản thấp nhất"),
        "storage_to": N_("Nhiệt độ bảo quản cao nhất"),
        "standards": N_("Tiêu chuẩn áp dụng"),
        "ocop_stars": N_("Hạng OCOP"),
        "key_product": N_("Sản phẩm chủ lực"),
        "chain": N_("Chuỗi từ sản xuất đến phân phối"),
        "images": N_("Ảnh"),
        "recordings": N_("Video, âm thanh, tài liệu"),
    },
    "growing_area": {
        **_COMMON,
        "name": N_("Tên vùng"),
        "kind": N_("Loại vùng"),
        "code": N_("Mã số vùng"),
        "crop": N_("Cây trồng, vật nuôi"),
        "species": N_("Loài theo danh mục"),
        "area_hectares": N_("Diện tích khai báo"),
        "measured_hectares": N_("Diện tích đo theo ranh giới"),
        "households": N_("Số hộ tham gia"),
        "members": N_("Các hộ (không công bố)"),
        "seasons": N_("Vụ, mùa"),
        "boundary": N_("Ranh giới"),
    },
    "lot": {
        **_COMMON,
        "code": N_("Mã lô"),
        "product_id": N_("Sản phẩm"),
        "quantity": N_("Số lượng"),
        "unit": N_("Đơn vị đo"),
        "produced_on": N_("Ngày sản xuất"),
        "expires_on": N_("Hạn dùng"),
        "growing_area_id": N_("Vùng trồng, vùng nuôi"),
        "inputs": N_("Lô nguyên liệu"),
        "used": N_("Lượng nguyên liệu đã dùng"),
        "supplies": N_("Lô vật tư đã dùng"),
        "explanation": N_("Giải trình chênh lệch số lượng"),
        "transformation_id": N_("Lần chế biến, tách hoặc gộp"),
        "entries": N_("Nhật ký của lô"),
        "area_entries": N_("Nhật ký của vùng"),
        "diary": N_("Nhật ký của lô hoặc của vùng"),
        "origin": N_("Vùng, lô nguyên liệu, tàu hoặc người bán"),
    },
}
BIZ_STEPS: Final[Mapping[str, str]] = {
    "accepting": N_("Nghiệm thu hàng"),
    "arriving": N_("Hàng đến nơi"),
    "assembling": N_("Ghép thành bộ"),
    "collecting": N_("Thu gom"),
    "commissioning": N_("Hàng mới có, bắt đầu mang mã"),
    "consigning": N_("Giao cho bên vận chuyển"),
    "decommissioning": N_("Thôi dùng mã"),
    "departing": N_("Rời nơi đi"),
    "destroying": N_("Tiêu hủy"),
    "disassembling": N_("Tháo rời"),
    "dispensing": N_("Cấp phát"),
    "holding": N_("Giữ lại chờ xử lý"),
    "inspecting": N_("Kiểm tra hàng"),
    "killing": N_("Vô hiệu hóa thẻ điện tử"),
    "loading": N_("Bốc hàng lên"),
    "packing": N_("Đóng gói"),
    "picking": N_("Soạn hàng"),
    "receiving": N_("Nhận hàng"),
    "removing": N_("Lấy ra"),
    "repackaging": N_("Đóng gói lại"),
    "sampling": N_("Lấy mẫu"),
    "sensor_reporting": N_("Ghi số đo của cảm biến"),
    "shipping": N_("Gửi hàng"),
    "stocking": N_("Xếp hàng lên kệ"),
    "storing": N_("Cất trữ"),
    "transporting": N_("Vận chuyển"),
    "unloading": N_("Dỡ hàng"),
    "unpacking": N_("Mở bao gói"),
}
BETWEEN: Final = "."


def field_word(record: str, field: str) -> str:
    """A field as its form calls it; its own name where the program has no such field."""
    return translate(FIELDS.get(record, {}).get(field, field))


def field_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be made mandatory, within the kinds of record; chosen as `record.field`."""
    return [
        (
            translate(catalogue.CHOICES[record]),
            sorted(
                ((f"{record}{BETWEEN}{name}", field_word(record, name)) for name in _asked(record)),
                key=lambda one: one[1],
            ),
        )
        for record in CONTENTS
    ]


def _asked(record: str) -> frozenset[str]:
    """Of a place on the map one half is enough, and whose a record is is never missing."""
    return known_fields(record) - {"longitude", "facility_id"}
