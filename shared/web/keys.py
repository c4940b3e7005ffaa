"""Keys for forms and messages between pages, derived from the installation's one `csrf.key`."""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path


@dataclass(frozen=True)
class WebKeys:
    csrf: bytes
    flash: bytes

    @classmethod
    def load(cls, secrets_dir: Path) -> "WebKeys":
        """Read once at start; a missing file stops the start with its path."""
        root = bytes.fromhex((secrets_dir / "csrf.key").read_text(encoding="ascii").strip())
        return cls(csrf=_derive(root, b"csrf"), flash=_derive(root, b"flash"))


def _derive(root: bytes, purpose: bytes) -> bytes:
    return hmac.digest(root, b"txng-web:" + purpose, sha256)
