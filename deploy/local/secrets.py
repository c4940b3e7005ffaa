"""Creates the installation's secret files where they are missing; never changes one that is there.

Run as `python -m deploy.local.secrets DIR`.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex

from joserfc.jwk import OKPKey

KEY_BYTES = 32


def stamp_keys() -> str:
    """The first key slot of the stamp code: one key for the tag, one for the body."""
    slot = {"mac": token_hex(KEY_BYTES), "enc": token_hex(KEY_BYTES)}
    return json.dumps({"current": 0, "slots": {"0": slot}}, indent=2)


def stamp_pin_keys() -> str:
    """The key of the hidden numbers of the first slot: nothing that is in the file of codes."""
    return json.dumps({"slots": {"0": token_hex(KEY_BYTES)}}, indent=2)


def token_keys() -> str:
    """A JWK Set with the one private key that signs access tokens."""
    return json.dumps({"keys": [_signing_key()]}, indent=2)


def audit_key() -> str:
    """The private JWK that signs the checkpoints of the audit ledger."""
    return json.dumps(_signing_key(), indent=2)


def print_key() -> str:
    """The private JWK that signs the manifests of lists of codes for print houses."""
    return json.dumps(_signing_key(), indent=2)


def log_key() -> str:
    """The private JWK that signs the checkpoints of the transparency log."""
    return json.dumps(_signing_key(), indent=2)


def offline_key() -> str:
    """The private JWK that signs what inspectors carry along to places without signal."""
    return json.dumps(_signing_key(), indent=2)


def plain_key() -> str:
    return token_hex(KEY_BYTES)


FILES: dict[str, Callable[[], str]] = {
    "stamp-keys.json": stamp_keys,
    "stamp-pin-keys.json": stamp_pin_keys,
    "token-keys.json": token_keys,
    "audit-key.json": audit_key,
    "print-key.json": print_key,
    "log-key.json": log_key,
    "offline-key.json": offline_key,
    "csrf.key": plain_key,
    "user-hash.key": plain_key,
    "factor.key": plain_key,
}


def create_missing(folder: Path) -> list[str]:
    """Creates what is missing, readable by the owner alone; returns the names it created."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return [name for name, make in FILES.items() if _create(folder / name, make)]


def _create(path: Path, make: Callable[[], str]) -> bool:
    if path.exists():
        return False
    # Written aside and then linked: a crash leaves no half a key, and a second process that
    # creates the same file at the same time does not replace a key already in use.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(make() + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _signing_key() -> dict[str, str | list[str]]:
    key = OKPKey.generate_key("Ed25519", private=True, auto_kid=True)
    return dict(key.as_dict(private=True))


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.stderr.write("usage: python -m deploy.local.secrets DIR\n")
        return 2
    for name in create_missing(Path(sys.argv[1])):
        sys.stdout.write(f"created {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
