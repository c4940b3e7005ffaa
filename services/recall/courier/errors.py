"""Why a message was not sent, in words for whoever runs the system or owns the address."""

from typing import Final

from shared.web.i18n import N_

ERRORS: Final = {
    "no_name": N_("Không tìm thấy máy chủ có tên này (DNS)."),
    "address_refused": N_("Tên này dẫn tới địa chỉ mạng nội bộ hoặc không được phép gọi."),
    "url_refused": N_("Địa chỉ webhook không còn hợp quy định của hệ thống."),
    "no_connection": N_("Không kết nối được tới máy chủ nhận."),
    "tls": N_("Chứng chỉ TLS của máy chủ nhận không hợp lệ."),
    "too_slow": N_("Máy chủ nhận trả lời quá chậm."),
    "too_large": N_("Máy chủ nhận trả lời quá dài."),
    "redirect": N_("Máy chủ nhận chuyển hướng sang địa chỉ khác; hệ thống không đi theo."),
    "status": N_("Máy chủ nhận trả lời mã {detail}."),
    "no_challenge": N_("Máy chủ nhận không trả lại đúng chuỗi thử."),
    "broken": N_("Câu trả lời của máy chủ nhận bị hỏng."),
    "mail_refused": N_("Máy chủ thư từ chối địa chỉ này (mã {detail})."),
    "mail_later": N_("Máy chủ thư chưa nhận, sẽ thử lại (mã {detail})."),
    "mail_sign_in": N_("Không đăng nhập được vào máy chủ thư của hệ thống."),
    "mail_no_tls": N_("Máy chủ thư không có TLS như cấu hình đòi hỏi."),
    "contact_gone": N_("Địa chỉ nhận tin đã bị xóa."),
    "link_over": N_("Lời xác nhận đã hết hạn trước khi gửi được; hãy gửi lại."),
    "case_gone": N_("Không còn vụ việc này."),
    "case_lifted": N_("Vụ việc đã được dỡ bỏ trước khi gửi được tin này."),
    "drill_over": N_("Cuộc diễn tập đã kết thúc trước khi gửi được tin."),
    "unexpected": N_("Lỗi ngoài dự kiến; nhật ký của chương trình chuyển tin ghi chi tiết."),
}
