"""Every way in which a drill says no, besides the refusals that recall shares."""

from shared.errors import Kind, Refusal


class DrillRunning(Refusal):
    code = "drill_running"
    message = (
        "Đối tượng này, hoặc cơ sở của bạn, đang có một cuộc diễn tập chưa xong. "
        "Hãy đợi cuộc đó kết thúc hoặc kết thúc sớm."
    )


class DrillOver(Refusal):
    code = "drill_over"
    message = "Cuộc diễn tập này không còn chạy nên không ghi thêm được gì."


class DrillNotWaiting(Refusal):
    code = "drill_not_waiting"
    message = "Cuộc diễn tập này không chờ người thứ hai. Hãy tải lại trang để xem."


class NobodyInReach(Refusal):
    code = "drill_reaches_nobody"
    kind = Kind.INVALID
    message = "Đối tượng này chưa chạm tới lô hay cơ sở nào, nên không có gì để diễn tập."


class DrillTooLarge(Refusal):
    code = "drill_too_large"
    kind = Kind.LIMIT
    message = (
        "Phạm vi có {lots} lô; một cuộc diễn tập nhiều nhất {most} lô. "
        "Hãy chọn đối tượng hẹp hơn hoặc khoảng thời gian ngắn hơn."
    )


class DrillReachesTooMany(Refusal):
    code = "drill_reaches_too_many"
    kind = Kind.LIMIT
    message = (
        "Phạm vi có {facilities} cơ sở; một cuộc diễn tập nhiều nhất {most} cơ sở. "
        "Hãy chọn đối tượng hẹp hơn hoặc khoảng thời gian ngắn hơn."
    )


class DrillsEnough(Refusal):
    code = "drills_enough_today"
    kind = Kind.LIMIT
    message = (
        "Cơ sở đã bắt đầu {most} cuộc diễn tập trong 24 giờ qua. "
        "Mỗi cuộc đều hỏi các cơ sở khác; hãy bắt đầu cuộc tiếp theo vào ngày mai."
    )


class StatedMoreThanHad(Refusal):
    code = "drill_more_than_had"
    kind = Kind.INVALID
    message = (
        "Các số đã khai cộng lại là {stated} {unit}, nhiều hơn số cơ sở đã làm ra hoặc nhận được "
        "của lô này: {had} {unit}. Hãy xem lại."
    )


class ReceiverMissing(Refusal):
    code = "drill_receiver_missing"
    kind = Kind.INVALID
    message = "Mỗi dòng đã gửi cần cả nơi nhận và số lượng lớn hơn 0."
