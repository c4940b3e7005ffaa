"""Words for kinds, sectors, states and acts; templates translate them."""

from collections.abc import Mapping

from shared.web.i18n import N_

KINDS: Mapping[str, str] = {
    "system": N_("Hệ thống"),
    "approve": N_("Duyệt đăng"),
    "check": N_("Kiểm tra"),
    "operate": N_("Vận hành"),
    "produce": N_("Sản xuất"),
    "report": N_("Báo cáo"),
}

SECTORS: Mapping[str, str] = {
    "*": N_("Mọi lĩnh vực"),
    "agriculture": N_("Nông nghiệp và Môi trường"),
    "health": N_("Y tế"),
    "industry_trade": N_("Công Thương"),
}

# Status → (label, tone).
STATUSES: Mapping[str, tuple[str, str]] = {
    "active": (N_("Đang hoạt động"), "good"),
    "suspended": (N_("Tạm ngừng"), "caution"),
    "revoked": (N_("Đã thu hồi"), "bad"),
}

HOLDS: Mapping[str, str] = {
    "officer": N_("Cán bộ quản lý tạm ngừng"),
    "facility_stopped": N_("Cơ sở tạm dừng hoạt động"),
}

ACTS: Mapping[str, str] = {
    "sign_in": N_("Đăng nhập"),
    "sign_out": N_("Đăng xuất"),
    "session_ended": N_("Kết thúc phiên"),
    "token_reused": N_("Phiên bị sao chép, đã chặn"),
    "password_set": N_("Đặt mật khẩu"),
    "password_changed": N_("Đổi mật khẩu"),
    "issued": N_("Cấp tài khoản"),
    "reissued": N_("Cấp lại mã thiết lập"),
    "suspended": N_("Tạm ngừng tài khoản"),
    "activated": N_("Kích hoạt tài khoản"),
    "revoked": N_("Thu hồi tài khoản"),
}

# Outcome → (label, tone); anything else was refused.
ACCEPTED = (N_("Thành công"), "good")
OUTCOMES: Mapping[str, tuple[str, str]] = {
    "accepted": ACCEPTED,
    "sign_in_refused": (N_("Sai mật khẩu"), "bad"),
    "setup_refused": (N_("Sai mã thiết lập"), "bad"),
    "account_not_active": (N_("Tài khoản không hoạt động"), "bad"),
}
REFUSED = (N_("Bị từ chối"), "bad")

IDLE: Mapping[str, str] = {
    "never": N_("Chưa từng đăng nhập"),
    "30": N_("Không dùng trên 30 ngày"),
    "90": N_("Không dùng trên 90 ngày"),
    "180": N_("Không dùng trên 180 ngày"),
}
