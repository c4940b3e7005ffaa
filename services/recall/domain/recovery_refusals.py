"""How recall says no to what is reported of goods that come back."""

from shared.errors import Kind, Refusal


class OtherDimension(Refusal):
    code = "unit_of_another_dimension"
    kind = Kind.INVALID
    message = "Lô này không tính được theo “{unit}”. Hãy ghi số lượng theo: {units}."


class UnitChanged(Refusal):
    code = "unit_of_the_lot_changed"
    message = (
        "Các dòng của lô {lot} đã ghi theo “{was}”, nay lô tính theo “{now}” và không đổi ra được. "
        "Hãy đề nghị sửa đơn vị hoặc khối lượng của lô, hoặc giải trình cả lô với người thứ hai."
    )


class SumsDoNotFit(Refusal):
    code = "recovery_sums_do_not_fit"
    message = (
        "Dòng được sửa lớn hơn tổng đang tính của lô {lot}, có lẽ vì đơn vị của lô đã đổi. "
        "Hãy báo quản trị hệ thống; chưa có gì được ghi."
    )


class LotNotInCase(Refusal):
    code = "lot_not_in_case"
    kind = Kind.INVALID
    message = (
        "Lô này không thuộc vụ việc, hoặc không phải hàng của bạn. Hãy chọn lô trong danh sách."
    )


class PlaceNotInCase(Refusal):
    code = "place_not_in_case"
    kind = Kind.INVALID
    message = (
        "Cơ sở này không có trong vụ việc. Hãy chọn cơ sở trong danh sách, "
        "hoặc chọn xã, phường và ghi rõ nơi có hàng."
    )


class PlaceMissing(Refusal):
    code = "place_missing"
    kind = Kind.INVALID
    message = "Hãy chọn một cơ sở, hoặc chọn xã, phường và ghi rõ nơi có hàng (không chọn cả hai)."


class HandlingMissing(Refusal):
    code = "handling_missing"
    kind = Kind.INVALID
    message = "Hàng thu hồi được cần có cách xử lý theo Điều 13. Hãy chọn một cách."


class HandlingOfOthers(Refusal):
    code = "handling_not_wanted"
    kind = Kind.INVALID
    message = "Cách xử lý chỉ đi với hàng thu hồi được. Hãy bỏ trống ô này."


class WordsMissing(Refusal):
    code = "recovery_words_missing"
    kind = Kind.INVALID
    message = "Hàng hao hụt hoặc đã dùng hết cần một lời giải thích. Hãy ghi rõ vì sao."


class DestroyedWithoutEvidence(Refusal):
    code = "destroyed_without_evidence"
    kind = Kind.INVALID
    message = "Hàng tiêu hủy cần chứng cứ. Hãy kèm ảnh hoặc biên bản tiêu hủy."


class InTheFuture(Refusal):
    code = "recovery_in_the_future"
    kind = Kind.INVALID
    message = "Ngày này chưa tới. Hãy ghi ngày thực tế, muộn nhất là hôm nay."


class BeforeItWasMade(Refusal):
    code = "recovery_before_production"
    kind = Kind.INVALID
    message = "Lô này sản xuất ngày {made}. Hãy ghi ngày không sớm hơn."


class NothingStated(Refusal):
    code = "recovery_of_nothing"
    kind = Kind.INVALID
    message = "Hãy ghi số lượng lớn hơn 0. Chỉ dòng sửa mới được ghi 0, để bỏ dòng ghi nhầm."


class MoreThanMade(Refusal):
    code = "more_than_made"
    kind = Kind.INVALID
    message = (
        "Lô {lot} chỉ sản xuất {made} {unit}, đã báo {known} {unit}: "
        "chỉ còn ghi được {left} {unit}. Hãy xem lại số lượng, hoặc sửa dòng đã báo."
    )


class MoreThanLeft(Refusal):
    """Told to whoever did not make the lot: its sums are its maker's to see."""

    code = "more_than_left"
    kind = Kind.INVALID
    message = (
        "Số lượng này lớn hơn phần của lô {lot} còn chưa được báo. Hãy xem lại số lượng; "
        "nếu số của bạn đúng, hãy liên hệ cơ quan phụ trách vụ việc."
    )


class MoreThanSent(Refusal):
    code = "more_than_sent"
    kind = Kind.INVALID
    message = (
        "Cơ sở của bạn được gửi {sent} {unit} của lô {lot}: chỉ còn ghi được {left} {unit}. "
        "Hãy xem lại số lượng, hoặc sửa dòng đã báo."
    )


class TooManyFilesUnnamed(Refusal):
    code = "too_many_files_unnamed"
    kind = Kind.LIMIT
    message = (
        "Bạn đã gửi {most} tệp mà chưa dòng nào dùng. Hãy ghi các dòng dùng những tệp đó rồi gửi "
        "tiếp; tệp không dùng được xóa sau một ngày."
    )


