"""Why printed stamps are not handed over, received or settled."""

from shared.errors import Kind, Refusal


class OwnHandOver(Refusal):
    code = "own_hand_over"
    kind = Kind.FORBIDDEN
    message = "Bạn đã giao số tem này nên không được tự nhận. Hãy để người khác bên nhận xác nhận."


class NotWaiting(Refusal):
    code = "hand_over_not_waiting"
    message = "Lần giao này không còn chờ xác nhận. Hãy tải lại trang để xem tình trạng mới nhất."


class OutsideHandOver(Refusal):
    code = "outside_hand_over"
    kind = Kind.INVALID
    message = "Lần giao này chỉ gồm các tem {serials}. Hãy sửa các khoảng thiếu hoặc hỏng."


class MissingAndDamaged(Refusal):
    code = "missing_and_damaged"
    kind = Kind.INVALID
    message = "Có tem vừa ghi thiếu vừa ghi hỏng. Hãy để mỗi tem ở một ô thôi."


class WordsNeeded(Refusal):
    code = "words_needed"
    kind = Kind.INVALID
    message = "Hãy ghi rõ vì sao, để bên kia biết cần kiểm tra gì."


class NoDifference(Refusal):
    code = "no_difference"
    message = "Lần giao này không có chênh lệch nào chờ thống nhất."


class OwnWord(Refusal):
    code = "own_word"
    kind = Kind.FORBIDDEN
    message = "Bên bạn vừa trả lời, nên bên kia mới đồng ý được. Hãy đợi họ trả lời."


class TooManyWords(Refusal):
    code = "too_many_words"
    message = "Hai bên đã trao đổi quá nhiều lần. Hãy thống nhất trực tiếp rồi bấm đồng ý."


class HandedInFuture(Refusal):
    code = "handed_in_future"
    kind = Kind.INVALID
    message = "Ngày giao không được sau hôm nay. Hãy sửa ngày giao."


class HandedBeforeIssue(Refusal):
    code = "handed_before_issue"
    kind = Kind.INVALID
    message = "Lô tem này cấp ngày {day} nên không thể giao trước ngày đó. Hãy sửa ngày giao."


class NothingHanded(Refusal):
    code = "nothing_handed"
    kind = Kind.INVALID
    message = "Hãy ghi ít nhất một khoảng tem để giao."


class NotYourHandOver(Refusal):
    code = "not_your_hand_over"
    kind = Kind.FORBIDDEN
    message = (
        "Lần giao này do đơn vị khác giao. Hãy để đơn vị đã giao, hoặc cơ quan cấp trên, làm việc "
        "này."
    )


class SpokeForOtherSide(Refusal):
    code = "spoke_for_other_side"
    kind = Kind.FORBIDDEN
    message = (
        "Bạn đã nhận tem hoặc trả lời thay cho bên kia. Hãy để người khác của bên bạn trả lời."
    )


class NotHandedToYou(Refusal):
    code = "not_handed_to_you"
    kind = Kind.FORBIDDEN
    message = "Số tem này được chuyển cho đơn vị khác. Hãy để đơn vị nhận tự đếm và xác nhận."


class ToOwnUnit(Refusal):
    code = "to_own_unit"
    kind = Kind.INVALID
    message = "Tem đang nằm trong kho của đơn vị bạn. Hãy chọn đơn vị khác để chuyển."


class TakesNoStock(Refusal):
    code = "takes_no_stock"
    kind = Kind.INVALID
    message = (
        "Đơn vị này không giữ tem cho cơ sở: không còn hoạt động, hoặc không phụ trách địa bàn và "
        "ngành của cơ sở. Hãy chọn một đơn vị trong danh sách."
    )
