"""Every way in which recall says no, besides the refusals all services share."""

from shared.errors import Kind, OutOfReach, Refusal


class InvalidTarget(Refusal):
    code = "invalid_target"
    kind = Kind.INVALID
    message = (
        "Đối tượng thu hồi chưa hợp lệ: lô tem là một số; số thứ tự chỉ đi với tem; khoảng thời "
        "gian chỉ đi với sản phẩm, cơ sở, vùng, vật tư hoặc giấy chứng nhận; số hiệu chỉ đi với "
        "vật tư hoặc giấy chứng nhận."
    )


class InvalidSerials(Refusal):
    code = "invalid_serials"
    kind = Kind.INVALID
    message = "Hãy nhập cả số thứ tự đầu và cuối, số đầu không lớn hơn số cuối."


class InvalidPeriod(Refusal):
    code = "invalid_period"
    kind = Kind.INVALID
    message = "Ngày kết thúc sớm hơn ngày bắt đầu. Hãy chọn lại."


class PeriodInFuture(Refusal):
    code = "period_in_future"
    kind = Kind.INVALID
    message = "Ngày bắt đầu ở trong tương lai, nên chưa có gì để thu hồi. Hãy chọn ngày đã qua."


class NumberMissing(Refusal):
    code = "certificate_number_missing"
    kind = Kind.INVALID
    message = "Hãy nhập số của giấy chứng nhận mà cơ sở đã công bố."


class PeriodOutsideCertificate(Refusal):
    code = "period_outside_certificate"
    kind = Kind.INVALID
    message = (
        "Cơ sở công bố giấy này từ {since} đến {until}; khoảng thời gian đã chọn nằm ngoài đó. "
        "Hãy chọn ngày trong khoảng này."
    )


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


class TooManyLots(Refusal):
    code = "too_many_lots"
    kind = Kind.INVALID
    message = "Mỗi lần chỉ so được {most} lô. Hãy bớt lô rồi tìm lại."


class LotCodeNotFound(Refusal):
    code = "lot_code_not_found"
    kind = Kind.NOT_FOUND
    message = (
        "Không tìm thấy lô nào trong phạm vi của bạn theo mã “{given}”. Hãy kiểm tra lại mã này."
    )


class LotCodeAmbiguous(Refusal):
    code = "lot_code_ambiguous"
    kind = Kind.INVALID
    message = (
        "Có {count} lô mang mã “{given}”: {choices}. Ghi thêm mã cơ sở sau dấu @, ví dụ: {example}."
    )


class TargetEmpty(Refusal):
    code = "target_empty"
    kind = Kind.INVALID
    message = "Không có lô sản phẩm nào trong khoảng thời gian đã chọn. Hãy chọn lại."


class TargetWithoutLots(TargetEmpty):
    """Of what only its lots can be named by; says more than that a period is empty."""

    code = "target_without_lots"
    message = (
        "Đối tượng này chưa có lô sản phẩm nào được công bố, nên không có gì để thu hồi. Hãy kiểm "
        "tra lại, hoặc chọn cơ sở hay sản phẩm."
    )


class CertificateWithoutLots(TargetWithoutLots):
    """The days are those of the claim: whoever asks may have chosen none."""

    code = "certificate_without_lots"
    message = (
        "Trong những ngày cơ sở khai giấy chứng nhận này, cơ sở không có lô sản phẩm nào được công "
        "bố, nên không có gì để thu hồi. Hãy kiểm tra lại số giấy, hoặc chọn cơ sở."
    )


class TargetAlreadyRecalled(Refusal):
    code = "target_already_recalled"
    kind = Kind.CONFLICT
    message = "Đối tượng này đang có một vụ việc cùng loại chưa kết thúc. Hãy mở vụ việc đó."


class ReasonUnknown(Refusal):
    code = "reason_unknown"
    kind = Kind.INVALID
    message = "Danh mục không có lý do này. Hãy chọn một lý do trong danh mục."


class ReasonNotYours(Refusal):
    code = "reason_not_yours"
    kind = Kind.FORBIDDEN
    message = (
        "Lý do này không thuộc thẩm quyền của bạn. Hãy chọn lý do khác hoặc báo cơ quan có quyền."
    )


class ReasonDoesNotFit(Refusal):
    code = "reason_does_not_fit"
    kind = Kind.INVALID
    message = (
        "Lý do này không đi với loại thông báo hoặc căn cứ đã chọn. Hãy xem bảng lý do và chọn lại."
    )


class WordsMissing(Refusal):
    code = "words_missing"
    kind = Kind.INVALID
    message = "Lý do này không có lời mẫu: hãy tự viết lý do và hướng dẫn bằng tiếng Việt."


class LevelDoesNotFit(Refusal):
    code = "level_does_not_fit"
    kind = Kind.INVALID
    message = (
        "Mức cảnh báo không đi với loại thông báo: thu hồi từ mức thận trọng trở lên, "
        "rút khỏi thị trường là thận trọng hoặc nghiêm trọng. Hãy chọn lại."
    )


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


class NothingToCorrect(Refusal):
    code = "nothing_to_correct"
    kind = Kind.INVALID
    message = "Bản đính chính không đổi gì. Hãy sửa chỗ sai rồi gửi lại."


class CorrectionEmpties(Refusal):
    code = "correction_empties"
    kind = Kind.INVALID
    message = "Sau đính chính này thông báo không còn nêu gì. Nếu lệnh sai hẳn, hãy đề nghị dỡ bỏ."


class CorrectedToAnother(Refusal):
    code = "corrected_to_another"
    kind = Kind.INVALID
    message = (
        "Đính chính chỉ mở rộng hoặc thu hẹp chính đối tượng này. "
        "Với đối tượng khác, hãy ra lệnh mới."
    )


class CorrectionNotYours(Refusal):
    code = "correction_not_yours"
    kind = Kind.FORBIDDEN
    message = "Cơ sở chỉ đính chính thông báo do mình đưa ra. Hãy báo cơ quan đã ra lệnh."


class CorrectionAlreadyRequested(Refusal):
    code = "correction_already_requested"
    kind = Kind.CONFLICT
    message = "Một bản đính chính đang chờ người thứ hai. Hãy để người đó quyết định trước."


class CorrectionNotRequested(Refusal):
    code = "correction_not_requested"
    kind = Kind.CONFLICT
    message = "Không có bản đính chính nào đang chờ xác nhận."


class LotNotInCase(Refusal):
    code = "lot_not_in_case"
    kind = Kind.INVALID
    message = "Vụ việc này không có lô {lot}. Hãy kiểm tra lại mã lô."


class LotNamedByWhole(Refusal):
    code = "lot_named_by_whole"
    kind = Kind.INVALID
    message = (
        "Vụ việc nêu cả sản phẩm hoặc cơ sở, nên không bỏ riêng một lô được. "
        "Hãy giới hạn đối tượng theo thời gian sản xuất."
    )


class LotNotFound(Refusal):
    code = "lot_not_found"
    kind = Kind.NOT_FOUND
    message = "Không tìm thấy lô {lot} trong phạm vi của bạn. Hãy kiểm tra lại mã lô."


class LotAmbiguous(Refusal):
    code = "lot_ambiguous"
    kind = Kind.INVALID
    message = "Có nhiều lô mang mã {lot}. Hãy ghi mã định danh của đúng lô đó."
