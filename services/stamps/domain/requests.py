"""Stamp requests and the batches that come of them (R36)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from shared.contracts.stamps import RequestDecided
from shared.errors import Kind, Refusal

# A batch has 20 bits for its serials.
MAX_QUANTITY = 1_000_000

Decision = Literal["approve", "reject"]


class QuantityOutOfRange(Refusal):
    code = "quantity_out_of_range"
    kind = Kind.INVALID
    message = "Số lượng tem phải từ 1 đến {limit}. Nếu cần nhiều hơn, hãy chia thành nhiều yêu cầu."


class MoreThanAsked(Refusal):
    code = "more_than_asked"
    kind = Kind.INVALID
    message = "Không thể duyệt {approved} tem khi cơ sở chỉ xin {asked}. Hãy giảm số lượng duyệt."


class RequestAlreadyDecided(Refusal):
    code = "request_already_decided"
    message = "Yêu cầu này đã được quyết định. Hãy tải lại trang để xem kết quả."


class ReasonNeeded(Refusal):
    code = "reason_needed"
    kind = Kind.INVALID
    message = "Hãy ghi lý do để cơ sở biết cần làm gì."


class FacilityNotActive(Refusal):
    code = "facility_not_active"
    message = "Cơ sở đang ngừng hoạt động hoặc chưa được công bố nên chưa thể cấp tem."


class ProductNotPublished(Refusal):
    code = "product_not_published"
    message = "Sản phẩm chưa được công bố hoặc đã rút. Hãy hoàn tất việc duyệt sản phẩm trước."


class LotNotUsable(Refusal):
    code = "lot_not_usable"
    kind = Kind.INVALID
    message = (
        "Lô sản phẩm này chưa được duyệt, hoặc không thuộc cơ sở và sản phẩm của lô tem. "
        "Hãy chọn một lô khác."
    )


class LotRecalled(Refusal):
    code = "lot_recalled"
    message = "Lô sản phẩm này đang bị thu hồi nên không thể kích hoạt tem cho nó."


@dataclass(frozen=True, slots=True)
class Request:
    """A facility asks for stamps; an authority decides once."""

    id: str
    facility_id: str
    product_id: str
    lot_id: str
    quantity: int
    purpose: str
    submitted_by: str
    submitted_at: datetime
    state: str = "submitted"
    approved: int = 0
    batch: int | None = None
    reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    version: int = 1

    def approve(
        self, *, quantity: int | None, batch: int, by: str, reason: str, now: datetime
    ) -> tuple["Request", RequestDecided]:
        """Grant the request, wholly or (with a reason) in part."""
        self._undecided()
        approved = self.quantity if quantity is None else quantity
        if approved > self.quantity:
            raise MoreThanAsked("quantity", approved=approved, asked=self.quantity)
        check_quantity(approved)
        if approved < self.quantity and not reason:
            raise ReasonNeeded("reason")
        return self._decided("approved", approved, batch, by, reason, now)

    def reject(self, *, by: str, reason: str, now: datetime) -> tuple["Request", RequestDecided]:
        self._undecided()
        if not reason:
            raise ReasonNeeded("reason")
        return self._decided("rejected", 0, None, by, reason, now)

    def _undecided(self) -> None:
        if self.state != "submitted":
            raise RequestAlreadyDecided()

    def _decided(
        self, state: str, approved: int, batch: int | None, by: str, reason: str, now: datetime
    ) -> tuple["Request", RequestDecided]:
        decided = replace(
            self,
            state=state,
            approved=approved,
            batch=batch,
            reason=reason,
            decided_by=by,
            decided_at=now,
            version=self.version + 1,
        )
        event = RequestDecided(
            subject=self.id,
            version=decided.version,
            time=now,
            facility_id=self.facility_id,
            product_id=self.product_id,
            asked=self.quantity,
            approved=approved,
            decision=state,
            reason=reason,
            batch=batch,
        )
        return decided, event


def check_quantity(quantity: int) -> None:
    if not 1 <= quantity <= MAX_QUANTITY:
        raise QuantityOutOfRange("quantity", limit=MAX_QUANTITY)


@dataclass(frozen=True, slots=True)
class Batch:
    """`quantity` stamps with serials 0…quantity-1, issued to one facility for one product."""

    number: int
    request_id: str
    facility_id: str
    product_id: str
    quantity: int
    issued_at: datetime
