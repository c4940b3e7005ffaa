"""The id of a request, which makes one scan of a request that the proxy had to repeat."""

import hashlib
import os
from binascii import Error as NotHex
from binascii import unhexlify


def request_id(headers: dict[bytes, bytes]) -> tuple[bytes, bytes]:
    """Sixteen bytes for the record, and how they are shown: the proxy's own id wherever it can."""
    given = headers.get(b"x-request-id", b"")
    if len(given) == 32:
        try:
            return unhexlify(given), given
        except NotHex:
            pass  # Not our proxy's; it is told apart all the same.
    made = hashlib.blake2s(given, digest_size=16).digest() if given else os.urandom(16)
    return made, made.hex().encode()
