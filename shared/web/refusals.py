"""Refusals that any page or API of any service may give."""

from shared.errors import Kind, Refusal


class MalformedBody(Refusal):
    code = "malformed_body"
    kind = Kind.INVALID
    message = (
        "Không đọc được nội dung gửi lên. Hãy gửi JSON hoặc biểu mẫu hợp lệ, mã hóa UTF-8, "
        "với Content-Type đúng."
    )


class IdempotencyKeyMissing(Refusal):
    code = "idempotency_key_missing"
    kind = Kind.INVALID
    message = (
        "Thiếu tiêu đề Idempotency-Key. Hãy gửi kèm một khóa mới, từ 8 ký tự, cho mỗi lần làm; "
        "gửi lại vì mất kết nối thì dùng đúng khóa cũ."
    )


class MalformedRequest(Refusal):
    code = "malformed_request"
    kind = Kind.INVALID
    message = "Địa chỉ hoặc tiêu đề của yêu cầu không đúng. Hãy kiểm tra lại đường dẫn rồi thử lại."


class BodyIsTooLarge(Refusal):
    code = "body_too_large"
    kind = Kind.TOO_LARGE
    message = "Nội dung gửi lên lớn hơn mức cho phép. Hãy giảm dung lượng tệp hoặc chia nhỏ."


class MethodNotAllowed(Refusal):
    code = "method_not_allowed"
    kind = Kind.INVALID
    message = "Địa chỉ này không nhận cách gửi đó. Hãy quay lại trang trước và dùng nút trên trang."


class TooManyRequests(Refusal):
    code = "too_many_requests"
    kind = Kind.LIMIT
    message = "Bạn gửi quá nhiều yêu cầu trong thời gian ngắn. Hãy đợi một lát rồi thử lại."


class InternalError(Refusal):
    code = "internal_error"
    kind = Kind.UNAVAILABLE
    message = (
        "Hệ thống gặp lỗi ngoài dự kiến và đã ghi lại. "
        "Hãy thử lại; nếu vẫn lỗi, hãy báo mã yêu cầu cho bộ phận hỗ trợ."
    )


class CrossSiteForm(Refusal):
    code = "csrf_failed"
    kind = Kind.FORBIDDEN
    message = (
        "Biểu mẫu đã cũ hoặc được gửi từ một trang khác nên không được nhận. "
        "Hãy mở lại trang có biểu mẫu rồi gửi lần nữa."
    )


class SessionNotAccepted(Refusal):
    code = "session_not_accepted"
    kind = Kind.UNAVAILABLE
    message = "Phiên làm việc của bạn chưa được nhận ở đây. Hãy đợi vài giây rồi tải lại trang."
