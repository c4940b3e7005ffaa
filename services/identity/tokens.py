"""Access tokens: signed with the first of token-keys.json, verified with any of them.

Rotation: append a key to the file and restart (its public part travels to all services), then
move it to the front and restart (it signs), then remove the old one after a token's life.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import OKPKey

from shared import handover
from shared.auth import ALGORITHM, AUDIENCE, ISSUER, SECOND_FACTOR, TOKEN_TYPE, Principal
from shared.ids import new_id

_PUBLIC = ("kty", "crv", "x", "kid")


class TokenKeys:
    """The signing keys of this installation; the private parts never leave this process."""

    def __init__(self, keys: list[OKPKey]) -> None:
        self._keys = keys

    @classmethod
    def load(cls, secrets_dir: Path) -> "TokenKeys":
        """Read once at start; a missing or wrong file stops the start with its path."""
        path = secrets_dir / "token-keys.json"
        given = json.loads(path.read_text(encoding="utf-8"))["keys"]
        keys = [OKPKey.import_key(key) for key in given]
        if not keys or any(key.as_dict(private=False)["crv"] != "Ed25519" for key in keys):
            raise ValueError(f"{path} must hold Ed25519 keys, the signing one first")
        return cls(keys)

    def public(self) -> tuple[dict[str, str], ...]:
        """The public parts, as a JWK Set lists them (RFC 7517, RFC 8037)."""
        return tuple(
            {
                **{name: str(key.as_dict(private=False)[name]) for name in _PUBLIC},
                "alg": ALGORITHM,
                "use": "sig",
            }
            for key in self._keys
        )

    def hand_over(
        self, subject: str, facts: Mapping[str, Any], *, account_id: str, now: datetime
    ) -> str:
        """Facts that this account carries to another service's page (`shared.handover`)."""
        return handover.signed(self._keys[0], subject, facts, account_id=account_id, now=now)

    def sign(self, who: Principal) -> str:
        """The access token that speaks for this account until it expires."""
        key = self._keys[0]
        header = {"alg": ALGORITHM, "kid": key.kid, "typ": TOKEN_TYPE}
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": who.account_id,
            "sid": who.session_id,
            "iat": who.issued_at,
            "nbf": who.issued_at,
            "exp": who.expires_at,
            "jti": new_id(),
            "auth_time": who.proven_at,
            "amr": ["pwd", SECOND_FACTOR] if who.has_factor else ["pwd"],
            "name": who.name,
            "tier": who.tier,
            "kinds": sorted(who.kinds),
            "unit": who.unit_id,
            "communes": list(who.communes),
            "sector": who.sector,
        }
        if who.facility_id is not None:
            claims["facility"] = who.facility_id
        if who.person:
            claims["person"] = sorted(who.person)
        if who.only is not None:
            claims["scope"] = " ".join(sorted(who.only))
        return jwt.encode(header, claims, key, algorithms=[ALGORITHM])
