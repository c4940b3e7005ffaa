"""Only access tokens that identity signed are believed, exactly as they were signed."""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import OKPKey

from services.identity.tokens import TokenKeys
from shared.auth import ALGORITHM, TOKEN_TYPE, Principal, Verifier
from shared.errors import Unauthenticated
from shared.mongo import Database
from shared.settings import Settings
from tests.tokens import mint, signing_key, trust


@pytest.fixture(scope="module")
async def verifier(settings: Settings) -> AsyncIterator[Verifier]:
    db = Database(settings.mongo_url, settings.database("registry"), "registry")
    await trust(db, settings.secrets_dir)
    yield Verifier(db)
    await db.close()


def principal(**changes: Any) -> Principal:
    issued = int(time.time())
    told = {
        "account_id": "0199a0b0-0000-7000-8000-000000000001",
        "name": "Trần Thị Thu",
        "tier": "commune",
        "kinds": frozenset({"check", "operate"}),
        "unit_id": "xa-tien-yen",
        "session_id": "0199a0b0-0000-7000-8000-000000000002",
        "communes": ("06862",),
        "sector": "*",
        "issued_at": issued,
        "expires_at": issued + 600,
        **changes,
    }
    return Principal(**told)


async def test_a_signed_token_says_all_that_identity_knows(
    settings: Settings, verifier: Verifier
) -> None:
    keys = TokenKeys.load(settings.secrets_dir)
    official = principal()
    assert await verifier.verify(keys.sign(official)) == official
    worker = principal(tier="facility", facility_id="f1", communes=(), sector="agriculture")
    assert await verifier.verify(keys.sign(worker)) == worker
    known = principal(person=frozenset({"a", "b"}))
    assert await verifier.verify(keys.sign(known)) == known


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "somebody-else"},
        {"iss": None},
        {"aud": "another-system"},
        {"aud": None},
        {"sub": None},
        {"sid": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"exp": "never"},
        {"nbf": 4_000_000_000},
        {"nbf": None},
        {"iat": 4_000_000_000},
        {"iat": None},
        {"kinds": None},
        {"tier": None},
        {"unit": None},
        {"name": None},
    ],
    ids=str,
)
async def test_a_token_with_a_wrong_or_missing_claim_is_refused(
    claims: dict[str, Any], settings: Settings, verifier: Verifier
) -> None:
    assert await verifier.verify(mint(settings.secrets_dir))
    with pytest.raises(Unauthenticated):
        await verifier.verify(mint(settings.secrets_dir, **claims))


