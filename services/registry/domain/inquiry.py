"""An inquiry: what a consumer or a buyer writes to a facility, and what it answers (R29)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shared.auth import Scope
from shared.errors import EditConflict, Kind, NotFound, Refusal

# Why somebody writes: as a buyer of quantities, as a consumer, or about something else.
TOPICS: Final = ("buy", "question", "cooperation", "other")
MAX_MESSAGES: Final = 20
# Personal data is kept as long as it is of use (Law 91/2025): counted from the last message.
KEPT_OPEN: Final = timedelta(days=365)
KEPT_CLOSED: Final = timedelta(days=90)

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U.
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
CODE_CHARACTERS: Final = 16


class State(StrEnum):
    """`new` waits for the facility, `answered` for nobody, `closed` is done."""

    NEW = "new"
    ANSWERED = "answered"
    CLOSED = "closed"


class FacilityTakesNone(Refusal):
    code = "facility_takes_no_inquiries"
    message = "Cơ sở này không còn hoạt động nên không nhận lời nhắn. Hãy tìm cơ sở khác."


class InquiryUnknown(NotFound):
    code = "inquiry_code_unknown"
    message = (
        "Không có lời nhắn nào mang mã này: mã gõ chưa đúng, hoặc lời nhắn đã được xóa. "
        "Hãy kiểm tra lại từng ký tự của mã."
    )


class InquiryClosed(Refusal):
    code = "inquiry_closed"
    message = "Lời nhắn này đã kết thúc. Hãy gửi lời nhắn mới nếu cần."


class TooManyMessages(Refusal):
    code = "too_many_messages"
    kind = Kind.LIMIT
    message = "Cuộc trao đổi này đã có {limit} tin. Hãy gọi điện, hoặc bắt đầu lời nhắn mới."


class AlreadyReported(Refusal):
    code = "inquiry_already_reported"
    message = "Lời nhắn này đã được báo cho cơ quan quản lý."


class NotReported(Refusal):
    code = "inquiry_not_reported"
    kind = Kind.FORBIDDEN
    message = "Cơ quan quản lý chỉ xem được lời nhắn mà cơ sở hoặc người hỏi đã báo là lạm dụng."


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as far as they say: only a name is needed, the answer is read by the code."""

    name: str
    organisation: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """`by` is the name of the facility's person who answered, "" for the asker."""

    at: datetime
    text: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Somebody held it for abuse; from then on officials may read it. `by_asker`: who it was."""

    at: datetime
    reason: str
    by_asker: bool


@dataclass(frozen=True, slots=True)
class Inquiry:
    """`fingerprint` is the hash of the asker's code; `seen` whether the facility opened it."""

    id: str
    version: int
    facility_id: str
    facility_name: str
    commune: str
    sector: str
    product_id: str
    product_name: str
    topic: str
    quantity: str
    asker: Asker
    messages: tuple[Message, ...]
    fingerprint: str
    state: State
    created_at: datetime
    updated_at: datetime
    seen: bool = False
    report: Report | None = None

    def scope(self) -> Scope:
        return Scope(self.facility_id, self.commune, self.sector)

    @property
    def kept_until(self) -> datetime:
        kept = KEPT_CLOSED if self.state is State.CLOSED else KEPT_OPEN
        return self.updated_at + kept

    def opened(self) -> "Inquiry":
        """As read by the facility; reading is no change that others must know of."""
        return replace(self, seen=True)

    def answer(self, text: str, *, by: str, version: int, now: datetime) -> "Inquiry":
        self._expect(version)
        said = self._said(Message(now, text, by or "—"), now)
        return replace(said, state=State.ANSWERED, seen=True)

    def ask_again(self, text: str, *, now: datetime) -> "Inquiry":
        """The asker's next message: it waits for the facility anew."""
        return replace(self._said(Message(now, text), now), state=State.NEW, seen=False)

    def close(self, *, version: int, now: datetime) -> "Inquiry":
        self._expect(version)
        if self.state is State.CLOSED:
            raise InquiryClosed()
        return self._step(now, state=State.CLOSED, seen=True)

    def told_on(self, reason: str, *, by_asker: bool, now: datetime) -> "Inquiry":
        if self.report is not None:
            raise AlreadyReported()
        return self._step(now, report=Report(now, reason, by_asker))

    def cleared(self, *, now: datetime) -> "Inquiry":
        """The official found no abuse: it is the facility's and the asker's alone again."""
        if self.report is None:
            raise NotReported()
        return self._step(now, report=None)

    def _said(self, message: Message, now: datetime) -> "Inquiry":
        if self.state is State.CLOSED:
            raise InquiryClosed()
        if len(self.messages) >= MAX_MESSAGES:
            raise TooManyMessages(limit=MAX_MESSAGES)
        return self._step(now, messages=(*self.messages, message))

    def _expect(self, version: int) -> None:
        if version != self.version:
            raise EditConflict()

    def _step(self, now: datetime, **changes: object) -> "Inquiry":
        return replace(self, version=self.version + 1, updated_at=now, **changes)  # type: ignore[arg-type]


def code_from(random: bytes) -> str:
    """The asker's code, made of sixteen random bytes or more: 80 bits, in groups of four."""
    letters = "".join(_ALPHABET[byte % 32] for byte in random[:CODE_CHARACTERS])
    return "-".join(letters[i : i + 4] for i in range(0, CODE_CHARACTERS, 4))


def read_code(typed: str) -> str:
    """The code as it was meant: case, spaces, hyphens and look-alike letters do not matter."""
    return typed.upper().translate(_READ_AS)
