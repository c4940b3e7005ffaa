"""One message to one contact: waiting, under way, told, or given up after three days."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from services.recall.domain.contact import Channel
from shared.errors import Refusal

# After the first failures so many seconds are waited; after those that follow, the last of them.
PAUSES: Final = (1, 5, 30, 120, 600, 3600)
JITTER: Final = 0.2
MOST_CHANNEL_PAUSE: Final = timedelta(seconds=60)
GIVE_UP: Final = timedelta(days=3)
# A host that never agreed to anything is called so often for one question.
CHALLENGES: Final = 3
# Longer than any sending may take; a courier that died gives what it held back after it.
LEASE: Final = {Channel.MAIL: timedelta(seconds=420), Channel.WEBHOOK: timedelta(seconds=120)}
KEPT: Final = timedelta(days=730)


class State(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    GIVEN_UP = "given_up"


# In these it is still to be told.
OPEN: Final = (State.QUEUED, State.SENDING, State.FAILED)


class Message(StrEnum):
    """What is told. RUNNING: how many cases run, to a mailbox that was just confirmed and is not
    told of so many one by one. Those of QUESTIONS ask a contact whether it is who it is said to be;
    UNKNOWN stands for what a newer version of the program tells."""

    ORDERED = "ordered"
    SCOPE_CHANGED = "scope_changed"
    CORRECTED = "corrected"
    LIFTED = "lifted"
    CLOSED = "closed"
    RUNNING = "running"
    DEADLINE_NEAR = "deadline_near"
    DEADLINE_MISSED = "deadline_missed"
    DRILL_STARTED = "drill_started"
    DRILL_ENDED = "drill_ended"
    CONFIRM = "confirm"
    CHALLENGE = "challenge"
    UNKNOWN = "unknown"

    @property
    def urgency(self) -> int:
        """In which order messages go: 0 first. What makes goods leave the shelves comes before
        what ends it, and before deadlines; what one asked for oneself need not wait either. Drills
        wait for all of it."""
        return _ORDER.get(self, 2)

    @property
    def type(self) -> str:
        """As webhooks name it: no receiver takes a drill for a recall by how it begins."""
        of = "drill" if self in DRILLS else "recall"
        return f"txng.{of}.{self.removeprefix('drill_')}.v1"


_ORDER: Final = {
    Message.ORDERED: 0,
    Message.SCOPE_CHANGED: 1,
    Message.CORRECTED: 1,
    Message.CONFIRM: 1,
    Message.CHALLENGE: 1,
    Message.CLOSED: 3,
    Message.DRILL_STARTED: 4,
    Message.DRILL_ENDED: 4,
}
QUESTIONS: Final = (Message.CONFIRM, Message.CHALLENGE)
# Of these `case_id` is a drill's.
DRILLS: Final = (Message.DRILL_STARTED, Message.DRILL_ENDED)
# These ask for something to be done, and nothing is to be done once the case was lifted.
ENDED_BY_LIFTING: Final = (
    Message.ORDERED,
    Message.SCOPE_CHANGED,
    Message.CORRECTED,
    Message.DEADLINE_NEAR,
    Message.DEADLINE_MISSED,
)
# These say what became of a case or drill, so they are for those alone who were told of it.
TELLS_WHAT_BECAME: Final = (
    Message.LIFTED,
    Message.CLOSED,
    Message.CORRECTED,
    Message.DRILL_ENDED,
)
# Why nothing was said any more, though nobody was called.
OUR_OWN: Final = frozenset(("link_over", "case_gone", "case_lifted", "drill_over"))


class NothingToRetry(Refusal):
    code = "nothing_to_retry"
    message = "Tin này đã gửi xong hoặc đang gửi, nên không có gì để gửi lại."


class AskedElsewhere(Refusal):
    code = "asked_elsewhere"
    message = (
        "Lời xác nhận được gửi lại ở trang Nơi nhận tin thu hồi, bằng nút Gửi lại lời xác nhận."
    )


class ContactRests(Refusal):
    code = "contact_rests"
    message = "Địa chỉ nhận tin này đang tạm ngừng. Bấm Gửi tiếp, tin đang giữ được gửi ngay."


class ContactGone(Refusal):
    code = "contact_gone"
    message = "Địa chỉ nhận tin này đã bị xóa, nên không gửi lại được."


# After these another try would end the same way.
FINAL: Final = frozenset(
    {
        "mail_refused",
        "contact_gone",
        "link_over",
        "case_gone",
        "case_lifted",
        "url_refused",
        "drill_over",
    }
)


class SendingFailed(Exception):
    """A sending that did not succeed: a code of courier/errors.py, with what fills it.

    `gone`: the receiver says that it is no more (HTTP 410). `channel`: the fault is that of our own
    mail server, and would be so for any contact."""

    def __init__(
        self, code: str, detail: str = "", *, gone: bool = False, channel: bool = False
    ) -> None:
        super().__init__(code, detail)
        self.code, self.detail, self.gone, self.channel = code, detail, gone, channel


@dataclass(frozen=True, slots=True)
class Delivery:
    """`version` is that of the case which it tells; `facilities` are the first of those it is
    about, of `facilities_total`. `tried_since` is when it was first tried, last retried by hand or
    its contact resumed. `joined`: further events of a growth that it tells as well.
    """

    id: str
    message: Message
    event_id: str
    case_id: str
    case_version: int
    happened_at: datetime
    contact_id: str
    round: int
    channel: Channel
    owner_kind: str
    owner_id: str
    commune: str
    sector: str
    facilities: tuple[str, ...]
    facilities_total: int
    state: State
    attempts: int
    created_at: datetime
    tried_since: datetime
    next_at: datetime
    held: bool
    lease: str = ""
    error: str = ""
    error_detail: str = ""
    sent_at: datetime | None = None
    urgency: int = 2
    joined: tuple[str, ...] = ()

    @property
    def is_not_needed(self) -> bool:
        """What it says was over before it went: nothing failed."""
        return self.state is State.GIVEN_UP and self.error in OUR_OWN

    @property
    def message_id(self) -> str:
        """The same at every attempt, so that a receiver told twice can see it."""
        return message_id(self.id)


def delivery_id(event_id: str, contact_id: str) -> str:
    return f"{event_id}:{contact_id}"


def message_id(of: str) -> str:
    return "msg_" + sha256(of.encode()).hexdigest()[:32]


def pause(failures: int, spread: float | None = None) -> timedelta:
    """How long to wait after so many failures in a row (≥ 1); `spread` in 0…1 varies it by a fifth,
    so that many that failed at once do not come back at once."""
    seconds = PAUSES[min(max(failures, 1), len(PAUSES)) - 1]
    given = random.random() if spread is None else spread  # noqa: S311 - spreads rivals
    return timedelta(seconds=seconds * (1 - JITTER + 2 * JITTER * given))


def channel_pause(faults: int) -> timedelta:
    """How long a channel that failed so often in a row (≥ 1) is left alone: not so long that what
    waits stays long once it works again."""
    return min(pause(faults), MOST_CHANNEL_PAUSE)


def is_over(delivery: Delivery, next_at: datetime, code: str) -> bool:
    """Whether no other attempt is made."""
    if delivery.message is Message.CHALLENGE and delivery.attempts >= CHALLENGES:
        return True
    return code in FINAL or next_at > delivery.tried_since + GIVE_UP
