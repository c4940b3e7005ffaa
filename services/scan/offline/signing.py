"""The key that signs snapshots for offline checks: one of its own, in a mounted secret."""

import base64
import json
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

from services.scan.domain.offline import Snapshot, opened, unsigned, with_signature

FILE = "offline-key.json"


@cache
def key_of(secrets: Path) -> Ed25519PrivateKey:
    """Raises OSError where the file is missing, ValueError where it holds another kind of key."""
    key = OKPKey.import_key(json.loads((secrets / FILE).read_text())).private_key
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{FILE} holds no Ed25519 private key")
    return key


def public_key(key: Ed25519PrivateKey) -> str:
    """Its 32 public bytes, base64url without padding: `x` of the JWK."""
    raw = key.public_key().public_bytes_raw()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(key: Ed25519PrivateKey, snapshot: Snapshot) -> bytes:
    """The file as it is handed out."""
    content = unsigned(snapshot)
    return with_signature(content, key.sign(content))


def is_genuine(key: Ed25519PrivateKey, file: bytes) -> bool:
    """Whether this key has signed the file; False also for what is no snapshot."""
    try:
        _, _, signature, content = opened(file)
        key.public_key().verify(signature, content)
    except (ValueError, InvalidSignature):
        return False
    return True
