"""Access tokens for tests: signed with the installation's own key, as identity signs them."""

import json
import time
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import OKPKey

from shared.auth import ALGORITHM, AUDIENCE, ISSUER, KEYS, TOKEN_TYPE
from shared.ids import new_id
from shared.mongo import Database


def signing_key(secrets_dir: Path) -> OKPKey:
    """The key that signs now: the first of token-keys.json."""
    keys = json.loads((secrets_dir / "token-keys.json").read_text(encoding="ascii"))["keys"]
    return OKPKey.import_key(keys[0])


# Longer than any run of the tests, which a busy machine can stretch.
VALID_SECONDS = 4 * 3600


def mint(secrets_dir: Path, **claims: Any) -> str:
    """A token of a department approver of the whole province; `claims` replace or add claims.

    Its sector is "*" as no real department's is (data/demo/units.csv): what depends on the sector
    is to be tested with one.
    `account` and `session` may stand for `sub` and `sid`; a claim of None is left out.
    """
    issued = int(time.time())
    aliases = {"account": "sub", "session": "sid"}
    given = {aliases.get(name, name): value for name, value in claims.items()}
    body = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": new_id(),
        "sid": new_id(),
        "iat": issued,
        "nbf": issued,
        "exp": issued + VALID_SECONDS,
        "jti": new_id(),
        "auth_time": issued,
        "amr": ["pwd", "otp"],
        "name": "Nguyễn Văn Thử",
        "tier": "department",
        "kinds": ["approve"],
        "unit": "so-nnmt",
        "communes": ["*"],
        "sector": "*",
        **given,
    }
    key = signing_key(secrets_dir)
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": TOKEN_TYPE}
    kept = {name: value for name, value in body.items() if value is not None}
    return jwt.encode(header, kept, key, algorithms=[ALGORITHM])


async def trust(db: Database, secrets_dir: Path) -> None:
    """Makes a service believe these tokens, as if identity's keys had reached it by event."""
    key = signing_key(secrets_dir)
    public = {name: str(value) for name, value in key.as_dict(private=False).items()}
    await db.collection(KEYS).replace_one(
        {"_id": public["kid"]}, {"_id": public["kid"], "version": 1, "key": public}, upsert=True
    )


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}
