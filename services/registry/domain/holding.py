"""How much of a lot a facility has: what it made or received, less what it used, sent or sold."""

from dataclasses import dataclass
from decimal import Decimal

from shared.errors import Refusal


class NotEnoughLeft(Refusal):
    code = "not_enough_left"
    message = (
        "Lô {lot} chỉ còn {left} {unit}, không đủ {wanted} {unit}. "
        "Hãy giảm số lượng hoặc chọn thêm lô khác."
    )


class NotHeld(Refusal):
    code = "lot_not_held"
    message = (
        "Cơ sở chưa nhận lô {lot}. Hãy lập chuyến giao nhận, hoặc thu mua trực tiếp nếu cơ sở "
        "đăng ký loại hình thu mua."
    )


class LotRecalled(Refusal):
    code = "lot_recalled"
    message = "Lô {lot} đang bị thu hồi nên không được dùng, chuyển đi hoặc bán."


class LessThanUsed(Refusal):
    code = "less_than_used"
    message = "Đã dùng, chuyển hoặc bán {used} {unit} của lô này; không ghi ít hơn được."


@dataclass(frozen=True, slots=True)
class Holding:
    """In the base unit of what the lot's unit measures."""

    lot_id: str
    facility_id: str
    has: Decimal
    used: Decimal

    @property
    def left(self) -> Decimal:
        return self.has - self.used
