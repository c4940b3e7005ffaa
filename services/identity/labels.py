"""Words for kinds, sectors, states and acts; templates translate them."""

from collections.abc import Mapping

from shared import facilities
from shared.web.i18n import N_

KINDS: Mapping[str, str] = {
    "system": N_("Hệ thống"),
    "approve": N_("Duyệt đăng"),
    "check": N_("Kiểm tra"),
    "operate": N_("Vận hành"),
    "produce": N_("Sản xuất"),
    "report": N_("Báo cáo"),
}

SECTORS: Mapping[str, str] = {"*": N_("Mọi lĩnh vực"), **facilities.SECTORS}

# Status → (label, tone).
STATUSES: Mapping[str, tuple[str, str]] = {
    "active": (N_("Đang hoạt động"), "good"),
    "suspended": (N_("Tạm ngừng"), "caution"),
    "revoked": (N_("Đã thu hồi"), "bad"),
}

HOLDS: Mapping[str, str] = {
    "officer": N_("Cán bộ quản lý tạm ngừng"),
    "own_facility": N_("Cơ sở tự tạm ngừng"),
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
    "reissued": N_("Cấp lại tài khoản"),
    "collected": N_("Nhận mã thiết lập ở trang tra cứu"),
    "handed_over": N_("Trao tài khoản cho thiết bị của người dùng"),
    "suspended": N_("Tạm ngừng tài khoản"),
    "activated": N_("Kích hoạt tài khoản"),
    "revoked": N_("Thu hồi tài khoản"),
    "edited": N_("Sửa thông tin cá nhân"),
    "erased": N_("Xóa thông tin cá nhân"),
    "factor_enrolled": N_("Đăng ký thiết bị xác thực"),
    "factor_off": N_("Tắt xác thực hai bước"),
    "factor_removed": N_("Gỡ thiết bị xác thực"),
    "proven": N_("Xác nhận lại"),
    "recovery_used": N_("Dùng mã dự phòng"),
    "recovery_made": N_("Tạo mã dự phòng mới"),
}

# Outcome → (label, tone); anything else was refused.
ACCEPTED = (N_("Thành công"), "good")
OUTCOMES: Mapping[str, tuple[str, str]] = {
    "accepted": ACCEPTED,
    "sign_in_refused": (N_("Sai mật khẩu"), "bad"),
    "setup_refused": (N_("Sai mã thiết lập"), "bad"),
    "account_not_active": (N_("Tài khoản không hoạt động"), "bad"),
    "second_factor_refused": (N_("Sai mã xác thực"), "bad"),
    "code_already_used": (N_("Mã đã dùng"), "bad"),
}
REFUSED = (N_("Bị từ chối"), "bad")

IDLE: Mapping[str, str] = {
    "never": N_("Chưa từng đăng nhập"),
    "30": N_("Không dùng trên 30 ngày"),
    "90": N_("Không dùng trên 90 ngày"),
    "180": N_("Không dùng trên 180 ngày"),
}

FACILITY_KINDS: Mapping[str, str] = facilities.KINDS

# What a person who applies recognises their trade by.
SECTOR_CHOICES: Mapping[str, str] = {
    "agriculture": N_("Nông, lâm, thủy sản, muối (ngành Nông nghiệp và Môi trường)"),
    "health": N_("Nước uống đóng chai, thực phẩm bảo vệ sức khỏe, phụ gia (ngành Y tế)"),
    "industry_trade": N_("Rượu, bia, sữa chế biến, dầu ăn, bánh kẹo (ngành Công Thương)"),
}

WISHES: Mapping[str, str] = {
    "new": N_("Cấp mới"),
    "reissue": N_("Cấp lại"),
}

# State of an application → (label, tone).
APPLICATION_STATES: Mapping[str, tuple[str, str]] = {
    "waiting": (N_("Chờ giải quyết"), "info"),
    "more_asked": (N_("Chờ cơ sở bổ sung"), "caution"),
    "accepted": (N_("Đã cấp tài khoản"), "good"),
    "rejected": (N_("Đã từ chối"), "bad"),
}

# How an officer made sure who takes an account over.
SEEN: Mapping[str, str] = {
    "in_person": N_("Gặp trực tiếp, đã đối chiếu giấy tờ"),
    "by_phone": N_("Gọi lại theo số điện thoại trong hồ sơ"),
}

# What papers enclosed with an application show.
PAPERS: Mapping[str, str] = {
    "form": N_("Bản đăng ký có chữ ký (mẫu của Quyết định 575)"),
    "business": N_("Giấy đăng ký kinh doanh"),
    "identity": N_("Căn cước của chủ cơ sở"),
    "food_safety": N_("Giấy chứng nhận đủ điều kiện an toàn thực phẩm"),
    "commitment": N_("Bản cam kết sản xuất an toàn"),
    "other": N_("Giấy tờ khác"),
}
