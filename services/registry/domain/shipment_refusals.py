"""Why an act on a shipment is refused, and what to do instead."""

from shared.errors import Kind, Refusal


class ReceiverMissing(Refusal):
    code = "receiver_missing"
    kind = Kind.INVALID
    message = "Hãy nêu cơ sở nhận bằng mã cơ sở, ví dụ CS22-00000017."


class ReceiverUnknown(Refusal):
    code = "receiver_unknown"
    kind = Kind.INVALID
    message = "Không có cơ sở đang hoạt động nào mang mã {facility}. Hãy kiểm tra lại mã."


class SameFacility(Refusal):
    code = "same_facility"
    kind = Kind.INVALID
    message = "Nơi nhận trùng nơi gửi. Hãy nêu cơ sở nhận khác."


class CountryMissing(Refusal):
    code = "country_missing"
    kind = Kind.INVALID
    message = "Hãy nêu nước nhập khẩu và số chứng từ xuất khẩu."


class NothingShipped(Refusal):
    code = "nothing_shipped"
    kind = Kind.INVALID
    message = "Hãy nêu ít nhất một lô và số lượng chuyển đi."


class PlanOutOfOrder(Refusal):
    code = "plan_out_of_order"
    kind = Kind.INVALID
    message = "Giờ giao dự kiến phải sau giờ lấy hàng dự kiến."


class ShipmentOver(Refusal):
    code = "shipment_over"
    message = "Chuyến hàng đã kết thúc hoặc đã hủy. Hãy tải lại trang để xem tình trạng mới nhất."


class AlreadyOnTheWay(Refusal):
    code = "already_on_the_way"
    message = "Hàng đã lên đường nên không hủy được. Nơi nhận xác nhận số lượng thực nhận."


class DifferenceUnexplained(Refusal):
    code = "difference_unexplained"
    kind = Kind.INVALID
    message = "Số lượng nhận khác số lượng gửi. Hãy ghi lý do (hao hụt, hư hỏng, thiếu hàng…)."


class MoreThanSent(Refusal):
    code = "more_than_sent"
    kind = Kind.INVALID
    message = "Số lượng nhận nhiều hơn số lượng gửi ({sent}). Hãy kiểm tra lại hoặc báo nơi gửi."


class PositionsFull(Refusal):
    code = "positions_full"
    message = "Chuyến hàng đã có {limit} vị trí. Không cần ghi thêm."


class NotDeclared(Refusal):
    code = "not_declared"
    message = "Chuyến này do chính bên giao lập. Nếu sai, hãy hủy chuyến hoặc ghi hàng trả về."


class AlreadyAnswered(Refusal):
    code = "receipt_answered"
    message = (
        "Bên giao đã trả lời về lần nhận này rồi. Nếu trả lời nhầm, hãy báo cơ quan quản lý để đối "
        "chiếu hai bên."
    )


class OwnReceipt(Refusal):
    code = "own_receipt"
    kind = Kind.FORBIDDEN
    message = (
        "Chính bạn đã ghi lần nhận này nên không được trả lời thay bên giao. Hãy để bên giao tự "
        "trả lời bằng tài khoản của họ, hoặc nhờ cán bộ khác ghi lời của bên giao."
    )


class BasisMissing(Refusal):
    code = "basis_missing"
    kind = Kind.INVALID
    message = (
        "Hãy ghi căn cứ trả lời thay bên giao: ai bên giao đã nói, văn bản hay biên bản nào, ngày "
        "nào."
    )


class OwnLot(Refusal):
    code = "own_lot"
    kind = Kind.INVALID
    message = "Lô {lot} do chính cơ sở làm ra, không phải hàng đã nhận."


class LinkInvalid(Refusal):
    code = "transport_link_invalid"
    kind = Kind.NOT_FOUND
    message = "Đường dẫn không đúng, đã hết hạn hoặc đã bị thu hồi. Hãy xin nơi gửi đường dẫn mới."


class LossUnexplained(Refusal):
    code = "loss_unexplained"
    kind = Kind.INVALID
    message = "Hãy ghi lý do hao hụt hoặc hủy (hỏng, quá hạn, tiêu hủy theo lệnh thu hồi…)."


class NotLeftYet(Refusal):
    code = "not_left_yet"
    message = (
        "Hàng chưa đi hoặc bên nhận chưa xác nhận, nên chưa ghi trả về được. "
        "Hãy hủy chuyến, hoặc chờ bên nhận ghi số thực nhận."
    )


class MoreThanOut(Refusal):
    code = "more_than_out"
    kind = Kind.INVALID
    message = "Chỉ còn {left} của lô này ở ngoài; không ghi trả về nhiều hơn được."


class NothingReturned(Refusal):
    code = "nothing_returned"
    kind = Kind.INVALID
    message = "Hãy ghi số lượng trả về của ít nhất một lô."


class ReturnUnexplained(Refusal):
    code = "return_unexplained"
    kind = Kind.INVALID
    message = "Hãy ghi lý do hàng trả về (bị từ chối, không bán được, trả lại theo lệnh thu hồi…)."
