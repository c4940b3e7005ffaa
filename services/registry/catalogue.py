"""Names of the choices that forms offer and pages show; the codes are the domain's."""

from typing import Final

from services.registry.domain.records import Aggregate, State, Status
from shared import facilities
from shared.web.i18n import N_

KINDS: Final = facilities.KINDS
SECTORS: Final = facilities.SECTORS
CLASSES: Final = facilities.CLASSES
FORMS: Final = facilities.FORMS
MARKS: Final = facilities.MARKS
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
ROLES: Final = {
    "producer": N_("Sản xuất"),
    "processor": N_("Chế biến"),
    "packer": N_("Đóng gói"),
    "distributor": N_("Phân phối"),
}
AREA_KINDS: Final = {
    "growing": N_("Vùng trồng"),
    "farming": N_("Vùng nuôi"),
    "fishing": N_("Ngư trường, bãi khai thác"),
}
# Where codes of growing areas and packing houses are asked for; ISO 3166.
COUNTRIES: Final = {
    "CN": N_("Trung Quốc"),
    "JP": N_("Nhật Bản"),
    "KR": N_("Hàn Quốc"),
    "TW": N_("Đài Loan"),
    "US": N_("Hoa Kỳ"),
    "CA": N_("Canada"),
    "AU": N_("Úc"),
    "NZ": N_("New Zealand"),
    "EU": N_("Liên minh châu Âu"),
    "GB": N_("Anh"),
    "CH": N_("Thụy Sĩ"),
    "TH": N_("Thái Lan"),
    "MY": N_("Malaysia"),
    "SG": N_("Singapore"),
    "AE": N_("Các Tiểu vương quốc Ả Rập Thống nhất"),
    "CL": N_("Chile"),
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
    "renamed": N_("Tên trong danh mục được sửa"),
    "retold": N_("Báo lại theo quy định"),
    "resettled": N_("Theo đơn vị hành chính sau sáp nhập"),
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
    "renamed": ("refresh", "info"),
    "retold": ("refresh", "info"),
    "resettled": ("map-pin", "info"),
}
CATALOGUES: Final = {
    "units": N_("Đơn vị đo"),
    "categories": N_("Nhóm sản phẩm"),
    "crops": N_("Loài cây trồng, vật nuôi"),
    "supplies": N_("Thuốc, phân bón, vật tư"),
    "steps": N_("Công đoạn nhật ký"),
    "checks": N_("Kiểm tra sự thật"),
    "required": N_("Mục bắt buộc của hồ sơ"),
    "groups": N_("Nhóm sản phẩm phải truy xuất"),
    "countries": N_("Nước nhập khẩu"),
    "imports": N_("Yêu cầu của nước nhập khẩu"),
    "datasets": N_("Mô tả bộ dữ liệu"),
}
CATALOGUE_FIELDS: Final = {
    "title": N_("Tên"),
    "title_en": N_("Tên tiếng Anh"),
    "many_en": N_("Tên tiếng Anh khi có nhiều"),
    "kilograms": N_("Nặng bao nhiêu kg"),
    "litres": N_("Chứa bao nhiêu lít"),
    "unece": N_("Mã UN/CEFACT"),
    "like": N_("Làm như công đoạn"),
    "traceability": N_("Truy xuất nguồn gốc"),
    "group": N_("Nhóm lớn"),
    "yield_min": N_("Năng suất từ (tấn/ha/vụ)"),
    "yield_max": N_("Năng suất đến (tấn/ha/vụ)"),
    "kind": N_("Loại"),
    "active_substance": N_("Hoạt chất"),
    "dose": N_("Liều lượng"),
    "intervals": N_("Cách ly theo loài (ngày)"),
    "biz_step": N_("Bước GS1 (CBV)"),
    "effect": N_("Khi phát hiện"),
    "limit": N_("Ngưỡng"),
    "record": N_("Hồ sơ"),
    "field": N_("Mục của hồ sơ"),
    "only": N_("Chỉ với"),
    "weight": N_("Trọng số"),
    "level": N_("Mức độ"),
    "categories": N_("Các nhóm sản phẩm"),
    "since": N_("Thực hiện từ"),
    "basis": N_("Căn cứ"),
    "roadmap": N_("Lộ trình"),
    "country": N_("Nước"),
    "needs": N_("Cần có"),
    "owner": N_("Đơn vị phụ trách"),
    "source": N_("Nguồn"),
    "update_rule": N_("Khi nào cập nhật"),
    "quality_rule": N_("Thế nào là đúng, đủ"),
    "access": N_("Ai xem được"),
}
CATALOGUE_HINTS: Final = {
    "like": N_("Công đoạn mới có cùng các ô và cùng cách kiểm tra với công đoạn này."),
    "many_en": N_("Ví dụ crates cho crate; để trống nếu không đổi."),
    "kilograms": N_("Để trống nếu tùy từng mặt hàng. Không sửa được về sau."),
    "unece": N_("Ví dụ KGM; để trống nếu không có."),
    "only": N_("Chỉ cơ sở diện này, làm việc này phải có mục đó."),
}
CHANGE_STATES: Final = {
    "proposed": N_("Chờ duyệt"),
    "approved": N_("Đã duyệt"),
    "rejected": N_("Đã trả lại"),
}
# Words that fields of catalogues are chosen from.
CHOICES: Final = {
    "mandatory": N_("Phải truy xuất"),
    "priority": N_("Ưu tiên"),
    "voluntary": N_("Tự nguyện"),
    "block": N_("Chặn"),
    "flag": N_("Cảnh báo"),
    "off": N_("Tắt"),
    "area": N_("Mã vùng được nước đó chấp nhận"),
    "packing": N_("Mã cơ sở đóng gói"),
    "both": N_("Mã vùng và mã cơ sở đóng gói"),
    "public": N_("Mọi người"),
    "internal": N_("Cơ sở và cơ quan quản lý"),
    "personal": N_("Có dữ liệu cá nhân, chỉ công khai phần đã duyệt"),
    "growing_area": N_("Vùng trồng, vùng nuôi"),
    "lot": N_("Lô sản phẩm"),
    "facility": N_("Cơ sở"),
    "product": N_("Sản phẩm"),
    **SUPPLIES,
}
INQUIRY_TOPICS: Final = {
    "buy": N_("Tôi muốn mua hàng"),
    "question": N_("Tôi muốn hỏi về sản phẩm"),
    "cooperation": N_("Tôi muốn hợp tác, phân phối"),
    "other": N_("Việc khác"),
}
INQUIRY_STATES: Final = {
    "new": N_("Chờ cơ sở trả lời"),
    "answered": N_("Đã trả lời"),
    "closed": N_("Đã kết thúc"),
}
INQUIRY_TONES: Final = {"new": "caution", "answered": "good", "closed": "neutral"}
ARTICLE_SECTIONS: Final = {
    "news": N_("Tin trong tỉnh"),
    "guide": N_("Hướng dẫn"),
    "market": N_("Thị trường, mùa vụ"),
    "event": N_("Hội chợ, sự kiện"),
}
ARTICLE_STATES: Final = {
    "draft": N_("Bản nháp"),
    "submitted": N_("Chờ duyệt đăng"),
    "published": N_("Đang đăng"),
}
ARTICLE_TONES: Final = {"draft": "neutral", "submitted": "caution", "published": "good"}
