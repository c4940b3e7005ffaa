"""What can be heard of a page, for who cannot read it: files made ahead (services/scan/speech).

Of the verdicts there are files in the source, of products, lots and notices those that the speaking
worker has made: a page offers one only where it says exactly what stands on the page.
"""

from hashlib import sha256
from typing import Final, NamedTuple

from services.scan.answering.words import VERDICTS
from services.scan.domain import speeches
from services.scan.domain.verdict import Case
from shared.web.static_files import FOLDER as STATIC
from shared.web.static_files import static_url

FOLDER: Final = "speech"
# What there are files of; pages in other languages offer none.
LANGUAGE: Final = "vi"
# Where the desk serves what the worker made.
FILES: Final = "/nghe"


class Heard(NamedTuple):
    """Addresses of what can be heard, "" where there is none; of notices by their subject."""

    product: str = ""
    lot: str = ""
    notices: dict[str, str] = {}  # noqa: RUF012 - nobody writes to it

    def __bool__(self) -> bool:
        return bool(self.product or self.lot or self.notices)


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


def heard_of(case: Case | None, lang: str) -> Heard:
    """What was made of a case; what was made of words that stand there no longer is left out."""
    if case is None or not case.spoken or lang != LANGUAGE:
        return Heard()
    product, lot, facility = case.published_product, case.published_lot, case.published_facility
    notices = {one.subject: _address(case, speeches.of_notice(one)) for one in case.notices}
    return Heard(
        _address(case, speeches.of_product(product, facility)) if product and facility else "",
        _address(case, speeches.of_lot(lot)) if lot else "",
        {subject: address for subject, address in notices.items() if address},
    )


def _address(case: Case, text: str) -> str:
    name = speeches.name_of(text) if text else ""
    return f"{FILES}/{name}.mp3" if name in case.spoken else ""
