"""Tries at a stamp's hidden number: five wrong ones in all, then it is closed for good (R39)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from shared.errors import Kind, NotFound, Refusal

MOST_WRONG: Final = 5
# Of one neighbourhood of addresses in a day, on all stamps together: as much as closes four.
WRONG_OF_SOURCE: Final = 20
# Right tries whose marks are kept: sent again, they are not counted again.
RIGHTS_KEPT: Final = 5

Outcome = Literal["right", "wrong", "locked", "none"]


class StampNotFound(NotFound):
    """Of a forged code and of one that was never issued alike."""

    code = "stamp_not_found"
    message = (
        "Không có tem nào mang mã này. Hãy so từng ký tự với mã in trên tem; nếu vẫn vậy, "
        "đừng mua và hãy báo cho chính quyền xã, phường."
    )


class TooManyTries(Refusal):
    code = "too_many_tries"
    kind = Kind.LIMIT
    message = "Nơi bạn đang truy cập đã nhập quá nhiều lần. Hãy thử lại sau {minutes} phút."


class PinKeyMissing(Refusal):
    code = "pin_key_missing"
    kind = Kind.UNAVAILABLE
    message = "Lúc này chưa kiểm tra được số ẩn. Hãy thử lại sau; lần nhập này không bị tính."


@dataclass(frozen=True, slots=True)
class Tries:
    """What is kept of a stamp: how often a wrong and the right number came, and when first the
    right one. `forms` are the marks of wrong tries, `right_forms` of the last right ones: a mark
    stands for a form together with the number it brought, so that what is sent twice is one try
    and another number in the same form is another."""

    wrong: int = 0
    rights: int = 0
    first_right: datetime | None = None
    locked_at: datetime | None = None
    forms: tuple[str, ...] = ()
    right_forms: tuple[str, ...] = ()

    @property
    def locked(self) -> bool:
        return self.wrong >= MOST_WRONG

    @property
    def left(self) -> int:
        return max(0, MOST_WRONG - self.wrong)

    def is_known(self, form: str) -> bool:
        """Whether this very try was judged already, and wrong."""
        return form in self.forms

    def tried(self, right: bool, form: str, now: datetime) -> "Tries":
        """After one more number was judged, which must not be done of what is locked or known."""
        assert not self.locked
        if right:
            if form in self.right_forms:
                return self
            first, forms = self.first_right or now, (*self.right_forms, form)[-RIGHTS_KEPT:]
            return replace(self, rights=self.rights + 1, first_right=first, right_forms=forms)
        wrong = self.wrong + 1
        locked_at = now if wrong >= MOST_WRONG else None
        return replace(self, wrong=wrong, forms=(*self.forms, form), locked_at=locked_at)
