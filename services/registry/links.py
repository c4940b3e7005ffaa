"""The transporter's link: nobody can guess it, it expires, and a newer one makes it worthless."""

import hmac
from hashlib import sha256

from services.registry.domain.shipment import Shipment
from services.registry.domain.shipment_refusals import LinkInvalid


def secret_of(key: bytes, shipment_id: str, number: int) -> str:
    """The secret part of a shipment's link of that number: 128 bits."""
    text = f"registry.transport:{shipment_id}:{number}".encode()
    return hmac.new(key, text, sha256).hexdigest()[:32]


def address(key: bytes, shipment: Shipment) -> str:
    return f"/transport/{shipment.id}/{secret_of(key, shipment.id, shipment.link)}"


def check(key: bytes, shipment: Shipment, secret: str) -> int:
    """The number of the link; raises LinkInvalid for a secret that is not of the present one."""
    right = secret_of(key, shipment.id, shipment.link)
    if not hmac.compare_digest(right.encode(), secret.encode("utf-8", "replace")):
        raise LinkInvalid()
    return shipment.link
