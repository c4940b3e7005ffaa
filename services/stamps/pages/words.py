"""What things are called on the stamps pages; the texts are msgids."""

from typing import Final

from shared.web.i18n import N_

REQUEST_STATES: Final = {
    "submitted": N_("Chờ duyệt"),
    "approved": N_("Đã cấp tem"),
    "rejected": N_("Bị từ chối"),
    "withdrawn": N_("Đã rút lại"),
}

STAMP_STATES: Final = {
    "issued": N_("Chưa kích hoạt"),
    "active": N_("Đang dùng"),
    "suspended": N_("Tạm ngừng"),
    "returned": N_("Đã trả lại"),
    "damaged": N_("Hỏng"),
    "lost": N_("Mất"),
    "destroyed": N_("Đã tiêu hủy"),
    "revoked": N_("Đã thu hồi"),
}

CHANGES: Final = {
    "activate": N_("Kích hoạt"),
    "damaged": N_("Báo hỏng"),
    "lost": N_("Báo mất"),
    "return": N_("Trả lại tem chưa dùng"),
    "destroyed": N_("Tiêu hủy"),
    "suspend": N_("Tạm ngừng dùng"),
    "unsuspend": N_("Cho dùng lại sau tạm ngừng"),
    "revoke": N_("Thu hồi vĩnh viễn"),
    "unrevoke": N_("Hoàn tác thu hồi nhầm"),
    "sold": N_("Báo đã bán"),
    "unsold": N_("Rút lại báo bán"),
}

# What a change does, said beside the choice.
MEANINGS: Final = {
    "damaged": N_("In hoặc dán hỏng; người quét sẽ thấy tem không dùng được."),
    "lost": N_("Không tìm thấy nữa; người quét sẽ được cảnh báo."),
    "return": N_("Chỉ cho tem chưa kích hoạt."),
    "destroyed": N_("Đã hủy thật, có biên bản."),
    "suspend": N_("Tạm thời; cho dùng lại được sau này."),
    "unsuspend": N_("Tem trở về trạng thái trước khi tạm ngừng."),
    "revoke": N_("Không dùng lại được nữa. Nếu bấm nhầm, người khác hoàn tác được trong 10 ngày."),
}

PRINT_STATES: Final = {
    "queued": N_("Đang chờ"),
    "running": N_("Đang tạo"),
    "done": N_("Đã xong"),
    "failed": N_("Không tạo được"),
}

# Why there is no file, with the remedy.
FAILURES: Final = {
    "": N_(
        "Hãy tạo lại; nếu vẫn không được, hãy báo cho bộ phận hỗ trợ số lô tem và khoảng sê-ri."
    ),
    "impossible": N_("Không vẽ được tem với nội dung này. Hãy chọn khổ tem hoặc loại giấy khác."),
    "unreadable": N_(
        "Mã trên bản vẽ thử không đọc lại được nên tệp không được giao. "
        "Hãy chọn khổ tem lớn hơn, hoặc báo cho bộ phận hỗ trợ."
    ),
    "cancelled": N_("Lần in này đã hủy nên tệp không tải được nữa. Các tem ấy chờ in lại."),
    "given_up": N_("Máy vẽ dừng nhiều lần. Hãy tạo lại, hoặc chia thành nhiều lần in nhỏ hơn."),
}
