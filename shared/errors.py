"""Refusals: every way the system says no, with a stable code and a message naming the remedy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar


class Kind(StrEnum):
    """What sort of no it is; `shared/web/problems.py` alone maps these to HTTP statuses."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    FORBIDDEN = "forbidden"
    UNAUTHENTICATED = "unauthenticated"
    LIMIT = "limit"
    TOO_LARGE = "too_large"
    UNAVAILABLE = "unavailable"


class Refusal(Exception):
    """A refusal knows no HTTP. `message` is the Vietnamese msgid, its `{names}` filled from params.

    Subclasses set `code` (stable, snake_case, part of the public API), `kind` and `message`.
    """

    code: ClassVar[str] = "refused"
    kind: ClassVar[Kind] = Kind.CONFLICT
    message: ClassVar[str] = "Yêu cầu không được chấp nhận."

    def __init__(self, field: str | None = None, **params: object) -> None:
        self.field = field
        self.params = params
        self.recorded = False  # Whether it stands in the ledger already.
        super().__init__(self.code, field, params)

    def __str__(self) -> str:
        return self.message.format_map(_Lenient(self.params))


class _Lenient(dict[str, object]):
    """Leaves a placeholder standing rather than failing while an error is being told."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that fill a `{name}` of another message and are translated with it.

    A param that is a plain text stays as it is in every language: a name, a code, a number. What is
    said about it is a phrase, with a msgid and params of its own; a Refusal may stand there too.
    """

    message: str
    params: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return self.message.format_map(_Lenient(self.params))


@dataclass(frozen=True, slots=True)
class Amount:
    """A number that fills a `{name}`, written as the reader's language writes it: 97,525 with a
    point would be a thousand times as much. By itself it is written in Vietnamese."""

    value: Decimal

    def __str__(self) -> str:
        whole = f"{self.value:,.3f}".rstrip("0").rstrip(".")
        return whole.translate(str.maketrans(",.", ".,"))


class NotFound(Refusal):
    code = "not_found"
    kind = Kind.NOT_FOUND
    message = "Không tìm thấy. Hãy kiểm tra lại mã hoặc đường dẫn."


class OutOfReach(NotFound):
    """It is there, but not for who asks: answered word for word as NotFound, and recorded."""


class Forbidden(Refusal):
    code = "forbidden"
    kind = Kind.FORBIDDEN
    message = (
        "Tài khoản của bạn không có quyền làm việc này. "
        "Hãy liên hệ đơn vị quản lý tài khoản nếu bạn cần quyền này."
    )


class Unauthenticated(Refusal):
    code = "unauthenticated"
    kind = Kind.UNAUTHENTICATED
    message = "Bạn chưa đăng nhập hoặc phiên đã hết hạn. Hãy đăng nhập lại."


class ProofNeeded(Refusal):
    """Signed in, but the last proof of who it is lies too far back for this act (ASVS 7.5.3).

    A page asks for the proof and goes on with what was typed (shared/web/proof.py).
    """

    code = "fresh_proof_needed"
    kind = Kind.UNAUTHENTICATED
    message = (
        "Việc này cần bạn vừa xác nhận lại chính mình. Hãy gửi mã xác thực hiện tại tới "
        "POST /api/identity/v1/tokens/proof rồi làm lại với mã truy cập mới nhận được."
    )


class InvalidInput(Refusal):
    code = "invalid_input"
    kind = Kind.INVALID
    message = "Dữ liệu nhập chưa đúng. Hãy sửa các ô được đánh dấu."


class EditConflict(Refusal):
    code = "edit_conflict"
    kind = Kind.CONFLICT
    message = (
        "Người khác vừa thay đổi bản ghi này. Hãy xem bản mới nhất rồi nhập lại thay đổi của bạn."
    )


class Unavailable(Refusal):
    code = "unavailable"
    kind = Kind.UNAVAILABLE
    message = "Hệ thống đang tạm thời không ghi được dữ liệu. Hãy thử lại sau ít phút."