def claims_of(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{part(header)}.{part(claims)}."


def hs256(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    """The classic confusion: the public key used as the secret of an HMAC."""
    text = f"{part(header)}.{part(claims)}"
    mac = hmac.digest(key, text.encode(), sha256)
    return f"{text}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
async def test_an_unsigned_token_is_refused(
    algorithm: str, settings: Settings, verifier: Verifier
) -> None:
    claims = claims_of(mint(settings.secrets_dir))
    kid = signing_key(settings.secrets_dir).kid
    with pytest.raises(Unauthenticated):
        await verifier.verify(unsigned({"alg": algorithm, "kid": kid, "typ": TOKEN_TYPE}, claims))


async def test_an_hmac_with_the_public_key_is_refused(
    settings: Settings, verifier: Verifier
) -> None:
    claims = claims_of(mint(settings.secrets_dir))
    key = signing_key(settings.secrets_dir)
    x = str(key.as_dict(private=False)["x"])
    raw = base64.urlsafe_b64decode(x + "=" * (-len(x) % 4))
    header = {"alg": "HS256", "kid": key.kid, "typ": TOKEN_TYPE}
    for secret in (x.encode(), raw, key.as_pem(private=False), b""):
        with pytest.raises(Unauthenticated):
            await verifier.verify(hs256(header, claims, secret))


@pytest.mark.parametrize("typ", ["JWT", "at+JWT;x", "", None])
async def test_a_token_of_another_type_is_refused(
    typ: str | None, settings: Settings, verifier: Verifier
) -> None:
    key = signing_key(settings.secrets_dir)
    header = {"alg": ALGORITHM, "kid": key.kid, **({"typ": typ} if typ is not None else {})}
    token = jwt.encode(header, claims_of(mint(settings.secrets_dir)), key, algorithms=[ALGORITHM])
    # The library writes "typ": "JWT" where there is none: not ours either.
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


def signed(text: str, key: OKPKey) -> str:
    """A token made by hand: the library would refuse to write such headers."""
    private = key.private_key
    assert isinstance(private, Ed25519PrivateKey)
    signature = base64.urlsafe_b64encode(private.sign(text.encode())).decode()
    return f"{text}.{signature.rstrip('=')}"


def foreign_token(settings: Settings, **header: Any) -> str:
    """A well-made token, signed with a key that the forger tells in the header."""
    forger = OKPKey.generate_key("Ed25519", private=True)
    told = {"alg": ALGORITHM, "typ": TOKEN_TYPE, **header}
    if told.get("jwk") == "own":
        told["jwk"] = forger.as_dict(private=False)
    text = f"{part(told)}.{part(claims_of(mint(settings.secrets_dir)))}"
    return signed(text, forger)


@pytest.mark.parametrize(
    "header",
    [
        {"jku": "https://forger.example/keys.json"},
        {"x5u": "https://forger.example/cert.pem"},
        {"jwk": "own"},
        {"x5c": ["MIIB"]},
        {"crit": ["b64"], "b64": False},
        {"kid": "../../token-keys.json"},
        {"kid": "' || 1=1"},
    ],
    ids=str,
)
async def test_a_key_brought_along_or_pointed_at_is_not_used(
    header: dict[str, Any], settings: Settings, verifier: Verifier
) -> None:
    kid = {"kid": signing_key(settings.secrets_dir).kid}
    for told in (header, {**kid, **header}):
        with pytest.raises(Unauthenticated):
            await verifier.verify(foreign_token(settings, **told))


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c"])
async def test_even_a_rightly_signed_token_may_not_point_at_keys(
    name: str, settings: Settings, verifier: Verifier
) -> None:
    key = signing_key(settings.secrets_dir)
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": TOKEN_TYPE, name: "https://x.example"}
    text = f"{part(header)}.{part(claims_of(mint(settings.secrets_dir)))}"
    token = signed(text, key)
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


async def test_a_changed_token_is_refused_wherever_it_was_changed(
    settings: Settings, verifier: Verifier
) -> None:
    token = mint(settings.secrets_dir)
    head, body, signature = token.split(".")
    promoted = {**claims_of(token), "tier": "province", "kinds": ["system"]}
    changed = [
        f"{head}.{part(promoted)}.{signature}",
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{body}",
        f"{head}.{body}.",
        f"{head}.{body}.{signature}.{signature}",
        "",
        ".",
        "..",
        "Bearer",
        token + "x",
        "\x00",
        "ộ.ộ.ộ",
    ]
    for one in changed:
        with pytest.raises(Unauthenticated):
            await verifier.verify(one)
    assert await verifier.verify(token)


async def test_an_expired_token_is_refused_although_it_was_remembered(
    settings: Settings, verifier: Verifier
) -> None:
    token = mint(settings.secrets_dir, exp=int(time.time()) + 60)
    assert await verifier.verify(token)
    with time_machine.travel(time.time() + 70, tick=False), pytest.raises(Unauthenticated):
        await verifier.verify(token)


async def test_every_key_of_the_file_verifies_and_the_first_one_signs(
    settings: Settings, tmp_path: Path
) -> None:
    old = json.loads((settings.secrets_dir / "token-keys.json").read_text())["keys"]
    new = OKPKey.generate_key("Ed25519", private=True, auto_kid=True).as_dict(private=True)
    db = Database(settings.mongo_url, settings.database("recall"), "recall")
    verifier = Verifier(db)

    def keys(*given: object) -> TokenKeys:
        (tmp_path / "token-keys.json").write_text(json.dumps({"keys": given}))
        return TokenKeys.load(tmp_path)

    before = keys(*old)
    both = keys(new, *old)
    assert [key["kid"] for key in both.public()] == [new["kid"], old[0]["kid"]]
    assert all("d" not in key for key in both.public())
    for public in both.public():
        await db.collection("access_keys").insert_one(
            {"_id": public["kid"], "version": 2, "key": public}
        )
    assert await verifier.verify(before.sign(principal()))
    signed = both.sign(principal())
    assert jwt.decode(signed, OKPKey.import_key(new), algorithms=[ALGORITHM])
    assert await verifier.verify(signed)
    await db.close()


def test_a_key_of_another_kind_stops_the_start(tmp_path: Path) -> None:
    other = OKPKey.generate_key("X25519", private=True, auto_kid=True).as_dict(private=True)
    (tmp_path / "token-keys.json").write_text(json.dumps({"keys": [other]}))
    with pytest.raises(ValueError, match="Ed25519"):
        TokenKeys.load(tmp_path)
