"""Every way in which recall says no, besides the refusals all services share."""

from shared.errors import Kind, OutOfReach, Refusal


class InvalidTarget(Refusal):
    code = "invalid_target"
    kind = Kind.INVALID
    message = (
        "Đối tượng thu hồi chưa hợp lệ: lô tem là một số; số thứ tự chỉ đi với tem, "
        "khoảng thời gian chỉ đi với sản phẩm hoặc cơ sở."
    )


class InvalidSerials(Refusal):
    code = "invalid_serials"
    kind = Kind.INVALID
    message = "Hãy nhập cả số thứ tự đầu và cuối, số đầu không lớn hơn số cuối."


class InvalidPeriod(Refusal):
    code = "invalid_period"
    kind = Kind.INVALID
    message = "Ngày kết thúc sớm hơn ngày bắt đầu. Hãy chọn lại."


class StampsOutsideBatch(Refusal):
    code = "stamps_outside_batch"
    kind = Kind.INVALID
    message = "Lô tem {batch} chỉ có các số thứ tự từ 0 đến {last}."


class TargetNotFound(Refusal):
    code = "target_not_found"
    kind = Kind.NOT_FOUND
    message = (
        "Không tìm thấy đối tượng cần thu hồi trong phạm vi của bạn. "
        "Hãy kiểm tra lại mã; dữ liệu mới đăng có thể cần vài giây để tới đây."
    )


class TargetOutOfReach(TargetNotFound, OutOfReach):
    """It is known here, but not for who asks: answered word for word the same, and recorded."""


class TargetEmpty(Refusal):
    code = "target_empty"
    kind = Kind.INVALID
    message = "Không có lô sản phẩm nào trong khoảng thời gian đã chọn. Hãy chọn lại."


class TargetAlreadyRecalled(Refusal):
    code = "target_already_recalled"
    kind = Kind.CONFLICT
    message = "Đối tượng này đang có một vụ việc cùng loại chưa kết thúc. Hãy mở vụ việc đó."


class VoluntaryOnly(Refusal):
    code = "voluntary_only"
    kind = Kind.INVALID
    message = "Cơ sở chỉ thu hồi tự nguyện; thu hồi bắt buộc do cơ quan có thẩm quyền quyết định."


class SecondPersonNeeded(Refusal):
    code = "second_person_needed"
    kind = Kind.FORBIDDEN
    message = "Việc này cần người thứ hai: người đã đề nghị không được tự xác nhận."


class NotAwaitingConfirmation(Refusal):
    code = "not_awaiting_confirmation"
    kind = Kind.CONFLICT
    message = "Vụ việc này không chờ xác nhận."


class NotStanding(Refusal):
    code = "recall_not_standing"
    kind = Kind.CONFLICT
    message = "Vụ việc này không còn thông báo nào đang hiển thị, nên không có gì để dỡ bỏ."


class LiftAlreadyRequested(Refusal):
    code = "lift_already_requested"
    kind = Kind.CONFLICT
    message = "Việc dỡ bỏ đã được đề nghị và đang chờ người thứ hai xác nhận."


class LiftNotRequested(Refusal):
    code = "lift_not_requested"
    kind = Kind.CONFLICT
    message = "Chưa ai đề nghị dỡ bỏ thông báo này."


class RecallAlreadyClosed(Refusal):
    code = "recall_already_closed"
    kind = Kind.CONFLICT
    message = "Vụ việc này đã kết thúc."


class RecallNotOrdered(Refusal):
    code = "recall_not_ordered"
    kind = Kind.CONFLICT
    message = "Chỉ kết thúc được vụ việc đang thu hồi."


class RecoveredTooMuch(Refusal):
    code = "recovered_too_much"
    kind = Kind.INVALID
    message = "Số lượng thu hồi được ({given}) lớn hơn số lượng đã sản xuất ({made} {unit})."
