"""Seeds of the second factor, and the hashes of recovery codes, encrypted at rest.

The keys are in the secrets folder, never in the database: a dump of the one opens nothing. There
may be several, one a line of `factor.key`: the first one seals, the others only open what was
sealed before, until that is sealed anew (`factor_keys.py`).
"""

import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
HASH_BYTES = 32


@dataclass(frozen=True)
class FactorKey:
    """AES-256-GCM, and HMAC-SHA-256 for the recovery codes of earlier versions, each with a key.

    `id` tells keys apart and tells nothing of the key.
    """

    id: str
    cipher: AESGCM
    marking: bytes

    @classmethod
    def of(cls, root: bytes) -> "FactorKey":
        name = hmac.digest(root, b"txng-identity:factor:id", sha256).hex()[:8]
        cipher = AESGCM(hmac.digest(root, b"txng-identity:factor:seal", sha256))
        return cls(name, cipher, hmac.digest(root, b"txng-identity:factor:recovery", sha256))

    def mark(self, account_id: str, code: str) -> bytes:
        return hmac.digest(self.marking, f"{account_id}:{code}".encode(), sha256)


class FactorKeys:
    """The key that seals now, and those that are being given up."""

    def __init__(self, *roots: bytes) -> None:
        self._keys = tuple(FactorKey.of(root) for root in roots)

    @classmethod
    def load(cls, secrets_dir: Path) -> "FactorKeys":
        """Read once at start; a missing or empty file stops the start with its path."""
        path = secrets_dir / "factor.key"
        lines = path.read_text(encoding="ascii").split()
        if not lines:
            raise ValueError(f"{path} holds no key")
        return cls(*(bytes.fromhex(line) for line in lines))

    @property
    def current(self) -> str:
        """The id of the key that seals now."""
        return self._keys[0].id

    @property
    def rotating(self) -> bool:
        """Whether keys are there that are being given up."""
        return len(self._keys) > 1

    def seal(self, account_id: str, seed: str) -> bytes:
        """The seed encrypted for this account: copied to another's record it does not open."""
        return self._seal(seed.encode(), account_id)

    def open(self, account_id: str, sealed: bytes) -> str:
        """The seed; raises cryptography's InvalidTag if key, account or text are others."""
        return self._opened(account_id, sealed)[1].decode()

    def key_of(self, account_id: str, sealed: bytes) -> str:
        """The id of the key that opens it; raises InvalidTag if none does."""
        return self._opened(account_id, sealed)[0]

    def _seal(self, secret: bytes, purpose: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._keys[0].cipher.encrypt(nonce, secret, purpose.encode())

    def _opened(self, purpose: str, sealed: bytes) -> tuple[str, bytes]:
        nonce, text = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        for key in self._keys:
            try:
                return key.id, key.cipher.decrypt(nonce, text, purpose.encode())
            except InvalidTag:
                continue
        raise InvalidTag()

    def mark(self, account_id: str, code: str) -> bytes:
        """What is kept of a recovery code: its hash, which 50 bits alone would not protect,
        encrypted, so that it can be sealed anew without anybody knowing the code."""
        return self._seal(_hash(account_id, code), _recovery(account_id))

    def matching(self, account_id: str, code: str, kept: Sequence[bytes]) -> list[bytes]:
        """Those of an account's marks that were made of this code, under any of the keys."""
        keyed = [key.mark(account_id, code) for key in self._keys]
        shown = _hash(account_id, code)
        return [mark for mark in kept if self._is(mark, account_id, shown, keyed)]

    def _is(self, mark: bytes, account_id: str, shown: bytes, keyed: Sequence[bytes]) -> bool:
        if is_keyed_hash(mark):
            return mark in keyed
        try:
            hashed = self._opened(_recovery(account_id), mark)[1]
        except InvalidTag:
            return False
        return hmac.compare_digest(hashed, shown)

    def mark_anew(self, account_id: str, mark: bytes) -> bytes:
        """The mark under the present key; as it is if it is a keyed hash or no key opens it."""
        if is_keyed_hash(mark):
            return mark
        try:
            hashed = self._opened(_recovery(account_id), mark)[1]
        except InvalidTag:
            return mark
        return self._seal(hashed, _recovery(account_id))

    def is_present(self, account_id: str, mark: bytes) -> bool:
        """Whether the present key alone opens this mark; of a keyed hash it is not known."""
        if is_keyed_hash(mark):
            return False
        try:
            return self._opened(_recovery(account_id), mark)[0] == self.current
        except InvalidTag:
            return False


def is_keyed_hash(mark: bytes) -> bool:
    """Whether a recovery code was kept as earlier versions did; such a mark cannot be moved."""
    return len(mark) == HASH_BYTES


def _recovery(account_id: str) -> str:
    # Sealed for another purpose than the seed: the one never opens as the other.
    return f"{account_id}:recovery"


def _hash(account_id: str, code: str) -> bytes:
    return sha256(f"{account_id}:{code}".encode()).digest()
