"""Video, sound and documents of products: what is taken, and what it is refused for (R28, R46)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.errors import Kind, Refusal

MAX_OF_PRODUCT: Final = 6
MAX_OF_FACILITY: Final = 60
MAX_CAPTIONS: Final = 200_000


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest file in bytes, and the longest in seconds (0: has no length)."""

    size: int
    seconds: int


LIMITS: Final = {
    "video": Limits(40_000_000, 300),
    "sound": Limits(15_000_000, 900),
    "document": Limits(8_000_000, 0),
}
SUFFIXES: Final = {
    "video/mp4": "mp4",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "application/pdf": "pdf",
}


class RecordingUnknown(Refusal):
    code = "recording_unknown"
    kind = Kind.INVALID
    message = "Có video, âm thanh hoặc tài liệu không thuộc cơ sở này hoặc không còn. Hãy chọn lại."


class NotARecording(Refusal):
    code = "not_a_recording"
    kind = Kind.INVALID
    message = (
        "Nội dung tệp không phải MP4 (H.264), MP3, M4A (AAC) hoặc PDF đọc được trọn vẹn. "
        "Hãy xuất lại tệp từ ứng dụng quay phim, ghi âm rồi tải lên."
    )


class CodecNotPlayable(Refusal):
    code = "codec_not_playable"
    kind = Kind.INVALID
    message = (
        "Video dùng cách nén {codec} mà nhiều điện thoại không phát được. "
        "Hãy lưu thành MP4 (H.264): iPhone: Cài đặt › Camera › Định dạng › Tương thích nhất; "
        "Android: tắt HEVC (H.265)."
    )


class RecordingTooLarge(Refusal):
    code = "recording_too_large"
    kind = Kind.TOO_LARGE
    message = "Tệp lớn hơn {limit} MB. Hãy cắt ngắn hoặc lưu ở độ phân giải 720p rồi tải lên."


class RecordingTooLong(Refusal):
    code = "recording_too_long"
    kind = Kind.INVALID
    message = "Video hoặc âm thanh dài hơn {limit} phút. Hãy cắt ngắn rồi tải lên."


class CaptionsInvalid(Refusal):
    code = "captions_invalid"
    kind = Kind.INVALID
    message = (
        "Tệp phụ đề phải là WebVTT (.vtt) bằng UTF-8, tối đa 200 KB: dòng đầu ghi WEBVTT. "
        "Hãy xuất lại phụ đề, hoặc để trống."
    )


class CaptionsForVideoOnly(Refusal):
    code = "captions_for_video_only"
    kind = Kind.INVALID
    message = "Phụ đề chỉ dùng cho video. Với âm thanh, hãy viết lời nói vào ô mô tả."


class TooManyRecordings(Refusal):
    code = "too_many_recordings"
    kind = Kind.LIMIT
    message = "Cơ sở đã lưu {limit} tệp. Hãy xóa bớt tệp không còn dùng rồi tải lên lại."


class RecordingInUse(Refusal):
    code = "recording_in_use"
    message = "Tệp này đang dùng ở sản phẩm {product}. Hãy bỏ chọn ở đó trước khi xóa."


class RecordingInNews(Refusal):
    code = "recording_in_news"
    message = "Tệp này đang dùng ở tin bài “{title}”. Hãy bỏ chọn ở đó trước khi xóa."


@dataclass(frozen=True, slots=True)
class Recording:
    """`kind` video, sound or document; `description` tells those who cannot see or hear it.

    It never changes: what was approved is what is shown. `public` while a published product
    or article shows it; `poster` a picture's id, `file` and `captions` names of kept bytes, ""
    without.
    """

    id: str
    facility_id: str
    kind: str
    title: str
    description: str
    media_type: str
    size: int
    seconds: int
    digest: str
    file: str
    poster: str
    captions: str
    by: str
    by_name: str
    at: datetime
    public: bool = False

    @property
    def suffix(self) -> str:
        return SUFFIXES[self.media_type]