class RowUnknown(Refusal):
    code = "recovery_row_unknown"
    kind = Kind.NOT_FOUND
    message = "Không tìm thấy dòng cần sửa trong vụ việc này. Hãy mở lại danh sách."


class RowOfAnotherLot(Refusal):
    code = "recovery_row_of_another_lot"
    kind = Kind.INVALID
    message = "Dòng sửa phải cùng lô với dòng được sửa. Hãy ghi 0 cho dòng sai rồi thêm dòng mới."


class RowAlreadyCorrected(Refusal):
    code = "recovery_row_corrected"
    kind = Kind.CONFLICT
    message = "Dòng này đã được sửa. Hãy xem dòng mới nhất rồi sửa dòng đó."


class ReasonMissing(Refusal):
    code = "correction_reason_missing"
    kind = Kind.INVALID
    message = "Hãy ghi lý do sửa dòng đã báo."


class NoGoodsToRecover(Refusal):
    code = "no_goods_to_recover"
    kind = Kind.CONFLICT
    message = "Cảnh báo không thu hồi hàng, nên không có số lượng để báo."


class NotBeingCarriedOut(Refusal):
    code = "recall_not_carried_out"
    kind = Kind.CONFLICT
    message = "Vụ việc này không còn (hoặc chưa) thu hồi hàng, nên không ghi thêm số lượng được."


class EvidenceUnreadable(Refusal):
    code = "evidence_unreadable"
    kind = Kind.INVALID
    message = "Không đọc được tệp “{name}”. Hãy chọn ảnh JPG, PNG hoặc tệp PDF."


class EvidenceTooLarge(Refusal):
    code = "evidence_too_large"
    kind = Kind.TOO_LARGE
    message = "Tệp “{name}” lớn hơn {limit} MB hoặc ảnh quá lớn. Hãy chụp hoặc quét lại nhỏ hơn."


class TooMuchEvidence(Refusal):
    code = "too_much_evidence"
    kind = Kind.INVALID
    message = "Mỗi dòng nhận tối đa {most} tệp. Hãy bớt tệp hoặc chia thành nhiều dòng."


class NobodyToTell(Refusal):
    code = "not_told_of_recall"
    kind = Kind.CONFLICT
    message = "Vụ việc này chưa được công bố, nên chưa có gì để xác nhận đã nhận."


class LiftedBefore(Refusal):
    code = "recall_lifted"
    kind = Kind.CONFLICT
    message = "Thông báo của vụ việc này đã được dỡ bỏ, nên không cần xác nhận nữa."


class SumsUnexplained(Refusal):
    code = "sums_unexplained"
    message = (
        "Chưa kết thúc được: {count} lô còn chênh lệch, hoặc hàng tồn chưa xử lý, chưa giải trình "
        "({lots}). Hãy báo thêm số lượng của các lô này, hoặc giải trình."
    )


class FiguresFromRows(Refusal):
    code = "recovered_from_rows"
    kind = Kind.INVALID
    message = "Số lượng thu hồi được tính từ các dòng đã báo. Hãy bỏ trống ô này."


class NothingToExplain(Refusal):
    code = "nothing_to_explain"
    message = "Không có lô nào còn chênh lệch, nên không có gì để giải trình."


class ExplanationUnknown(Refusal):
    code = "explanation_unknown"
    kind = Kind.NOT_FOUND
    message = "Không tìm thấy bản giải trình này trong vụ việc. Hãy mở lại trang."


class ExplanationDecided(Refusal):
    code = "explanation_decided"
    message = "Bản giải trình này không (hoặc không còn) chờ người thứ hai."


class OwnerAsks(Refusal):
    code = "owner_asks"
    kind = Kind.FORBIDDEN
    message = "Chỉ cơ sở chủ hàng được đề nghị; cơ quan có thẩm quyền trả lời."


class RequestWaits(Refusal):
    code = "request_waits"
    message = (
        "Đề nghị trước của cơ sở đang chờ cơ quan có thẩm quyền. Hãy chờ trả lời rồi đề nghị lại."
    )


class RequestUnknown(Refusal):
    code = "request_unknown"
    kind = Kind.NOT_FOUND
    message = "Không tìm thấy đề nghị này trong vụ việc. Hãy mở lại trang."


class RequestAnswered(Refusal):
    code = "request_answered"
    message = "Đề nghị này đã được trả lời. Hãy mở lại trang để xem."


class AnswerWithoutWords(Refusal):
    code = "answer_without_words"
    kind = Kind.INVALID
    message = "Hãy ghi rõ cơ sở cần bổ sung, làm lại điều gì."


class ClosingIsTheAnswer(Refusal):
    code = "closing_is_the_answer"
    message = (
        "Đồng ý với báo cáo kết quả là kết thúc vụ việc: hãy kết thúc ở trang vụ việc, "
        "hoặc trả lại báo cáo kèm lý do."
    )
