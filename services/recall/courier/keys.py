"""The courier's keys: secrets of webhooks and links are derived by them, so none is kept."""

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

from services.recall.domain.contact import Contact

FILE: Final = "courier-key.json"
# How Standard Webhooks writes a shared secret.
PREFIX: Final = "whsec_"
_LEAST_BYTES: Final = 32


@dataclass(frozen=True)
class CourierKeys:
    """`roots` derive every secret, by the slot that a contact was added under; new ones are added
    under `current`. `signing` are the system's own keys of webhooks (Ed25519): the first signs, all
    are published, so that receivers know one before it is used."""

    roots: Mapping[int, bytes]
    current: int
    signing: Sequence[OKPKey]

    @classmethod
    def load(cls, secrets_dir: Path) -> "CourierKeys":
        """Read once at start; raises OSError, ValueError, KeyError for a missing or broken file.

        `derive` is one root, or roots by slot with `current`; `signing` one JWK, or several.
        """
        told = json.loads((secrets_dir / FILE).read_text(encoding="ascii"))
        derive, signing = told["derive"], told["signing"]
        slots = derive if isinstance(derive, dict) else {"0": derive}
        roots = {int(slot): bytes.fromhex(root) for slot, root in slots.items()}
        current = int(told.get("current", 0))
        if any(len(root) < _LEAST_BYTES for root in roots.values()):
            raise ValueError(f"{FILE}: a key in derive is shorter than {_LEAST_BYTES} bytes")
        if current not in roots:
            raise ValueError(f"{FILE}: current names no key in derive")
        keys = signing if isinstance(signing, list) else [signing]
        if not keys:
            raise ValueError(f"{FILE}: signing is empty")
        return cls(roots, current, [OKPKey.import_key(one) for one in keys])

    def link_token(self, contact: Contact) -> str:
        """What the link in a confirming mail carries; another one each time one is asked for."""
        return self._of(contact, f"link:{contact.id}:{contact.round}").hex()[:40]

    def stop_token(self, contact: Contact) -> str:
        """What the link carries by which the reader of a mail stops further ones."""
        return self._of(contact, f"stop:{contact.id}").hex()[:40]

    def challenge(self, contact: Contact) -> str:
        """What a webhook must answer with before it is used."""
        return self._of(contact, f"challenge:{contact.id}:{contact.round}").hex()[:40]

    def secret(self, contact: Contact) -> str:
        """The shared secret of a webhook, as its owner is shown it."""
        return PREFIX + base64.b64encode(self._of(contact, f"webhook:{contact.id}")).decode()

    def address_mark(self, address: str) -> str:
        """By which mails to one address are counted without keeping it."""
        return self._derived(self.current, f"address:{address.lower()}").hex()[:32]

    def signatures(self, contact: Contact, message_id: str, at: int, body: bytes) -> str:
        """`webhook-signature`: by the shared secret (v1), and by the system's own key (v1a)."""
        signed = b".".join((message_id.encode(), str(at).encode(), body))
        shared = hmac.digest(self._of(contact, f"webhook:{contact.id}"), signed, sha256)
        own = self.signing[0].private_key
        assert isinstance(own, Ed25519PrivateKey)
        return " ".join(
            f"{name},{base64.b64encode(made).decode()}"
            for name, made in (("v1", shared), ("v1a", own.sign(signed)))
        )

    def public(self) -> dict[str, object]:
        """The JWK Set by which receivers check v1a."""
        more: dict[str, object] = {"use": "sig", "alg": "Ed25519"}
        return {"keys": [{**key.as_dict(private=False), **more} for key in self.signing]}

    def is_old(self, contact: Contact) -> bool:
        """Whether new contacts are given keys of another slot than the contact has."""
        return contact.key != self.current

    def _of(self, contact: Contact, purpose: str) -> bytes:
        """Under a slot that was taken out for good, nobody's secret fits any more."""
        slot = contact.key if contact.key in self.roots else self.current
        return self._derived(slot, purpose)

    def _derived(self, slot: int, purpose: str) -> bytes:
        return hmac.digest(self.roots[slot], f"txng-courier:{purpose}".encode(), sha256)
