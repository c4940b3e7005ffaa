"""A recording that no browser plays as it came: converted in the background, then kept (R28)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from shared.errors import Kind, Refusal

# What is uploaded may be larger than what is kept: a telephone's minute of film is 60 MB.
MAX_ORIGINAL: Final = 100_000_000
MAX_WAITING: Final = 5
# So often the conversion of one file is begun; a file that ends the program each time is no film.
MAX_ATTEMPTS: Final = 4
# A converted film that ends this much before its original was broken in the midst.
WHOLE: Final = 0.9


class ConversionState(StrEnum):
    WAITING = "waiting"
    WORKING = "working"
    FAILED = "failed"


class ConversionFailed(Refusal):
    code = "conversion_failed"
    kind = Kind.INVALID
    message = (
        "Không đọc được trọn vẹn tệp này. Hãy mở thử tệp trên điện thoại; nếu vẫn xem được, hãy "
        "xuất lại thành MP4 (H.264) hoặc quay lại ngắn hơn rồi tải lên."
    )


class TooManyWaiting(Refusal):
    code = "too_many_waiting"
    kind = Kind.LIMIT
    message = "Đang có {limit} tệp của cơ sở chờ chuyển định dạng. Hãy đợi xong rồi tải thêm."


@dataclass(frozen=True, slots=True)
class Conversion:
    """`id` becomes the recording's; `original` is the kept upload, gone once it is converted.

    `percent` of the present state; `failure` has code, msgid and params. `poster` and `captions`
    are those of the recording to come.
    """

    id: str
    facility_id: str
    title: str
    description: str
    source: str
    size: int
    original: str
    poster: str
    captions: str
    by: str
    by_name: str
    at: datetime
    state: ConversionState = ConversionState.WAITING
    percent: int = 0
    attempts: int = 0
    failure: Mapping[str, Any] | None = None
