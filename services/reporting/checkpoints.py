"""Signing the head of the ledger, at most a minute apart, and checking such signatures."""

import asyncio
import json
from functools import cache
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from joserfc.jwk import OKPKey

from services.reporting.domain.ledger import signed_text
from services.reporting.store import ledger
from shared.ids import now
from shared.mongo import Database, is_outage
from shared.settings import Settings

log = structlog.get_logger()
EVERY_SECONDS = 30.0


@cache
def signing_key(secrets: Path) -> Ed25519PrivateKey:
    """The ledger's key, from a mounted secret."""
    key = OKPKey.import_key(json.loads((secrets / "audit-key.json").read_text())).private_key
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("audit-key.json holds no Ed25519 private key")
    return key


def public_key(secrets: Path) -> Ed25519PublicKey:
    return signing_key(secrets).public_key()


def is_signed(key: Ed25519PublicKey, seq: int, hash_: str, signature: str) -> bool:
    try:
        key.verify(bytes.fromhex(signature), signed_text(seq, hash_))
    except (InvalidSignature, ValueError):
        return False
    return True


async def sign_head(db: Database, settings: Settings) -> bool:
    """Sign the head unless it is signed already; True if there was something to sign.

    The checkpoint is also appended to `checkpoint_file`, outside the database, where whoever can
    rewrite the database cannot take it back.
    """
    seq, hash_ = await ledger.head(db)
    last = await ledger.last_checkpoint(db)
    if seq == 0 or (last is not None and last["seq"] == seq):
        return False
    signature = signing_key(settings.secrets_dir).sign(signed_text(seq, hash_)).hex()
    at = now()
    await ledger.add_checkpoint(db, seq, hash_, signature, at)
    if settings.checkpoint_file is not None:
        line = {"seq": seq, "hash": hash_, "signature": signature, "at": at.isoformat()}
        await asyncio.to_thread(_append_line, settings.checkpoint_file, json.dumps(line))
    return True


def _append_line(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


async def keep_signing(db: Database, settings: Settings) -> None:
    """Sign every half minute until cancelled."""
    while True:
        try:
            await sign_head(db, settings)
        except Exception as error:
            if not is_outage(error):
                log.exception("the ledger's head could not be signed")
        await asyncio.sleep(EVERY_SECONDS)
