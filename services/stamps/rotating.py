"""Key slots of stamp codes: which there are, one more, and which one new codes are made with.

`python -m services.stamps.rotating [list | add | use SLOT [--now]] [--dir FOLDER]`, by default in
TXNG_SECRETS_DIR. Every process that reads or makes codes looks at the file once a second, so
nothing is started anew: add a slot, wait a minute, use it. Old slots stay and their stamps valid.
"""

import argparse
import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

from shared.settings import Settings
from shared.stampcode import SLOTS, Keyring, KeyringError
from shared.stampkeys import FILE

KEY_BYTES = 32
# Before a slot is used, every process must know it, or it would call its stamps forged.
KNOWN_SECONDS = 60.0


class NotNow(Exception):
    """What was asked cannot be done as things stand; the message says what to do instead."""


def slots(path: Path) -> tuple[int, list[int]]:
    """The slot in use, and all that there are."""
    content = _read(path)
    return int(content["current"]), sorted(int(number) for number in content["slots"])


def add(path: Path, now: float) -> int:
    """A new slot with keys of its own, not used yet; its number. Raises NotNow."""
    content = _read(path)
    free = [number for number in range(SLOTS) if str(number) not in content["slots"]]
    if not free:
        raise NotNow(f"all {SLOTS} slots are taken; a slot can only be given up with its stamps")
    content["slots"][str(free[0])] = {
        "mac": token_hex(KEY_BYTES),
        "enc": token_hex(KEY_BYTES),
        "added": round(now),
    }
    _replace(path, content)
    return free[0]


def use(path: Path, number: int, now: float, *, at_once: bool = False) -> None:
    """From now on new codes are made with this slot. Raises NotNow."""
    content = _read(path)
    slot = content["slots"].get(str(number))
    if slot is None:
        raise NotNow(f"there is no slot {number}; add one first")
    left = float(slot.get("added", 0)) + KNOWN_SECONDS - now
    if left > 0 and not at_once:
        raise NotNow(
            f"slot {number} is new: wait {left:.0f} s more, until every process has read it"
            " (--now where none is running)"
        )
    content["current"] = number
    _replace(path, content)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two at once would each forget the other's slot."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _read(path: Path) -> dict[str, Any]:
    Keyring.load(path)  # Says what is wrong without telling a key.
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def _replace(path: Path, content: dict[str, Any]) -> None:
    """Whole or not at all: who reads meanwhile has the old file or the new one."""
    before, draft = path.stat(), path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    try:
        os.chown(draft, before.st_uid, before.st_gid)
        draft.chmod(before.st_mode & 0o777)
        with draft.open("w") as file:
            file.write(json.dumps(content, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        Keyring.load(draft)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="keys", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("act", nargs="?", choices=("list", "add", "use"), default="list")
    parser.add_argument("slot", nargs="?", type=int)
    parser.add_argument("--now", action="store_true", help="use a new slot without waiting")
    parser.add_argument("--dir", type=Path, help="the folder of the secrets")
    asked = parser.parse_args(arguments)
    if (asked.act == "use") != (asked.slot is not None):
        parser.error("use needs the number of a slot, the others take none")
    path = (asked.dir or Settings().secrets_dir) / FILE
    try:
        with _alone(path.parent):
            if asked.act == "add":
                added = add(path, time.time())
                sys.stdout.write(f"slot {added} added; in {KNOWN_SECONDS:.0f} s: use {added}\n")
            elif asked.act == "use":
                use(path, asked.slot, time.time(), at_once=asked.now)
            current, known = slots(path)
    except (NotNow, KeyringError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"slots {', '.join(map(str, known))}; new codes use slot {current}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
