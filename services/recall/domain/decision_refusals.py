"""What is wrong with the decision that a case is said to rest on."""

from shared.errors import Kind, Refusal


class DecisionInFuture(Refusal):
    code = "decision_in_future"
    kind = Kind.INVALID
    message = "Ngày ký quyết định chưa tới. Hãy ghi đúng ngày trên văn bản."


class DecisionIncomplete(Refusal):
    code = "decision_incomplete"
    kind = Kind.INVALID
    message = "Hãy ghi đủ số, ngày ký và nơi ban hành, hoặc bỏ trống cả ba để bổ sung sau."


class DecisionUnknown(Refusal):
    code = "decision_unknown"
    message = "Chưa có số và ngày của quyết định. Hãy ghi số, ngày, nơi ban hành trước."


class DecisionTooOld(Refusal):
    code = "decision_too_old"
    kind = Kind.INVALID
    message = "Ngày ký quyết định sớm hơn vụ việc hơn một năm. Hãy ghi đúng ngày trên văn bản."


class DecisionOfAbove(Refusal):
    code = "decision_of_above"
    kind = Kind.FORBIDDEN
    message = (
        "Quyết định do đơn vị đã ra lệnh hoặc cấp trên bổ sung. Hãy liên hệ đơn vị đã ra lệnh."
    )


class TooManyVersions(Refusal):
    code = "too_many_versions"
    message = (
        "Quyết định của vụ việc đã được ghi {most} lần. Hãy liên hệ người quản trị hệ thống nếu "
        "vẫn cần sửa."
    )


class DecisionNotYours(Refusal):
    code = "decision_not_yours"
    kind = Kind.FORBIDDEN
    message = "Quyết định do nơi ra lệnh bổ sung. Hãy liên hệ cơ quan đã ra lệnh."


class DraftGone(Refusal):
    code = "decision_draft_gone"
    kind = Kind.INVALID
    message = "Tệp đã chọn chỉ được giữ một giờ. Hãy chọn lại tệp rồi gửi."
