"""Signed manifests of what goes to a print house: which serials, in which file, by its digest.

A manifest is a JSON object whose `signature` is a compact JWS (RFC 7515, Ed25519) of the rest. A
print house, or whoever doubts a file, checks it with the public keys that are at
`/api/stamps/v1/print-keys`: `python -m services.stamps.manifests FILE MANIFEST KEYS`.
"""

import hashlib
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from shared.settings import Settings

_ALGORITHM: Final = "Ed25519"
_SIGNATURE: Final = "signature"
_REGISTRY: Final = jws.JWSRegistry(algorithms=[_ALGORITHM])
_CHUNK: Final = 1024 * 1024


class Untrue(ValueError):
    """A manifest that was not signed here, was changed, or belongs to another file."""


@cache
def _load(path: Path) -> OKPKey:
    return OKPKey.import_key(json.loads(path.read_text()))


def key(settings: Settings) -> OKPKey:
    """The key that signs, from a mounted secret."""
    return _load(settings.secrets_dir / "print-key.json")


def public_keys(signing: OKPKey) -> dict[str, Any]:
    """The JWK Set that others check with."""
    return {"keys": [{**signing.as_dict(private=False), "use": "sig", "alg": _ALGORITHM}]}


def signed(signing: OKPKey, facts: dict[str, str | int]) -> str:
    """The manifest as the text of a file."""
    header = {"alg": _ALGORITHM, "kid": str(signing.kid)}
    compact = jws.serialize_compact(header, _canonical(facts), signing, registry=_REGISTRY)
    return json.dumps({**facts, _SIGNATURE: compact}, ensure_ascii=False, indent=2) + "\n"


def checked(manifest: str, keys: Any, digest: str) -> dict[str, Any]:
    """What a manifest says of a file with this SHA-256 digest (hex). Raises Untrue."""
    try:
        told = json.loads(manifest)
        compact = told.pop(_SIGNATURE)
        signed_part = jws.deserialize_compact(
            compact, KeySet.import_key_set(keys), registry=_REGISTRY
        ).payload
    except (JoseError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise Untrue("the manifest carries no valid signature") from error
    if signed_part != _canonical(told):
        raise Untrue("the manifest was changed after it was signed")
    if told.get("sha256") != digest:
        raise Untrue("the file is not the one that the manifest speaks of")
    return dict(told)


def _canonical(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def main() -> int:
    if len(sys.argv) != 4:
        sys.stderr.write("usage: python -m services.stamps.manifests FILE MANIFEST KEYS\n")
        return 2
    file, manifest, keys = map(Path, sys.argv[1:])
    try:
        digest = hashlib.sha256()
        with file.open("rb") as content:
            while chunk := content.read(_CHUNK):
                digest.update(chunk)
        said = checked(
            manifest.read_text("utf-8"), json.loads(keys.read_text("utf-8")), digest.hexdigest()
        )
    except (OSError, ValueError) as error:
        sys.stderr.write(f"NOT GOOD: {error}\n")
        return 1
    sys.stdout.write("".join(f"{name}: {value}\n" for name, value in said.items()) + "GOOD\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
