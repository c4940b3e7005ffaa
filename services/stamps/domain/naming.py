"""A stamp as people name it: its code typed, or scanned with the address around it."""

import re

from shared import stampcode
from shared.errors import Kind, Refusal

_PARTS = re.compile(r"[/?#&=\s]+")


class NotAStampCode(Refusal):
    code = "not_a_stamp_code"
    kind = Kind.INVALID
    message = (
        "Đây không phải mã của một con tem do hệ thống cấp. Hãy gõ đủ 20 ký tự in cạnh tem, "
        "hoặc dán cả địa chỉ quét được."
    )


def stamp_named(ring: stampcode.Keyring, text: str) -> tuple[int, int]:
    """Batch and serial of a code, also where it is a part of an address; raises NotAStampCode."""
    for part in (text, *reversed(_PARTS.split(text))):
        found = stampcode.decode(ring, part)
        if found is not None:
            return found.batch, found.serial
    raise NotAStampCode("code")
