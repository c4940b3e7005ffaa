"""What letting people in needs beside the database: keys, the password hasher, keyed hashes."""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe

from services.identity.domain import secrets
from services.identity.domain.factors import Factor
from services.identity.hashing import Hasher
from services.identity.sealing import FactorKeys, is_keyed_hash
from services.identity.settings import IdentitySettings
from services.identity.tokens import TokenKeys


@dataclass(frozen=True)
class Guard:
    """Made once per process."""

    keys: TokenKeys
    hasher: Hasher
    secret: bytes
    factors: FactorKeys
    access_seconds: int
    refresh_seconds: int

    @classmethod
    def make(cls, settings: IdentitySettings) -> "Guard":
        text = (settings.secrets_dir / "user-hash.key").read_text(encoding="ascii")
        return cls(
            keys=TokenKeys.load(settings.secrets_dir),
            hasher=Hasher(threads=settings.hash_threads, waiting=settings.hash_waiting),
            secret=bytes.fromhex(text.strip()),
            factors=FactorKeys.load(settings.secrets_dir),
            access_seconds=settings.access_token_seconds,
            refresh_seconds=settings.refresh_token_seconds,
        )

    def mark(self, purpose: str, text: str) -> str:
        """A keyed hash: names and addresses can be told apart without being kept."""
        return self._mac(purpose, text)[:32]

    def code_of(self, key: str) -> str:
        """The tracking code that belongs to a form's own key: a form sent twice gets one code."""
        return secrets.code_from(bytes.fromhex(self._mac("tracking", key)))

    def know_device(self, username: str) -> str:
        """A mark for the browser of somebody who has signed in: its failures count by themselves.

        So nobody who keeps guessing a person's password slows that person down at their own desk.
        """
        nonce = token_urlsafe(12)
        return f"{nonce}.{self._mac('device', f'{username}/{nonce}')}"

    def knows_device(self, username: str, shown: str) -> str | None:
        """The mark's own name if it is one of this person's, else None."""
        nonce, _, mac = shown.partition(".")
        expected = self._mac("device", f"{username}/{nonce}")
        return nonce if hmac.compare_digest(mac.encode(), expected.encode()) else None

    def stale_codes(self, factor: Factor) -> bool:
        """Whether recovery codes are left that go with a key which is being given up."""
        old = factor.recovery_key != self.factors.current
        return self.factors.rotating and old and any(map(is_keyed_hash, factor.recovery))

    def _mac(self, purpose: str, text: str) -> str:
        return hmac.new(self.secret, f"txng-identity:{purpose}:{text}".encode(), sha256).hexdigest()
