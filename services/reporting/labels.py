"""Words for the codes that figures are grouped by."""

from shared.web.i18n import N_, translate

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

# An act's code is "<what>.<done>"; both halves have words.
WHATS = {
    "account": N_("Tài khoản"),
    "audit": N_("Sổ kiểm toán"),
    "facility": N_("Cơ sở"),
    "growing_area": N_("Vùng trồng, vùng nuôi"),
    "installation": N_("Cài đặt hệ thống"),
    "lot": N_("Lô sản phẩm"),
    "media": N_("Ảnh"),
    "password": N_("Mật khẩu"),
    "product": N_("Sản phẩm"),
    "recall": N_("Thu hồi"),
    "session": N_("Phiên đăng nhập"),
    "stamps": N_("Tem"),
    "statistics": N_("Số liệu"),
    "unit": N_("Đơn vị"),
}
DONE = {
    "accepted": N_("kiểm tra đạt"),
    "activate": N_("kích hoạt"),
    "change": N_("đổi"),
    "check": N_("kiểm tra"),
    "close": N_("kết thúc vụ việc"),
    "confirm": N_("xác nhận lệnh"),
    "decide": N_("quyết định cấp"),
    "decline": N_("không xác nhận lệnh"),
    "edit": N_("lập hoặc sửa"),
    "end": N_("kết thúc"),
    "end_others": N_("kết thúc các phiên khác"),
    "enter": N_("nhập hoặc sửa"),
    "hold": N_("tạm giữ"),
    "issue": N_("cấp"),
    "lift": N_("dỡ bỏ thông báo"),
    "order": N_("ra lệnh"),
    "preview": N_("xem phạm vi"),
    "print": N_("in"),
    "publish": N_("duyệt đăng"),
    "published": N_("duyệt đăng"),
    "read": N_("xem"),
    "refresh": N_("gia hạn"),
    "reissue": N_("cấp lại mã thiết lập"),
    "rejected": N_("trả lại"),
    "request": N_("xin cấp"),
    "resume": N_("cho hoạt động lại"),
    "revoke": N_("thu hồi"),
    "scope_grow": N_("mở rộng phạm vi"),
    "set": N_("đặt"),
    "sign_in": N_("đăng nhập"),
    "sign_out": N_("đăng xuất"),
    "stop": N_("dừng hoạt động"),
    "submit": N_("gửi kiểm tra"),
    "suspend": N_("tạm ngừng"),
    "upload": N_("tải lên"),
    "withdraw": N_("ngừng sản phẩm"),
}
# What the filter of the ledger offers: the acts an inspector asks for.
OFFERED_ACTS = (
    "session.sign_in",
    "account.issue",
    "account.reissue",
    "account.suspend",
    "account.activate",
    "account.revoke",
    "facility.enter",
    "facility.submit",
    "facility.accepted",
    "facility.published",
    "facility.rejected",
    "facility.stop",
    "facility.resume",
    "product.enter",
    "product.submit",
    "product.accepted",
    "product.published",
    "product.rejected",
    "product.withdraw",
    "lot.enter",
    "lot.submit",
    "lot.published",
    "lot.rejected",
    "stamps.request",
    "stamps.decide",
    "stamps.print",
    "stamps.activate",
    "stamps.revoke",
    "stamps.hold",
    "recall.order",
    "recall.confirm",
    "recall.decline",
    "recall.lift",
    "recall.close",
)


def act_label(code: str) -> str:
    """An act in the reader's language; its code where there are no words for it."""
    what, _, done = code.partition(".")
    if what not in WHATS or (done and done not in DONE):
        return code
    return ": ".join(translate(word) for word in (WHATS[what], DONE.get(done, "")) if word)
