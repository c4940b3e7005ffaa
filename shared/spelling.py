"""Text as people type it when they search: no tone marks, no capitals."""

import unicodedata

_D = str.maketrans({"đ": "d", "Đ": "d"})


def fold(*texts: str) -> str:
    """Letters without Vietnamese marks, in lower case; several texts are joined by spaces."""
    spread = unicodedata.normalize("NFD", " ".join(text for text in texts if text).translate(_D))
    return "".join(c for c in spread if not unicodedata.combining(c)).casefold()
