"""A stamp as people name it: its code typed, or scanned with an address or elements around it."""

import re

from shared import stampcode
from shared.errors import Kind, Refusal
from shared.gs1_elements import serial_in

_PARTS = re.compile(r"[/?#&=\s]+")


class NotAStampCode(Refusal):
    code = "not_a_stamp_code"
    kind = Kind.INVALID
    message = (
        "Đây không phải mã của một con tem do hệ thống cấp. Hãy gõ đủ 20 ký tự in cạnh tem, "
        "hoặc dán cả địa chỉ quét được."
    )


def stamp_named(ring: stampcode.Keyring, text: str) -> tuple[int, int]:
    """Batch and serial of a code, also within an address or as the serial of a GS1 DataMatrix.

    Raises NotAStampCode.
    """
    for part in (text, serial_in(text) or "", *reversed(_PARTS.split(text))):
        found = stampcode.decode(ring, part)
        if found is not None:
            return found.batch, found.serial
    raise NotAStampCode("code")
