"""Words for the codes that figures are grouped by."""

from shared.web.i18n import N_

SECTORS = {
    "agriculture": N_("Nông nghiệp và Môi trường"),
    "health": N_("Y tế"),
    "industry_trade": N_("Công Thương"),
}

CLASSES = {
    "certificate": N_("Thuộc diện cấp giấy chứng nhận"),
    "commitment": N_("Thuộc diện ký cam kết"),
}

KINDS = {
    "grower": N_("Trồng trọt"),
    "livestock": N_("Chăn nuôi"),
    "aquaculture": N_("Nuôi trồng thủy sản"),
    "catch": N_("Khai thác thủy sản"),
    "slaughter": N_("Giết mổ"),
    "pre_processing": N_("Sơ chế"),
    "processing": N_("Chế biến"),
    "packing": N_("Đóng gói"),
    "storage": N_("Bảo quản"),
    "transport": N_("Vận chuyển"),
    "shop": N_("Cửa hàng"),
    "supermarket": N_("Siêu thị"),
    "market": N_("Chợ"),
}

VERDICTS = {
    "unknown": N_("Không rõ nguồn gốc"),
    "recalled": N_("Đang bị thu hồi"),
    "withdrawn": N_("Đã rút khỏi thị trường"),
    "revoked": N_("Tem đã bị hủy"),
    "suspect_copy": N_("Nghi sao chép"),
    "suspended": N_("Tạm ngừng"),
    "not_activated": N_("Chưa kích hoạt"),
    "expired": N_("Hết hạn sử dụng"),
    "warning": N_("Có cảnh báo"),
    "unconfirmed": N_("Chưa xác nhận được"),
    "genuine": N_("Chính hãng"),
}
