"""Papers enclosed with an application: photos and PDFs that its sender shows the unit (R5)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.errors import Kind, Refusal

MOST_PAPERS: Final = 10


class Shows(StrEnum):
    """What a paper is, as its sender says."""

    FORM = "form"
    BUSINESS = "business"
    IDENTITY = "identity"
    FOOD_SAFETY = "food_safety"
    COMMITMENT = "commitment"
    OTHER = "other"


class TooManyPapers(Refusal):
    code = "too_many_papers"
    kind = Kind.LIMIT
    message = (
        "Bản đăng ký đã có {most} giấy tờ, nhiều nhất có thể. "
        "Hãy bỏ bớt giấy không cần, hoặc ghép các trang thành một tệp PDF."
    )


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A paper as kept. `code` is the fingerprint of the tracking code it was sent with: whoever
    holds another code of a joined application does not see it."""

    id: str
    code: bytes
    shows: Shows
    file: str
    media_type: str
    size: int
    at: datetime
