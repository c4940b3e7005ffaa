"""Stamp requests and the batches that come of them (R36)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from shared.contracts.stamps import BatchIssued, PrintingChanged, RequestDecided, RequestWithdrawn
from shared.errors import Kind, Refusal

# A batch has 20 bits for its serials, its number 26.
MAX_QUANTITY = 1_000_000
MAX_BATCH = (1 << 26) - 1

# Who prints the stamps: the facility itself, or the authority that hands them over (R40).
PrintedBy = Literal["facility", "authority"]
State = Literal["submitted", "approved", "rejected", "withdrawn"]
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


class AlreadyWithdrawn(Refusal):
    code = "already_withdrawn"
    message = (
        "Yêu cầu này đã được rút lại nên không còn gì để quyết định. "
        "Nếu vẫn cần tem, cơ sở gửi yêu cầu mới."
    )


class RequestOfOthers(Refusal):
    code = "request_of_others"
    kind = Kind.FORBIDDEN
    message = (
        "Bạn không gửi yêu cầu này nên không rút lại được. Hãy để cơ sở hoặc người đã gửi rút lại, "
        "hoặc để người duyệt từ chối."
    )


class OwnRequest(Refusal):
    code = "own_request"
    kind = Kind.FORBIDDEN
    message = "Bạn đã gửi yêu cầu này nên không được tự duyệt. Hãy để người khác duyệt."


class ReasonNeeded(Refusal):
    code = "reason_needed"
    kind = Kind.INVALID
    message = "Hãy ghi lý do để cơ sở biết cần làm gì."


class NothingToPrint(Refusal):
    code = "nothing_to_print"
    message = "Yêu cầu này đã bị từ chối nên không có tem nào để in. Hãy gửi yêu cầu mới."


class SamePrinter(Refusal):
    code = "same_printer"
    message = "Yêu cầu này đã ghi đúng nơi in như vậy. Hãy chọn nơi in khác, hoặc quay lại."


class AlreadyPrinted(Refusal):
    code = "already_printed"
    message = (
        "Lô tem này đã có tệp in, đã lấy mã hoặc đã có tem đổi trạng thái, nên không đổi nơi in "
        "được nữa. Hãy in tiếp như đã ghi, hoặc gửi yêu cầu mới cho số tem còn cần."
    )


@dataclass(frozen=True, slots=True)
class Batch:
    """`quantity` stamps with serials 0…quantity-1, issued to one facility for one product.

    `changes` counts what was done to its serials since; `codes_taken`: some left in clear.
    """

    number: int
    request_id: str
    facility_id: str
    product_id: str
    quantity: int
    issued_at: datetime
    changes: int = 0
    codes_taken: bool = False

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

    @property
    def printing_right(self) -> str:
        """The action that changing who prints is: of who asked, until it is decided."""
        return "stamps.request" if self.state == "submitted" else "stamps.decide"

    def print_by(self, printed_by: PrintedBy, *, by: str, reason: str) -> "Request":
        """Another prints the stamps; with a reason, once it is decided.

        Raises AlreadyWithdrawn, NothingToPrint, OwnRequest, SamePrinter, ReasonNeeded.
        """
        self._must_not_be_withdrawn()
        if self.state == "rejected":
            raise NothingToPrint()
        if self.state == "approved" and by == self.submitted_by:
            raise OwnRequest()
        if printed_by == self.printed_by:
            raise SamePrinter()
        if self.state == "approved" and not reason:
            raise ReasonNeeded("reason")
        return replace(self, printed_by=printed_by, version=self.version + 1)

    def told_of_printing(self, reason: str, now: datetime) -> PrintingChanged:
        return PrintingChanged(
            subject=self.id,
            version=self.version,
            time=now,
            facility_id=self.facility_id,
            product_id=self.product_id,
            printed_by=self.printed_by,
            reason=reason,
            batch=self.batch,
        )

    def granted(
        self, quantity: int | None, reason: str, *, by: str, printed_by: PrintedBy | None = None
    ) -> int:
        """How many stamps an approval of `quantity` (None: of all) by another account grants, to be
        printed by whom was asked or by another.

        Raises RequestAlreadyDecided, AlreadyWithdrawn, OwnRequest, MoreThanAsked,
        QuantityOutOfRange, ReasonNeeded.
        """
        self._must_be_undecided()
        if by == self.submitted_by:
            raise OwnRequest()
        granted = self.quantity if quantity is None else quantity
        if granted > self.quantity:
            raise MoreThanAsked("quantity", approved=granted, asked=self.quantity)
        check_quantity(granted)
        differs = granted < self.quantity or printed_by not in (None, self.printed_by)
        if differs and not reason:
            raise ReasonNeeded("reason")
        return granted

    def approve(
        self,
        *,
        quantity: int | None,
        batch: int,
        by: str,
        reason: str,
        now: datetime,
        printed_by: PrintedBy | None = None,
    ) -> tuple["Request", Batch]:
        """Grant the request, wholly or (with a reason) in part or printed by another: the batch
        that is issued."""
        approved = self.granted(quantity, reason, by=by, printed_by=printed_by)
        issued = Batch(
            number=batch,
            request_id=self.id,
            facility_id=self.facility_id,
            product_id=self.product_id,
            quantity=approved,
            issued_at=now,
        )
        decided = self._decided("approved", approved, batch, by, reason, now)
        return replace(decided, printed_by=printed_by or self.printed_by), issued

    def reject(self, *, by: str, reason: str, now: datetime) -> "Request":
        """Also by who asked: then it is taken back."""
        self._must_be_undecided()
        if not reason:
            raise ReasonNeeded("reason")
        return self._decided("rejected", 0, None, by, reason, now)

    def must_be_withdrawable(self, *, by: str, facility_id: str | None) -> None:
        """By the people of the facility that it is for, and by who sent it on its behalf.

        Raises RequestAlreadyDecided, AlreadyWithdrawn, RequestOfOthers.
        """
        self._must_be_undecided()
        if facility_id != self.facility_id and by != self.submitted_by:
            raise RequestOfOthers()

    def withdraw(
        self, *, by: str, facility_id: str | None, reason: str, now: datetime
    ) -> tuple["Request", RequestWithdrawn]:
        """Taken back before it is decided: it ends, and asks for nothing any more."""
        self.must_be_withdrawable(by=by, facility_id=facility_id)
        withdrawn = self._decided("withdrawn", 0, None, by, reason, now)
        return withdrawn, RequestWithdrawn(
            subject=self.id,
            version=withdrawn.version,
            time=now,
            facility_id=self.facility_id,
            product_id=self.product_id,
            asked=self.quantity,
            reason=reason,
        )

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
            printed_by=self.printed_by,
        )

    def _must_be_undecided(self) -> None:
        self._must_not_be_withdrawn()
        if self.state != "submitted":
            raise RequestAlreadyDecided()

    def _must_not_be_withdrawn(self) -> None:
        if self.state == "withdrawn":
            raise AlreadyWithdrawn()

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
