"""Mails signed by the system itself (DKIM, RFC 6376), where it is given a key of its domain.

Then whoever gets one can check that it comes from here and that nobody changed it on its way,
whatever relay handed it on. Without a key the relay signs.
"""

from pathlib import Path
from typing import Final

import dkim
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

# RFC 8301, 3.2: signers use at least 2048 bits.
LEAST_BITS: Final = 2048
# From twice: so a second one, which some readers would show, breaks the signature (RFC 6376, 5.4).
_SIGNED: Final = (
    *(b"from", b"from", b"to", b"subject", b"date", b"message-id", b"mime-version"),
    *(b"content-type", b"auto-submitted", b"list-id", b"list-unsubscribe"),
)
_RELAXED: Final = (b"relaxed", b"relaxed")


class MailKeyWrong(ValueError):
    """The file holds no key that mails can be signed with; said at the start."""


class MailSigner:
    """Signs for one domain, with the key whose public half its DNS has at
    `<selector>._domainkey.<domain>`."""

    def __init__(self, selector: str, domain: str, key: bytes) -> None:
        """`key` is an RSA private key in PEM. Raises MailKeyWrong."""
        self._selector, self._domain = selector.encode("ascii"), domain.encode("idna")
        self._key = _rsa(key)

    @classmethod
    def of_file(cls, selector: str, domain: str, file: Path) -> "MailSigner":
        try:
            return cls(selector, domain, file.read_bytes())
        except OSError as error:
            raise MailKeyWrong(f"TXNG_DKIM_KEY_FILE cannot be read: {error.strerror}") from None

    def signed(self, mail: bytes) -> bytes:
        """The whole mail with its signature before all else."""
        signature: bytes = dkim.sign(
            mail,
            self._selector,
            self._domain,
            self._key,
            canonicalize=_RELAXED,
            include_headers=list(_SIGNED),
        )
        return signature + mail


def _rsa(key: bytes) -> bytes:
    """In the one form that the library reads."""
    try:
        found = load_pem_private_key(key, password=None)
    except (ValueError, TypeError):
        found = None
    if not isinstance(found, RSAPrivateKey) or found.key_size < LEAST_BITS:
        raise MailKeyWrong(
            f"TXNG_DKIM_KEY_FILE must hold an RSA private key of {LEAST_BITS} bits or more, in PEM "
            "and without a password"
        )
    return found.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
