"""Seeds of the second factor, encrypted at rest; recovery codes as keyed hashes.

The key is in the secrets folder, never in the database: a dump of the one opens nothing.
"""

import hmac
import os
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class FactorKeys:
    """AES-256-GCM for seeds, HMAC-SHA-256 for recovery codes, each with a key of its own."""

    def __init__(self, root: bytes) -> None:
        self._seal = AESGCM(hmac.digest(root, b"txng-identity:factor:seal", sha256))
        self._mark = hmac.digest(root, b"txng-identity:factor:recovery", sha256)

    @classmethod
    def load(cls, secrets_dir: Path) -> "FactorKeys":
        """Read once at start; a missing file stops the start with its path."""
        text = (secrets_dir / "factor.key").read_text(encoding="ascii")
        return cls(bytes.fromhex(text.strip()))

    def seal(self, account_id: str, seed: str) -> bytes:
        """The seed encrypted for this account: copied to another's record it does not open."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._seal.encrypt(nonce, seed.encode(), account_id.encode())

    def open(self, account_id: str, sealed: bytes) -> str:
        """The seed; raises cryptography's InvalidTag if key, account or text are others."""
        nonce, text = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        return self._seal.decrypt(nonce, text, account_id.encode()).decode()

    def mark(self, account_id: str, code: str) -> bytes:
        """What is kept of a recovery code. Its 50 bits alone would not withstand a plain hash."""
        return hmac.digest(self._mark, f"{account_id}:{code}".encode(), sha256)
