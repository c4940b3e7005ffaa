"""The hidden number of a stamp, its PIN: printed under a field to be scratched, stored nowhere.

Each key slot of stamp codes may have a third independent key ``pin`` of 16 to 32 bytes, in a file
of its own, so that what only reads codes need not have it. With ``PRF``, ``be7``, ``slot`` and
``identity`` as shared/stampcode.py defines them::

    pin = PRF(pin, "TXNG-pin", be7(slot << 46 | identity), 56) mod 10**6

written as six decimal digits, leading zeros kept. Of 2**56 values none of the 10**6 numbers has
more than 2 parts in 10**11 more than another.

Six digits, for five tries (services/scan/domain/pin.py) then meet a number by chance once in
200,000 stamps, and each such stamp is one package; eight would meet it once in 20 million, but do
not fit under a field of 16 mm at a size that people read without a mistake.
"""

import json
from collections.abc import Mapping
from hashlib import blake2s
from hmac import compare_digest
from pathlib import Path
from typing import Final

from shared.stampcode import MAX_BATCH, MAX_SERIAL, SLOTS, KeyringError, StampId

DIGITS: Final = 6
_PERSON: Final = b"TXNG-pin"
_DIGEST_BYTES: Final = 7
_BODY_BITS, _SERIAL_BITS = 46, 20


class NoPinKey(LookupError):
    """The slot has no key for hidden numbers. The message names the slot."""


class PinKeys:
    """The `pin` keys by slot; a slot may have none, and then its stamps have no hidden number."""

    def __init__(self, slots: Mapping[int, bytes]) -> None:
        seen: set[bytes] = set()
        for number, key in slots.items():
            if not 0 <= number < SLOTS:
                raise KeyringError(f"slot {number} does not exist; there are 0 to {SLOTS - 1}")
            if not 16 <= len(key) <= 32:
                raise KeyringError(f"the pin key of slot {number} has {len(key)} bytes")
            if key in seen:
                raise KeyringError(f"the pin key of slot {number} is used twice")
            seen.add(key)
        # States that have taken in the key: the keys themselves are not kept.
        self._states = {
            number: blake2s(key=key, person=_PERSON, digest_size=_DIGEST_BYTES)
            for number, key in slots.items()
        }

    def __repr__(self) -> str:
        return f"PinKeys(slots={self.slots})"

    @property
    def slots(self) -> list[int]:
        return sorted(self._states)

    @classmethod
    def load(cls, path: Path) -> "PinKeys":
        """Read `{"slots": {"0": hex, ...}}`; no file is no keys.

        Raises KeyringError where the content is not that, OSError where it cannot be read.
        """
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            return cls({})
        try:
            slots = {
                int(number): bytes.fromhex(key) for number, key in json.loads(text)["slots"].items()
            }
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # The cause is left out: its text may hold a part of a key.
            raise KeyringError(f"not a file of pin keys: {type(error).__name__}") from None
        return cls(slots)

    def pin_of(self, stamp: StampId) -> str:
        """The six digits. Raises NoPinKey, ValueError where batch or serial is out of range."""
        if not (0 <= stamp.batch <= MAX_BATCH and 0 <= stamp.serial <= MAX_SERIAL):
            raise ValueError("no stamp has this batch and serial")
        started = self._states.get(stamp.slot)
        if started is None:
            raise NoPinKey(f"slot {stamp.slot} has no pin key")
        state = started.copy()
        identity = stamp.batch << _SERIAL_BITS | stamp.serial
        state.update((stamp.slot << _BODY_BITS | identity).to_bytes(7))
        return f"{int.from_bytes(state.digest()) % 10**DIGITS:0{DIGITS}d}"

    def is_right(self, stamp: StampId, typed: str) -> bool:
        """Whether these six digits are the stamp's, in a time that tells nothing of them.

        Raises as `pin_of`.
        """
        return compare_digest(self.pin_of(stamp).encode(), typed.encode("utf-8", "replace"))


def grouped(pin: str) -> str:
    """As people read it, `012-345`: spreadsheets take that neither for a number nor for a day."""
    return f"{pin[:3]}-{pin[3:]}"
