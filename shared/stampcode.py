"""The code on every stamp: made from batch and serial, read back and verified without a database.

A code is 20 characters of Crockford base 32, that is 100 bits, most significant first::

    slot (4 bits, clear) | tag (50 bits) | body (46 bits)

``identity`` is ``batch (26 bits) | serial (20 bits)``, 46 bits. Each of up to 16 key slots has two
independent keys, ``mac`` and ``enc``, of 16 to 32 bytes. ``PRF(key, person, message, n)`` is
BLAKE2s (RFC 7693) with that key, digest length 7 bytes, no salt and the 8-byte personalisation
``person``; its digest, read as a 56-bit big-endian integer, gives its n most significant bits::

    tag  = PRF(mac, "TXNG-tag", be7(slot << 46 | identity), 50)
    body = identity XOR PRF(enc, "TXNG-enc", be7(slot << 50 | tag), 46)

with ``be7`` the seven bytes of an integer, big-endian (what Python's to_bytes and from_bytes do
unless told otherwise). This is the synthetic-IV construction (the idea of RFC 5297): equal
identities give equal codes, different ones look unrelated, and a code that nobody issued passes
with a probability of 2**-50. A third key of the slot makes hidden numbers (shared/stamppins.py).

Reading ignores case, spaces and hyphens, takes O for 0 and I or L for 1, and refuses all else.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2s
from hmac import compare_digest
from pathlib import Path
from typing import NamedTuple

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 20
MAX_BATCH = 2**26 - 1
MAX_SERIAL = 2**20 - 1
SLOTS = 16

# A person may type separators anywhere; more text than this is not a code, and is not looked at.
MAX_TYPED = 64

_SEPARATORS = b" -"
_BODY_BITS = 46
_TAG_BITS = 50
_SERIAL_BITS = 20
_BODY_MASK = 2**_BODY_BITS - 1
_DIGEST_BYTES = 7
_TAG_CUT = 8 * _DIGEST_BYTES - _TAG_BITS
_BODY_CUT = 8 * _DIGEST_BYTES - _BODY_BITS
_MAC_PERSON = b"TXNG-tag"
_ENC_PERSON = b"TXNG-enc"


def _reading_table(digits: str) -> bytes:
    """A table for bytes.translate that turns what may be read into `digits`, the rest into `!`."""
    table = bytearray(b"!" * 256)
    for value, character in enumerate(ALPHABET):
        table[ord(character)] = table[ord(character.lower())] = ord(digits[value])
    for also, character in (("O", "0"), ("I", "1"), ("L", "1")):
        table[ord(also)] = table[ord(also.lower())] = table[ord(character)]
    return bytes(table)


_TO_CANONICAL = _reading_table(ALPHABET)
# Python's own digits of base 32, so that int() reads a code in one step.
_TO_INT_DIGITS = _reading_table("0123456789abcdefghijklmnopqrstuv")
_PAIRS = tuple(first + second for first in ALPHABET for second in ALPHABET)
_PAIR_SHIFTS = tuple(range(90, -1, -10))


class StampId(NamedTuple):
    """What a code stands for: the key slot it was made with, the batch and the serial in it."""

    slot: int
    batch: int
    serial: int


class KeyringError(ValueError):
    """The stamp keys cannot be used. The message names the slot, never a key."""


@dataclass(frozen=True)
class SlotKeys:
    """The two keys of one slot, 16 to 32 bytes each."""

    mac: bytes = field(repr=False)
    enc: bytes = field(repr=False)


class _Slot(NamedTuple):
    """BLAKE2s states that have taken in the key: copying one is cheaper than keying anew."""

    mac: blake2s
    enc: blake2s


def _started(keys: SlotKeys) -> _Slot:
    return _Slot(
        blake2s(key=keys.mac, person=_MAC_PERSON, digest_size=_DIGEST_BYTES),
        blake2s(key=keys.enc, person=_ENC_PERSON, digest_size=_DIGEST_BYTES),
    )


def _prf(state: blake2s, message: bytes) -> int:
    """The 56 bits of a keyed state over seven bytes; the caller cuts them."""
    state = state.copy()
    state.update(message)
    return int.from_bytes(state.digest())


class Keyring:
    """The keys of all slots: new codes use the slot `current`, codes of every slot can be read."""

    def __init__(self, current: int, slots: Mapping[int, SlotKeys]) -> None:
        _check(current, slots)
        self.current = current
        self.by_slot = tuple(_started(slots[n]) if n in slots else None for n in range(SLOTS))

    def __repr__(self) -> str:
        known = [n for n, slot in enumerate(self.by_slot) if slot]
        return f"Keyring(current={self.current}, slots={known})"

    @classmethod
    def load(cls, path: Path) -> "Keyring":
        """Read `{"current": 0, "slots": {"0": {"mac": hex, "enc": hex}, ...}}`.

        Raises KeyringError where the content is not that, OSError where the file cannot be read.
        """
        try:
            content = json.loads(path.read_bytes())
            slots = {
                int(number): SlotKeys(bytes.fromhex(keys["mac"]), bytes.fromhex(keys["enc"]))
                for number, keys in content["slots"].items()
            }
            current = content["current"]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # The cause is left out: its text may hold a part of a key.
            raise KeyringError(f"not a stamp key file: {type(error).__name__}") from None
        return cls(current, slots)


def _check(current: int, slots: Mapping[int, SlotKeys]) -> None:
    if type(current) is not int or current not in slots:
        raise KeyringError("the current slot has no keys")
    seen: set[bytes] = set()
    for number, keys in slots.items():
        if not 0 <= number < SLOTS:
            raise KeyringError(f"slot {number} does not exist; there are 0 to {SLOTS - 1}")
        for key in (keys.mac, keys.enc):
            if not 16 <= len(key) <= 32:
                raise KeyringError(f"a key of slot {number} has {len(key)} bytes, not 16 to 32")
            if key in seen:
                raise KeyringError(f"a key of slot {number} is used twice")
            seen.add(key)


def encode(keyring: Keyring, batch: int, serial: int, slot_number: int | None = None) -> str:
    """The code of one stamp, 20 upper-case characters, made with the current slot or that given.

    Raises ValueError where batch (26 bits) or serial (20 bits) is out of range.
    """
    if not 0 <= batch <= MAX_BATCH:
        raise ValueError(f"batch {batch} is not within 0 to {MAX_BATCH}")
    if not 0 <= serial <= MAX_SERIAL:
        raise ValueError(f"serial {serial} is not within 0 to {MAX_SERIAL}")
    number = keyring.current if slot_number is None else slot_number
    slot = keyring.by_slot[number]
    assert slot is not None
    identity = batch << _SERIAL_BITS | serial
    tag = _prf(slot.mac, (number << _BODY_BITS | identity).to_bytes(7)) >> _TAG_CUT
    slot_and_tag = number << _TAG_BITS | tag
    body = identity ^ _prf(slot.enc, slot_and_tag.to_bytes(7)) >> _BODY_CUT
    value = slot_and_tag << _BODY_BITS | body
    return "".join([_PAIRS[value >> shift & 1023] for shift in _PAIR_SHIFTS])


def normalise(text: str | bytes) -> str | None:
    """The canonical spelling of what may be a code, or None. Says nothing about its tag."""
    digits = _translated(text, _TO_CANONICAL)
    if digits is None or b"!" in digits:
        return None
    return digits.decode("ascii")


def decode(keyring: Keyring, text: str | bytes) -> StampId | None:
    """What a code stands for; None where it is malformed, forged or of a slot without keys."""
    digits = _translated(text, _TO_INT_DIGITS)
    if digits is None:
        return None
    try:
        value = int(digits, 32)
    except ValueError:
        return None
    slot_and_tag = value >> _BODY_BITS
    number = slot_and_tag >> _TAG_BITS
    slot = keyring.by_slot[number]
    if slot is None:
        return None
    claimed = slot_and_tag.to_bytes(7)
    identity = (value ^ _prf(slot.enc, claimed) >> _BODY_CUT) & _BODY_MASK
    tag = _prf(slot.mac, (number << _BODY_BITS | identity).to_bytes(7)) >> _TAG_CUT
    if not compare_digest(claimed, (number << _TAG_BITS | tag).to_bytes(7)):
        return None
    return StampId(number, identity >> _SERIAL_BITS, identity & MAX_SERIAL)


def group(code: str) -> str:
    """The spelling for people: `XXXXX-XXXXX-XXXXX-XXXXX`."""
    return "-".join((code[:5], code[5:10], code[10:15], code[15:]))


def _translated(text: str | bytes, table: bytes) -> bytes | None:
    """20 translated characters with the separators gone, `!` where one is not of the alphabet."""
    if isinstance(text, str):
        try:
            text = text.encode("ascii")
        except UnicodeEncodeError:
            return None
    if len(text) > MAX_TYPED:
        return None
    digits = text.translate(table, _SEPARATORS)
    return digits if len(digits) == LENGTH else None
