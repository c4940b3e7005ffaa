"""What a diary is refused for."""

from shared.errors import Kind, Refusal


class DateInFuture(Refusal):
    code = "date_in_future"
    kind = Kind.INVALID
    message = "Ngày {date} còn ở phía trước. Nhật ký chỉ ghi việc đã làm."


class DateTooEarly(Refusal):
    code = "date_too_early"
    kind = Kind.INVALID
    message = "Ngày {date} quá xa trong quá khứ. Hãy kiểm tra lại năm."


class DatesOutOfOrder(Refusal):
    code = "dates_out_of_order"
    kind = Kind.INVALID
    message = (
        "Thứ tự ngày chưa hợp lý: công đoạn ghi ngày {later} phải diễn ra sau công đoạn "
        "ghi ngày {earlier}. Hãy kiểm tra lại ngày của hai công đoạn này."
    )


class WithdrawalIntervalNotOver(Refusal):
    code = "withdrawal_interval_not_over"
    kind = Kind.INVALID
    message = (
        "Chưa hết thời gian cách ly: dùng {name} ngày {used_on}, cách ly {days} ngày, "
        "chỉ được thu hoạch từ ngày {allowed_from}; nhật ký ghi thu hoạch ngày {taken_on}."
    )


class FieldNotOfStep(Refusal):
    code = "field_not_of_step"
    kind = Kind.INVALID
    message = "Mục này không dùng cho công đoạn đã chọn. Hãy bỏ đi."


class StepUnknown(Refusal):
    code = "step_unknown"
    kind = Kind.INVALID
    message = (
        "Công đoạn này không có trong danh mục công đoạn. Hãy chọn một công đoạn trong danh mục."
    )


class TooManyPhotos(Refusal):
    code = "too_many_photos"
    kind = Kind.INVALID
    message = "Mỗi công đoạn giữ tối đa {limit} ảnh. Hãy bỏ bớt ảnh rồi lưu lại."


class TooManyLabels(Refusal):
    code = "too_many_labels"
    kind = Kind.INVALID
    message = "Mỗi lần dùng vật tư giữ tối đa {limit} ảnh nhãn. Hãy bỏ bớt ảnh rồi lưu lại."


class SupplyIncomplete(Refusal):
    code = "supply_incomplete"
    kind = Kind.INVALID
    message = (
        "Hãy ghi đủ vật tư đã dùng: loại, tên và, với thuốc hoặc hóa chất, "
        "thời gian cách ly (số ngày ghi trên nhãn, 0 nếu không phải cách ly)."
    )
