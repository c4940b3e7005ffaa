"""One-time codes and refresh secrets: made at random, kept as fingerprints, sealed to be repeated.

They hold 80 bits and more, so that a plain hash keeps them: nobody can try them all. Passwords
do not, and go through argon2id (hashing.py).
"""

import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b, sha256

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U.
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
SETUP_CHARACTERS = 16
SECRET_BYTES = 32


def new_setup_code() -> str:
    """Sixteen characters to be read from paper, in groups of four: 80 bits."""
    return code_from(os.urandom(SETUP_CHARACTERS))


def code_from(random: bytes) -> str:
    """Such a code made of sixteen random bytes or more."""
    letters = "".join(_ALPHABET[byte % 32] for byte in random[:SETUP_CHARACTERS])
    return "-".join(letters[i : i + 4] for i in range(0, SETUP_CHARACTERS, 4))


def read_setup_code(typed: str) -> str:
    """The code as it was meant: case, spaces, hyphens and look-alike letters do not matter."""
    return typed.upper().translate(_READ_AS)


def new_secret() -> bytes:
    return os.urandom(SECRET_BYTES)


def new_ticket() -> str:
    """The secret that leads from one step of a sign-in to the next."""
    return urlsafe_b64encode(new_secret()).decode().rstrip("=")


def ticket_id(secret: str) -> str:
    """Under which the database keeps a ticket: its fingerprint, so that a dump opens nothing."""
    return fingerprint(secret).hex()


def fingerprint(secret: bytes | str) -> bytes:
    """What the database keeps of a secret."""
    return sha256(secret.encode() if isinstance(secret, str) else secret).digest()


def same(known: bytes, shown: bytes) -> bool:
    """Comparison in constant time."""
    return hmac.compare_digest(known, shown)


def seal(secret: bytes, key: bytes, purpose: str) -> bytes:
    """The secret (≤ 64 bytes) readable only with a key that is not kept; undone by itself.

    One key seals one secret only: the next refresh secret under the one before, or a setup code
    under the request's own idempotency key.
    """
    stream = blake2b(key[:64], digest_size=len(secret), person=purpose.encode()).digest()
    return bytes(a ^ b for a, b in zip(secret, stream, strict=True))


def write_token(session_id: str, secret: bytes) -> str:
    """The refresh token as the browser or program keeps it."""
    return f"{session_id}.{urlsafe_b64encode(secret).decode().rstrip('=')}"


def read_token(token: str) -> tuple[str, bytes] | None:
    """The session's id and the secret of a refresh token; None if it cannot be one."""
    session_id, dot, text = token.partition(".")
    if not dot or len(session_id) != 36 or not 40 <= len(text) <= 44:
        return None
    try:
        secret = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return (session_id, secret) if len(secret) == SECRET_BYTES else None
