"""An account taken over on its person's own device (nhận tài khoản), with no code to hand over.

The person asks on their phone, which keeps a secret and shows a short word made of it. They read
the word to the officer, who has them before them or on the telephone and confirms it. The phone,
and nothing else, may then set the password: whoever issues accounts never holds anything that
could. (The idea of RFC 8628, turned round: the device asks, the person with authority confirms.)
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from services.identity.domain.secrets import code_from, fingerprint, read_setup_code
from shared.errors import Kind, Refusal

# Asked in the evening, confirmed by telephone in the morning; as long again to set the password.
LIFE = timedelta(hours=24)
WORD_CHARACTERS = 8  # Of 32 letters: 40 bits, and only an officer can try them.


class ClaimUnknown(Refusal):
    """The word is wrong or too old, or the person gave another user name on their device."""

    code = "claim_unknown"
    kind = Kind.INVALID
    message = (
        "Không có yêu cầu nhận tài khoản nào mang mã này với tên đăng nhập này, hoặc đã quá "
        "24 giờ. Hãy nghe đọc lại mã, và kiểm tra tên đăng nhập người nhận đã nhập."
    )


class ClaimIsOver(Refusal):
    """The device's claim was never made, is used up, or was overtaken by a newer one."""

    code = "claim_is_over"
    kind = Kind.UNAUTHENTICATED
    message = (
        "Yêu cầu nhận tài khoản đã hết hạn hoặc đã dùng xong. Hãy bắt đầu lại từ tên đăng nhập."
    )


class ClaimNotConfirmed(Refusal):
    code = "claim_not_confirmed"
    message = (
        "Cán bộ chưa xác nhận mã của bạn. Hãy đọc mã cho cán bộ quản lý tài khoản, "
        "rồi đợi cán bộ báo đã xác nhận."
    )


class PasswordIsSet(Refusal):
    code = "password_is_set"
    message = (
        "Tài khoản này đã có mật khẩu. Nếu người dùng quên mật khẩu hoặc người khác đã đặt, "
        "hãy cấp lại trước, rồi xác nhận mã mới."
    )


class InPersonNeeded(Refusal):
    code = "in_person_needed"
    kind = Kind.INVALID
    message = (
        "Thiết bị xác thực của tài khoản này vừa được gỡ: chỉ trao lại khi gặp trực tiếp. "
        "Hãy hẹn người dùng đến cùng giấy tờ."
    )


class PhoneNotOnRecord(Refusal):
    code = "phone_not_on_record"
    kind = Kind.INVALID
    message = (
        "Hồ sơ tài khoản chưa có số điện thoại để gọi lại. Hãy nhập số ở mục Sửa thông tin cá nhân "
        "trước, hoặc gặp trực tiếp."
    )


class OwnDevice(Refusal):
    """The officer has signed in on that very device: nobody confirms what is for themself."""

    code = "own_device"
    kind = Kind.FORBIDDEN
    message = (
        "Mã này lấy trên thiết bị mà chính bạn đã đăng nhập, nên bạn không tự xác nhận được. "
        "Hãy để người nhận lấy mã trên máy của họ, hoặc nhờ cán bộ khác xác nhận."
    )


class Seen(StrEnum):
    """How the officer made sure who reads the word to them."""

    IN_PERSON = "in_person"
    BY_PHONE = "by_phone"


@dataclass(frozen=True, slots=True)
class Claim:
    """`id` and `word` are fingerprints: of the device's secret, and of the word it shows.

    `account_id` is "" until an officer has confirmed it. `known_device` is the mark that the
    browser was given when somebody last signed in there, "" if nobody did; `network` is a keyed
    hash of where it asked from.
    """

    id: str
    username: str
    word: str
    place: str
    device: str
    at: datetime
    expires_at: datetime
    account_id: str = ""
    known_device: str = ""
    network: str = ""

    @property
    def confirmed(self) -> bool:
        return bool(self.account_id)

    def alive(self, now: datetime) -> bool:
        return now < self.expires_at

    def confirm(self, account_id: str, username: str, now: datetime) -> "Claim":
        """By who manages the account; raises ClaimUnknown."""
        if self.confirmed or self.username != username or not self.alive(now):
            raise ClaimUnknown("word")
        return replace(self, account_id=account_id, expires_at=now + LIFE)


def ask(
    secret: str,
    username: str,
    place: str,
    device: str,
    now: datetime,
    *,
    known_device: str = "",
    network: str = "",
) -> Claim:
    """A claim of whoever gave this user name; that the name is anybody's is not asked yet."""
    return Claim(
        id=claim_id(secret),
        username=username,
        word=word_mark(word_of(secret)),
        place=place,
        device=device,
        at=now,
        expires_at=now + LIFE,
        known_device=known_device,
        network=network,
    )


def claim_id(secret: str) -> str:
    return fingerprint(secret).hex()


def word_of(secret: str) -> str:
    """The word that the device shows: it follows from the secret and tells nothing of it."""
    letters = code_from(sha256(f"claim word\n{secret}".encode()).digest()).replace("-", "")
    return f"{letters[:4]}-{letters[4:WORD_CHARACTERS]}"


def word_mark(typed: str) -> str:
    """What is kept of a word, however it was typed."""
    return fingerprint(read_setup_code(typed)).hex()
