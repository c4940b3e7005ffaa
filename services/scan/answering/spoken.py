"""What is spoken of a verdict, for who cannot read it: files made ahead (services/scan/speech)."""

from hashlib import sha256
from typing import Final

from services.scan.answering.words import VERDICTS
from shared.web.static_files import FOLDER as STATIC
from shared.web.static_files import static_url

FOLDER: Final = "speech"
# What there are files of; pages in other languages offer none.
LANGUAGE: Final = "vi"


def text_of(verdict: str) -> str:
    """Headline, meaning and what to do next, each a sentence."""
    words = VERDICTS[verdict]
    sentences = (words.headline, words.meaning, *words.advice)
    return " ".join(text if text.endswith(".") else f"{text}." for text in sentences)


def file_of(verdict: str) -> str:
    """Named by what is said, so that a file never says what no longer stands on the page."""
    said = sha256(text_of(verdict).encode()).hexdigest()[:12]
    return f"{FOLDER}/{verdict}-{said}.mp3"


def address_of(verdict: str, lang: str) -> str:
    """The public address; "" where it was not made, or not in this language."""
    name = file_of(verdict)
    if lang != LANGUAGE or not (STATIC / name).is_file():
        return ""
    return static_url(name)
