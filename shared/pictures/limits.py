"""What pictures are taken, and what one is refused for (R28)."""

from typing import Final

from shared.errors import Kind, Refusal

MAX_BYTES = 8_000_000
MAX_PIXELS = 50_000_000
# By content; HEIC is what telephones of Apple write.
PICTURES: Final = ("jpg", "png", "webp", "heic")


class NotAnImage(Refusal):
    code = "not_an_image"
    kind = Kind.INVALID
    message = "Nội dung tệp không phải ảnh JPEG, PNG, WebP hoặc HEIC đọc được. Hãy chọn ảnh khác."


class ImageTooLarge(Refusal):
    code = "image_too_large"
    kind = Kind.TOO_LARGE
    message = "Ảnh lớn hơn {limit} MB. Hãy chọn ảnh nhỏ hơn."


class TooManyPixels(Refusal):
    code = "too_many_pixels"
    kind = Kind.INVALID
    message = "Ảnh có quá nhiều điểm ảnh (hơn {limit} triệu). Hãy thu nhỏ ảnh rồi tải lên."


class ImageTooSmall(Refusal):
    code = "image_too_small"
    kind = Kind.INVALID
    message = "Ảnh quá nhỏ: mỗi chiều cần ít nhất {limit} điểm ảnh."
