"""Words for searching: folded to small letters without diacritics; and marked texts."""

import re
import unicodedata

_WORD = re.compile(r"[0-9a-z]+")
MAX_WORDS = 60
MAX_ASKED = 8


def fold(text: str) -> str:
    """`Chả mực Hạ Long` → `cha muc ha long`; đ is a letter of its own and becomes d."""
    spread = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(c for c in spread if not unicodedata.combining(c))


def words(*texts: str) -> tuple[str, ...]:
    """The distinct words of some texts, in order."""
    found = (word for text in texts for word in _WORD.findall(fold(text)))
    return tuple(dict.fromkeys(found))[:MAX_WORDS]


def asked(text: str) -> tuple[str, ...]:
    """The words of a search; each must begin some word of what is found."""
    return words(text[:200])[:MAX_ASKED]


def N_(text: str) -> str:  # noqa: N802 - the mark by which texts are gathered for translation
    """The same text: pages translate it where they show it."""
    return text
