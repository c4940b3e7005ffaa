"""Facts that a person carries from one service's page to another's, signed by identity.

Services share no database, and events carry nothing personal. What an officer sees on one page and
goes on with on another travels in that officer's own form, never in an address: signed, for this
account alone, for half a day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from shared.auth import ALGORITHM, ISSUER, LEEWAY_SECONDS
from shared.errors import Kind, Refusal

TYPE: Final = "handover+jwt"
AUDIENCE: Final = "txng-registry"
SECONDS: Final = 12 * 3600
LONGEST: Final = 12_000


class HandoverInvalid(Refusal):
    code = "handover_invalid"
    kind = Kind.INVALID
    message = (
        "Thông tin chuyển từ bản đăng ký không còn dùng được. Hãy mở lại bản đăng ký và bấm Lập hồ "
        "sơ cơ sở lần nữa."
    )


@dataclass(frozen=True, slots=True)
class Handover:
    """`subject` is what the facts are about (an application's id)."""

    subject: str
    facts: Mapping[str, Any]


def signed(
    key: OKPKey, subject: str, facts: Mapping[str, Any], *, account_id: str, now: datetime
) -> str:
    """The facts as this account alone can hand them over."""
    at = int(now.timestamp())
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": TYPE}
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "act": account_id,
        "iat": at,
        "exp": at + SECONDS,
        "facts": dict(facts),
    }
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


def read(text: str, keys: KeySet, *, account_id: str, now: datetime) -> Handover:
    """What was handed over; raises HandoverInvalid for everything that is not exactly that."""
    try:
        token = jwt.decode(text, keys, algorithms=[ALGORITHM])
        if token.header.get("typ") != TYPE or set(token.header) - {"alg", "kid", "typ"}:
            raise HandoverInvalid("handover")
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            act={"essential": True, "value": account_id},
            sub={"essential": True},
            iat={"essential": True},
            exp={"essential": True},
        ).validate(token.claims)
        facts = token.claims["facts"]
    except (JoseError, ValueError, KeyError, TypeError):
        raise HandoverInvalid("handover") from None
    if not isinstance(facts, dict) or not isinstance(token.claims["sub"], str):
        raise HandoverInvalid("handover")
    return Handover(token.claims["sub"], facts)
