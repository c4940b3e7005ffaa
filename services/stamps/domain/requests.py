"""Stamp requests and the batches that come of them (R36)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from shared.contracts.stamps import BatchIssued, RequestDecided
from shared.errors import Kind, Refusal

# A batch has 20 bits for its serials, its number 26.
MAX_QUANTITY = 1_000_000
MAX_BATCH = (1 << 26) - 1

# Who prints the stamps: the facility itself, or the authority that hands them over (R40).
PrintedBy = Literal["facility", "authority"]
State = Literal["submitted", "approved", "rejected"]
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


class OwnRequest(Refusal):
    code = "own_request"
    kind = Kind.FORBIDDEN
    message = "Bạn đã gửi yêu cầu này nên không được tự duyệt. Hãy để người khác duyệt."


class ReasonNeeded(Refusal):
    code = "reason_needed"
    kind = Kind.INVALID
    message = "Hãy ghi lý do để cơ sở biết cần làm gì."


@dataclass(frozen=True, slots=True)
class Batch:
    """`quantity` stamps with serials 0…quantity-1, issued to one facility for one product.

    `changes` counts what was done to its serials since.
    """

    number: int
    request_id: str
    facility_id: str
    product_id: str
    quantity: int
    issued_at: datetime
    changes: int = 0

    def issued(self) -> BatchIssued:
        return BatchIssued(
            subject=str(self.number),
            version=1,
            time=self.issued_at,
            batch=self.number,
            request_id=self.request_id,
            facility_id=self.facility_id,
            product_id=self.product_id,
            quantity=self.quantity,
        )


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
    state: State = "submitted"
    approved: int = 0
    batch: int | None = None
    reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    version: int = 1
    printed_by: PrintedBy = "facility"

    def granted(self, quantity: int | None, reason: str, *, by: str) -> int:
        """How many stamps an approval of `quantity` (None: of all) by another account grants.

        Raises RequestAlreadyDecided, OwnRequest, MoreThanAsked, QuantityOutOfRange, ReasonNeeded.
        """
        self._must_be_undecided()
        if by == self.submitted_by:
            raise OwnRequest()
        granted = self.quantity if quantity is None else quantity
        if granted > self.quantity:
            raise MoreThanAsked("quantity", approved=granted, asked=self.quantity)
        check_quantity(granted)
        if granted < self.quantity and not reason:
            raise ReasonNeeded("reason")
        return granted

    def approve(
        self, *, quantity: int | None, batch: int, by: str, reason: str, now: datetime
    ) -> tuple["Request", Batch]:
        """Grant the request, wholly or (with a reason) in part: the batch that is issued."""
        approved = self.granted(quantity, reason, by=by)
        issued = Batch(
            number=batch,
            request_id=self.id,
            facility_id=self.facility_id,
            product_id=self.product_id,
            quantity=approved,
            issued_at=now,
        )
        return self._decided("approved", approved, batch, by, reason, now), issued

    def reject(self, *, by: str, reason: str, now: datetime) -> "Request":
        """Also by who asked: then it is taken back."""
        self._must_be_undecided()
        if not reason:
            raise ReasonNeeded("reason")
        return self._decided("rejected", 0, None, by, reason, now)

    def decided(self) -> RequestDecided:
        """The decision as it is told."""
        assert self.decided_at is not None
        return RequestDecided(
            subject=self.id,
            version=self.version,
            time=self.decided_at,
            facility_id=self.facility_id,
            product_id=self.product_id,
            asked=self.quantity,
            approved=self.approved,
            decision=self.state,
            reason=self.reason,
            batch=self.batch,
        )

    def _must_be_undecided(self) -> None:
        if self.state != "submitted":
            raise RequestAlreadyDecided()

    def _decided(
        self, state: State, approved: int, batch: int | None, by: str, reason: str, now: datetime
    ) -> "Request":
        return replace(
            self,
            state=state,
            approved=approved,
            batch=batch,
            reason=reason,
            decided_by=by,
            decided_at=now,
            version=self.version + 1,
        )


def check_quantity(quantity: int) -> None:
    if not 1 <= quantity <= MAX_QUANTITY:
        raise QuantityOutOfRange("quantity", limit=MAX_QUANTITY)
