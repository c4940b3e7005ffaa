"""Seeds of the second factor, encrypted at rest; recovery codes as keyed hashes.

The keys are in the secrets folder, never in the database: a dump of the one opens nothing. There
may be several, one a line of `factor.key`: the first one seals, the others only open what was
sealed before, until that is sealed anew (`factor_keys.py`).
"""

import hmac
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


@dataclass(frozen=True)
class FactorKey:
    """AES-256-GCM for seeds, HMAC-SHA-256 for recovery codes, each with a key of its own.

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
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._keys[0].cipher.encrypt(nonce, seed.encode(), account_id.encode())

    def open(self, account_id: str, sealed: bytes) -> str:
        """The seed; raises cryptography's InvalidTag if key, account or text are others."""
        return self._opened(account_id, sealed)[1]

    def key_of(self, account_id: str, sealed: bytes) -> str:
        """The id of the key that opens it; raises InvalidTag if none does."""
        return self._opened(account_id, sealed)[0]

    def _opened(self, account_id: str, sealed: bytes) -> tuple[str, str]:
        nonce, text = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        for key in self._keys:
            try:
                return key.id, key.cipher.decrypt(nonce, text, account_id.encode()).decode()
            except InvalidTag:
                continue
        raise InvalidTag()

    def mark(self, account_id: str, code: str) -> bytes:
        """What is kept of a recovery code. Its 50 bits alone would not withstand a plain hash."""
        return self._keys[0].mark(account_id, code)

    def marks(self, account_id: str, code: str) -> list[bytes]:
        """What may have been kept of a recovery code, under any of the keys."""
        return [key.mark(account_id, code) for key in self._keys]
