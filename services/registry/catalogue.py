"""Names of the choices that forms offer and pages show; the codes are the domain's."""

from typing import Final

from services.registry.domain.records import Aggregate, State, Status
from shared.web.i18n import N_

KINDS: Final = {
    "grower": N_("Trồng trọt"),
    "livestock": N_("Chăn nuôi"),
    "aquaculture": N_("Nuôi trồng thủy sản"),
    "catch": N_("Khai thác thủy sản"),
    "collector": N_("Thu mua"),
    "slaughter": N_("Giết mổ"),
    "pre_processing": N_("Sơ chế"),
    "processing": N_("Chế biến"),
    "packing": N_("Đóng gói"),
    "storage": N_("Kho bảo quản"),
    "transport": N_("Vận chuyển"),
    "shop": N_("Cửa hàng"),
    "supermarket": N_("Siêu thị"),
    "market": N_("Chợ"),
}
SECTORS: Final = {
    "agriculture": N_("Nông nghiệp và Môi trường"),
    "health": N_("Y tế"),
    "industry_trade": N_("Công Thương"),
}
CLASSES: Final = {
    "certificate": N_("Diện cấp giấy chứng nhận"),
    "commitment": N_("Diện ký cam kết"),
}
CERTIFICATES: Final = {
    "attp": N_("Cơ sở đủ điều kiện an toàn thực phẩm"),
    "commitment": N_("Bản cam kết sản xuất, kinh doanh thực phẩm an toàn"),
    "vietgap": N_("VietGAP"),
    "globalgap": N_("GLOBALG.A.P."),
    "gmp": N_("GMP"),
    "haccp": N_("HACCP"),
    "iso22000": N_("ISO 22000"),
    "fssc22000": N_("FSSC 22000"),
    "ifs": N_("IFS"),
    "brc": N_("BRC"),
    "tccs": N_("Tiêu chuẩn cơ sở (TCCS)"),
    "organic": N_("Hữu cơ"),
    "halal": N_("Halal"),
    "ocop": N_("Chứng nhận OCOP"),
    "other": N_("Giấy chứng nhận khác"),
}
FORMS: Final = {
    "enterprise": N_("Doanh nghiệp"),
    "cooperative": N_("Hợp tác xã"),
    "cooperative_group": N_("Tổ hợp tác"),
    "household_business": N_("Hộ kinh doanh"),
    "farmer_household": N_("Nông hộ"),
    "small_producer": N_("Cơ sở nhỏ lẻ"),
    "shop": N_("Cửa hàng"),
}
UNITS: Final = {
    "kg": N_("kg"),
    "g": N_("g"),
    "yến": N_("yến"),
    "tạ": N_("tạ"),
    "tấn": N_("tấn"),
    "lít": N_("lít"),
    "ml": N_("ml"),
    "con": N_("con"),
    "quả": N_("quả"),
    "bó": N_("bó"),
    "cây": N_("cây"),
    "chai": N_("chai"),
    "lọ": N_("lọ"),
    "hộp": N_("hộp"),
    "gói": N_("gói"),
    "túi": N_("túi"),
    "bao": N_("bao"),
    "khay": N_("khay"),
    "thùng": N_("thùng"),
    "cái": N_("cái"),
}
SUPPLIES: Final = {
    "fertiliser": N_("Phân bón"),
    "feed": N_("Thức ăn"),
    "pesticide": N_("Thuốc bảo vệ thực vật"),
    "veterinary_drug": N_("Thuốc thú y"),
    "chemical": N_("Hóa chất, chất xử lý"),
}
AGGREGATES: Final = {
    Aggregate.FACILITY: N_("Cơ sở"),
    Aggregate.PRODUCT: N_("Sản phẩm"),
    Aggregate.GROWING_AREA: N_("Vùng trồng, vùng nuôi"),
    Aggregate.LOT: N_("Lô sản phẩm"),
}
STATES: Final = {
    State.DRAFT: N_("Bản nháp"),
    State.SUBMITTED: N_("Chờ kiểm tra"),
    State.CHECKED: N_("Chờ duyệt đăng"),
    State.PUBLISHED: N_("Đã đăng"),
}
STATUSES: Final = {
    Status.ACTIVE: N_("Đang hoạt động"),
    Status.STOPPED: N_("Đã dừng hoạt động"),
    Status.WITHDRAWN: N_("Đã ngừng, rút khỏi danh mục"),
}
STATE_TONES: Final = {
    State.DRAFT: "neutral",
    State.SUBMITTED: "caution",
    State.CHECKED: "info",
    State.PUBLISHED: "good",
}
# What was done to a record, as its history tells.
STEPS: Final = {
    "entered": N_("Nhập mới"),
    "edited": N_("Sửa"),
    "submitted": N_("Gửi kiểm tra"),
    "accepted": N_("Kiểm tra đạt"),
    "rejected": N_("Trả lại"),
    "published": N_("Duyệt đăng"),
    "stopped": N_("Dừng hoạt động"),
    "resumed": N_("Hoạt động lại"),
    "withdrawn": N_("Ngừng, rút khỏi danh mục"),
    "tested": N_("Có kết quả kiểm nghiệm"),
}
STEP_SIGNS: Final = {
    "entered": ("plus", "neutral"),
    "edited": ("edit", "neutral"),
    "submitted": ("inbox", "caution"),
    "accepted": ("check", "info"),
    "rejected": ("refresh", "caution"),
    "published": ("check-circle", "good"),
    "stopped": ("pause", "bad"),
    "resumed": ("play", "good"),
    "withdrawn": ("stop", "bad"),
    "tested": ("flask", "info"),
}
