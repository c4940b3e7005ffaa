"""What is refused to who applies for an account, or decides about it (R5)."""

from shared.errors import Kind, Refusal


class CommuneNotServed(Refusal):
    code = "commune_not_served"
    kind = Kind.INVALID
    message = "Chưa có đơn vị nào tiếp nhận đăng ký ở địa bàn này. Hãy chọn lại trong danh sách."


class ConsentNeeded(Refusal):
    code = "consent_needed"
    kind = Kind.INVALID
    message = (
        "Cần có sự đồng ý của bạn để xử lý thông tin trong bản đăng ký. "
        "Hãy đọc phần thông báo rồi đánh dấu vào ô đồng ý."
    )


class FacilityCodeNeeded(Refusal):
    code = "facility_code_needed"
    kind = Kind.INVALID
    message = (
        "Để cấp lại tài khoản, hãy nhập mã cơ sở (in trên tem hoặc trang của cơ sở), "
        "ví dụ CS22-00000017."
    )


class TooManySubmissions(Refusal):
    code = "too_many_submissions"
    kind = Kind.LIMIT
    message = (
        "Cơ sở này đã nộp đăng ký nhiều lần và đang chờ giải quyết. "
        "Hãy liên hệ trực tiếp đơn vị tiếp nhận ở địa bàn của bạn."
    )


class ApplicationDecided(Refusal):
    code = "application_decided"
    message = "Bản đăng ký này đã được giải quyết. Hãy tải lại trang để xem kết quả."


class SeveralSenders(Refusal):
    code = "several_senders"
    message = (
        "Bản đăng ký này được nộp nhiều lần, có thể bởi người khác nhau, nên mã không trao qua "
        "trang tra cứu được. Hãy chọn trao trực tiếp sau khi xác minh."
    )


class NothingAsked(Refusal):
    code = "nothing_asked"
    message = "Bản đăng ký này hiện không chờ bổ sung. Hãy tải lại trang để xem tình trạng."
