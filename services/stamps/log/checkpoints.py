"""Checkpoints: the signed head of the log, as C2SP tlog-checkpoint and signed-note describe it.

The text is three lines: origin, size, root in base64. It bears two signatures of one Ed25519 key:
over the text alone (type 0x01), and with the time (type 0x04, `cosignature/v1`).
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

PLAIN, TIMED = b"\x01", b"\x04"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`at` are seconds since 1970; `note` is what is published."""

    origin: str
    size: int
    root: bytes
    at: int
    note: str


@cache
def key_of(secrets: Path) -> Ed25519PrivateKey:
    """The log's key, from a mounted secret."""
    key = OKPKey.import_key(json.loads((secrets / "log-key.json").read_text())).private_key
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("log-key.json holds no Ed25519 private key")
    return key


def signed(key: Ed25519PrivateKey, origin: str, size: int, root: bytes, at: int) -> Checkpoint:
    """The checkpoint of a tree; of one tree and one second always the same bytes."""
    text = f"{origin}\n{size}\n{as_base64(root)}\n"
    public = key.public_key().public_bytes_raw()
    plain = key.sign(text.encode())
    timed = at.to_bytes(8) + key.sign(f"cosignature/v1\ntime {at}\n{text}".encode())
    lines = [
        f"— {origin} {as_base64(_key_id(origin, kind, public) + signature)}\n"
        for kind, signature in ((PLAIN, plain), (TIMED, timed))
    ]
    return Checkpoint(origin, size, root, at, f"{text}\n{''.join(lines)}")


def verifier_key(key: Ed25519PrivateKey, origin: str) -> str:
    """What readers check signatures with: `<name>+<key id in hex>+<base64 of type and key>`."""
    public = key.public_key().public_bytes_raw()
    return f"{origin}+{_key_id(origin, PLAIN, public).hex()}+{as_base64(PLAIN + public)}"


def _key_id(name: str, kind: bytes, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def as_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
