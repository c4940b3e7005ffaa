"""Creates the installation's secret files where they are missing; never changes one that is there.

Run as `python -m deploy.local.secrets DIR`. With `--apart` before it, each file lies in a folder of
its own, `DIR/log-key/log-key.json`, and `DIR/log-key.json` is a link to it: a container is then
given the folders of its keys alone, and sees at once when one is replaced.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from typing import Any

from joserfc.jwk import OKPKey

from shared.alone import alone

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


def courier_key() -> str:
    """What secrets of webhooks are derived by, and the private JWK that signs their messages."""
    return json.dumps({"derive": token_hex(KEY_BYTES), "signing": _signing_key()}, indent=2)


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
    "courier-key.json": courier_key,
    "csrf.key": plain_key,
    "user-hash.key": plain_key,
    "factor.key": plain_key,
}


class LiesTwice(Exception):
    """A secret lies both beside the folder of its own and in it, and they differ so that neither
    has all of the other. The message says in what, and what to do."""


def create_missing(folder: Path, *, apart: bool = False) -> list[str]:
    """Creates what is missing, readable by the owner alone; returns the names it created.

    `apart`: in folders of their own, where what lies in `folder` itself is moved to. Where a
    version from before has put a file of key slots in the place of the link, as it does when a slot
    is added, that of the two is kept which has all slots of the other. Raises LiesTwice.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with alone(folder):
        if apart:
            for name in FILES:
                _put_apart(folder, name)
        return [name for name, make in FILES.items() if _create((folder / name).resolve(), make)]


def place_of(name: str) -> Path:
    """Where a file lies apart from the others, below the folder of all."""
    return Path(Path(name).stem, name)


def _put_apart(folder: Path, name: str) -> None:
    """A key that is there is found under `name` at every moment: whoever saw it missing, be it a
    version from before, would make another, and by that one every stamp would be forged."""
    link, home = folder / name, folder / place_of(name)
    home.parent.mkdir(exist_ok=True, mode=0o700)
    if link.is_symlink():
        return
    if link.exists() and not home.exists():
        os.link(link, home)
    elif link.exists() and home.read_bytes() != link.read_bytes() and _has_more(link, home):
        _take_over(link, home)
    draft = folder / f".{name}.{os.getpid()}"
    draft.unlink(missing_ok=True)
    draft.symlink_to(place_of(name))
    draft.replace(link)


def _has_more(link: Path, home: Path) -> bool:
    """Whether the file beside is to be kept and not the one apart. Raises LiesTwice."""
    beside, apart = _slots_of(link), _slots_of(home)
    if not beside or not apart:
        raise LiesTwice(
            f"{link} and {home} differ: keep the right one of them alone, at {home}; a version from"
            f" before read and wrote {link}"
        )
    if beside == apart:
        # They differ in the slot that is used: what was written last holds. An older copy that was
        # put back must not return to a slot that was left.
        return link.stat().st_mtime_ns > home.stat().st_mtime_ns
    if beside.items() >= apart.items():
        return True
    if apart.items() > beside.items():
        return False
    others = [one for one in beside if one in apart and beside[one] != apart[one]]
    alone = [one for one in (*beside, *apart) if (one in beside) != (one in apart)]
    told = [f"slot {one} has other keys in each" for one in sorted(others, key=int)]
    told += [f"slot {one} is only in {link if one in beside else home}" for one in alone]
    raise LiesTwice(
        f"{link} and {home} differ: {'; '.join(told)}. Copy both away first: a stamp is read with"
        " the keys that its slot had when it was made, and with no others. Then put at"
        f" {home} the one by which stamps were made with those slots, add to it what only the other"
        f" has, remove {link}, and begin again. Where stamps were made by both with one slot, those"
        " of one of them have to be issued anew"
    )


def _slots_of(path: Path) -> dict[str, Any]:
    """The key slots of a file, by number; none where it is no file of slots."""
    try:
        slots = json.loads(path.read_text())["slots"]
    except (ValueError, KeyError, TypeError):
        return {}
    return slots if isinstance(slots, dict) and all(map(str.isdecimal, slots)) else {}


def _take_over(link: Path, home: Path) -> None:
    """What lies beside comes to lie apart; at no moment is there less than before."""
    draft = home.with_name(f".{home.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    os.link(link, draft)
    draft.replace(home)


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
    apart, given = "--apart" in sys.argv[1:], [one for one in sys.argv[1:] if one != "--apart"]
    if len(given) != 1 or given[0].startswith("-"):
        sys.stderr.write("usage: python -m deploy.local.secrets [--apart] DIR\n")
        return 2
    try:
        created = create_missing(Path(given[0]), apart=apart)
    except LiesTwice as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for name in created:
        sys.stdout.write(f"created {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
