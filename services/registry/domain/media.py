"""Pictures of products: what is taken, and what it is refused for (R28)."""

from shared.errors import Kind, Refusal

# A facility's pictures of one day, or the disk would be anybody's to fill.
MAX_A_DAY = 300


class ImageUnknown(Refusal):
    code = "image_unknown"
    kind = Kind.INVALID
    message = "Có ảnh không thuộc cơ sở này hoặc không còn. Hãy chọn lại ảnh."


class TooManyPictures(Refusal):
    code = "too_many_pictures"
    kind = Kind.LIMIT
    message = (
        "Hôm nay cơ sở đã tải lên {limit} ảnh. "
        "Hãy chọn trong số ảnh đã tải, hoặc tải thêm vào ngày mai."
    )
