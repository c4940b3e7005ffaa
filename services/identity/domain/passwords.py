"""Which passwords are refused (ASVS 5.0, 6.2): short ones, common ones, those made of the name."""

import re
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from services.identity.tiers import tiers
from shared.errors import Kind, Refusal

# Longer ones than anybody types only serve to keep the hash busy.
LONGEST = 256
LEAST_FREQUENT = 6

_LOOKALIKES = str.maketrans("013457@$!", "oieastasi")


class PasswordTooShort(Refusal):
    code = "password_too_short"
    kind = Kind.INVALID
    message = (
        "Mật khẩu của tài khoản này cần ít nhất {least} ký tự. "
        "Hãy dùng một câu dài dễ nhớ, ví dụ vài từ không liên quan đến nhau."
    )


class PasswordTooCommon(Refusal):
    code = "password_too_common"
    kind = Kind.INVALID
    message = (
        "Mật khẩu này quá dễ đoán. Hãy chọn một câu dài hơn, ít người dùng, dễ nhớ với riêng bạn."
    )


class PasswordHoldsName(Refusal):
    code = "password_holds_name"
    kind = Kind.INVALID
    message = "Mật khẩu không được chứa tên đăng nhập. Hãy chọn mật khẩu khác."


def check(password: str, *, username: str, tier: str) -> None:
    """Raises the refusal of a password that this account may not have."""
    least = tiers()[tier].password
    if len(password) < least:
        raise PasswordTooShort("password", least=least)
    if _is_common(password):
        raise PasswordTooCommon("password")
    if len(username) >= 4 and username in password.casefold():
        raise PasswordHoldsName("password")


def _is_common(password: str) -> bool:
    """Whether it is a common word, however it is decorated, repeated or drawn out."""
    if len(set(password)) < 4 or _is_run(password):
        return True
    plain = _plain(password)
    core = re.sub(r"^[\d\W_]+|[\d\W_]+$", "", plain)
    candidates = {_squeezed(plain), _squeezed(core)}
    candidates |= {_squeezed(text.translate(_LOOKALIKES)) for text in (plain, core)}
    words, frequent = common_words(), frequent_passwords()
    if not frequent.isdisjoint({password.casefold(), *candidates}):
        return True
    return any(not text or text in words or _is_made_of(text, words) for text in candidates)


def _plain(text: str) -> str:
    """Lower case without diacritics: `Mật Khẩu` and `matkhau` are one word."""
    decomposed = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _squeezed(text: str) -> str:
    return re.sub(r"[\s\W_]", "", text)


def _is_run(text: str) -> bool:
    """123456789…, abcdefgh…, or the same backwards."""
    steps = {ord(b) - ord(a) for a, b in pairwise(text)}
    return steps in ({1}, {-1})


def _is_made_of(text: str, words: frozenset[str]) -> bool:
    """Whether up to three common words and numbers, one after another, make the whole of it."""

    @cache
    def fits(rest: str, left: int) -> bool:
        if not rest:
            return True
        if left == 0:
            return False
        digits = re.match(r"\d+", rest)
        if digits and fits(rest[digits.end() :], left):
            return True
        return any(rest.startswith(word) and fits(rest[len(word) :], left - 1) for word in words)

    return fits(text, 3)


@cache
def frequent_passwords() -> frozenset[str]:
    """The thirty thousand passwords that leaks hold oftenest, as zxcvbn lists them; ASVS asks for
    the first three thousand that the policy would let through. The short ones are left out: a
    number after them makes something else."""
    return frozenset(text for text in FREQUENCY_LISTS["passwords"] if len(text) >= LEAST_FREQUENT)


@cache
def common_words() -> frozenset[str]:
    """The words of common_passwords.txt, plain and squeezed like a candidate."""
    path = Path(__file__).parent.parent / "common_passwords.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(
        _squeezed(_plain(line)) for line in lines if line.strip() and not line.startswith("#")
    )
