"""Why a step of a record under review is refused, and what to do instead (R17)."""

from shared.errors import Kind, Refusal


class NotADraft(Refusal):
    code = "not_a_draft"
    message = "Bản ghi này không còn ở dạng bản nháp. Hãy tải lại trang để xem tình trạng mới nhất."


class NotSubmitted(Refusal):
    code = "not_submitted"
    message = "Bản ghi này không chờ kiểm tra. Hãy tải lại trang để xem tình trạng mới nhất."


class NotChecked(Refusal):
    code = "not_checked"
    message = "Bản ghi này không chờ duyệt đăng. Hãy tải lại trang để xem tình trạng mới nhất."


class OwnEntry(Refusal):
    code = "own_entry"
    kind = Kind.FORBIDDEN
    message = (
        "Bạn đã nhập hoặc gửi bản ghi này nên không được tự kiểm tra hay duyệt đăng. "
        "Hãy để người khác làm."
    )


class OwnCheck(Refusal):
    code = "own_check"
    kind = Kind.FORBIDDEN
    message = "Bạn đã kiểm tra bản ghi này nên không được tự duyệt đăng. Hãy để người khác làm."


class ReasonMissing(Refusal):
    code = "reason_missing"
    kind = Kind.INVALID
    message = "Hãy nêu lý do, để người nhập biết cần sửa gì."


class NotPublished(Refusal):
    code = "not_published"
    message = "Bản ghi này chưa được duyệt đăng nên chưa làm được việc này."


class AlreadyInStatus(Refusal):
    code = "already_in_status"
    message = "Việc này đã được làm trước đó. Hãy tải lại trang để xem tình trạng mới nhất."


class StoppedByAuthority(Refusal):
    code = "stopped_by_authority"
    kind = Kind.FORBIDDEN
    message = (
        "Cơ quan quản lý đã cho dừng cơ sở này. Chỉ cơ quan quản lý mới cho hoạt động lại được."
    )


class FacilityIsStopped(Refusal):
    code = "facility_stopped"
    message = "Cơ sở đang dừng hoạt động nên không làm được việc này."
