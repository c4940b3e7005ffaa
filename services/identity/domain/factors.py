"""The second factor of an account: a seed in an app, and ten recovery codes on paper (R10)."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.identity.domain.secrets import read_setup_code
from services.identity.tiers import tiers
from shared.errors import Kind, Refusal

RECOVERY_CODES = 10
RECOVERY_CHARACTERS = 10  # Of 32 letters: 50 bits each.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class SecondFactorRefused(Refusal):
    code = "second_factor_refused"
    kind = Kind.UNAUTHENTICATED
    message = (
        "Mã xác thực không đúng. Hãy nhập mã đang hiện trong ứng dụng và kiểm tra đồng hồ của "
        "điện thoại được đặt tự động; mất điện thoại thì dùng một mã dự phòng."
    )


class CodeAlreadyUsed(Refusal):
    code = "code_already_used"
    kind = Kind.UNAUTHENTICATED
    message = "Mã này đã được dùng. Hãy đợi ứng dụng hiện mã mới, tối đa 30 giây, rồi nhập mã đó."


class FactorRequired(Refusal):
    code = "second_factor_required"
    kind = Kind.FORBIDDEN
    message = (
        "Tài khoản của cấp này luôn cần xác thực hai bước nên không tắt được. "
        "Nếu đổi điện thoại, hãy chọn chuyển sang thiết bị mới."
    )


class FactorNotEnrolled(Refusal):
    code = "second_factor_not_enrolled"
    message = "Tài khoản này chưa bật xác thực hai bước. Hãy bật trước."


@dataclass(frozen=True, slots=True)
class Removal:
    """That a system account took the factor away, having seen the person; told on their page."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Factor:
    """What is kept of an account's factor; `version` 0 = nothing is.

    `sealed` is the encrypted seed, None while none is enrolled. Every step up to `last_step`
    counts as used. `recovery` are the marks of the codes that are left; `recovery_key` is the id of
    the key that keyed hashes among them were made with ("" where that was not noted).
    """

    account_id: str
    version: int = 0
    sealed: bytes | None = None
    enrolled_at: datetime | None = None
    last_step: int = 0
    last_used_at: datetime | None = None
    recovery: tuple[bytes, ...] = ()
    recovery_made_at: datetime | None = None
    recovery_key: str = ""
    removal: Removal | None = None

    @property
    def enrolled(self) -> bool:
        return self.sealed is not None

    def enrol(
        self, sealed: bytes, step: int, recovery: Sequence[bytes], now: datetime, key: str = ""
    ) -> "Factor":
        """With a new seed, whose first code, that of `step`, has just been used up; `key` is the
        id of the key that `recovery` was made with."""
        return replace(
            self,
            version=self.version + 1,
            sealed=sealed,
            enrolled_at=now,
            last_step=step,
            last_used_at=now,
            recovery=tuple(recovery),
            recovery_made_at=now,
            recovery_key=key,
        )

    def reseal(self, sealed: bytes, recovery: Sequence[bytes]) -> "Factor":
        """The same seed and recovery codes, encrypted under another key."""
        return replace(self, version=self.version + 1, sealed=sealed, recovery=tuple(recovery))

    def use_step(self, step: int | None, now: datetime) -> "Factor":
        """A code was shown; raises SecondFactorRefused, CodeAlreadyUsed."""
        if step is None:
            raise SecondFactorRefused("code")
        if step <= self.last_step:
            raise CodeAlreadyUsed("code")
        return replace(self, version=self.version + 1, last_step=step, last_used_at=now)

    def use_recovery(self, marks: Sequence[bytes], now: datetime) -> "Factor":
        """A recovery code was shown and is used up; `marks` are those kept that were made of it.

        Raises SecondFactorRefused.
        """
        left = tuple(one for one in self.recovery if one not in marks)
        if len(left) == len(self.recovery):
            raise SecondFactorRefused("code")
        return replace(self, version=self.version + 1, recovery=left, last_used_at=now)

    def renew_recovery(self, recovery: Sequence[bytes], now: datetime, key: str = "") -> "Factor":
        """With new recovery codes; those before are void."""
        return replace(
            self,
            version=self.version + 1,
            recovery=tuple(recovery),
            recovery_made_at=now,
            recovery_key=key,
        )

    def turn_off(self, tier: str) -> "Factor":
        """By its owner; raises FactorRequired, FactorNotEnrolled."""
        if tiers()[tier].second_factor:
            raise FactorRequired()
        return self._without()

    def remove(self, by: str, reason: str, now: datetime) -> "Factor":
        """By who manages the account, having seen the person; raises FactorNotEnrolled."""
        return replace(self._without(), removal=Removal(now, by, reason))

    def _without(self) -> "Factor":
        if not self.enrolled:
            raise FactorNotEnrolled()
        return replace(
            self,
            version=self.version + 1,
            sealed=None,
            enrolled_at=None,
            recovery=(),
            recovery_made_at=None,
            recovery_key="",
        )


def needed(tier: str, factor: Factor) -> bool:
    """Whether signing in takes a second step: the tier asks for it, or the person chose it."""
    return tiers()[tier].second_factor or factor.enrolled


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes of two groups of five, to be kept on paper."""
    return tuple(_recovery_code() for _ in range(RECOVERY_CODES))


def _recovery_code() -> str:
    letters = "".join(_ALPHABET[byte % 32] for byte in os.urandom(RECOVERY_CHARACTERS))
    return f"{letters[:5]}-{letters[5:]}"


def read_recovery(typed: str) -> str:
    """The code as it was meant: case, spaces, hyphens and look-alike letters do not matter."""
    return read_setup_code(typed)


def read_digits(typed: str) -> str | None:
    """The six digits of an app, however grouped; None if it must be a recovery code."""
    bare = re.sub(r"[\s-]", "", typed)
    return bare if re.fullmatch(r"[0-9]{6}", bare) else None
