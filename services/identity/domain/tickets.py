"""The ticket between two steps: who has shown the password, and what for. It works once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.errors import Kind, Refusal

# Long enough to install an app and to find one's glasses.
LIFE = timedelta(minutes=15)
MOST_WRONG = 5


class StepIsOver(Refusal):
    """The ticket is unknown, used, expired, for another step, or was tried too often."""

    code = "step_is_over"
    kind = Kind.UNAUTHENTICATED
    message = (
        "Bước này đã hết hạn hoặc đã dùng xong. Hãy bắt đầu lại bằng tên đăng nhập và mật khẩu."
    )


class Purpose(StrEnum):
    """The one step that a ticket is good for."""

    CODE = "code"
    ENROL = "enrol"
    SETUP = "setup"


@dataclass(frozen=True, slots=True)
class Ticket:
    """`password` is the fingerprint of the password's hash: a password set anew voids the ticket.

    `sealed` is the new seed, encrypted, where one is being enrolled; `session_id` the session in
    which a signed-in person does so.
    """

    id: str
    account_id: str
    username: str
    purpose: Purpose
    password: bytes
    expires_at: datetime
    sealed: bytes | None = None
    session_id: str = ""
    wrong: int = 0

    def good_for(self, purpose: Purpose, now: datetime) -> bool:
        return self.purpose is purpose and now < self.expires_at and self.wrong < MOST_WRONG
