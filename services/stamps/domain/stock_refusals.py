"""Why stamps that the authority prints are not printed, stored or used."""

from shared.errors import Kind, Refusal


class PrintedCentrally(Refusal):
    code = "printed_centrally"
    kind = Kind.FORBIDDEN
    message = (
        "Lô tem này do cơ quan quản lý in tập trung, nên cơ sở không tự in. "
        "Hãy đợi nhận tem, hoặc hỏi cơ quan đã duyệt yêu cầu."
    )


class NotCentral(Refusal):
    code = "not_central"
    message = "Lô tem này do cơ sở tự in nên không có trong kho. Hãy chọn lô tem in tập trung."


class NotToBePrinted(Refusal):
    code = "not_to_be_printed"
    message = (
        "Các tem {first}–{last} đã in hoặc đang in. Hãy chọn các tem còn chờ in trong kho tem."
    )


class NotBeingPrinted(Refusal):
    code = "not_being_printed"
    message = (
        "Tệp và mã của tem in tập trung chỉ lấy được trong lúc đang in, mà các tem {first}–{last} "
        "thì không: đã nhập kho, chưa đặt in, hoặc lần in đã hủy. Hãy xem kho tem của lô."
    )


class NothingToStore(Refusal):
    code = "nothing_to_store"
    message = "Không có tem nào của lần in này chờ nhập kho. Hãy xem kho tem của lô."


class OutsidePrint(Refusal):
    code = "outside_print"
    kind = Kind.INVALID
    message = "Có tem hỏng không thuộc lần in này. Hãy sửa lại các khoảng."


class NotInStock(Refusal):
    code = "not_in_stock"
    message = (
        "Các tem {first}–{last} không nằm trong kho của đơn vị bạn. "
        "Hãy xem kho tem rồi chọn khoảng đang có trong kho."
    )


class NotReceived(Refusal):
    code = "not_received"
    message = (
        "Cơ sở chưa xác nhận đã nhận các tem {first}–{last}. "
        "Hãy xác nhận ở mục Nhận tem trước, hoặc chọn khoảng đã nhận."
    )


class TooManyPieces(Refusal):
    code = "too_many_pieces"
    message = (
        "Lô tem bị chia quá nhỏ (tối đa {limit} khoảng). Hãy lấy trọn một khoảng đang có, "
        "hoặc đợi cơ sở xác nhận các lần giao trước."
    )
