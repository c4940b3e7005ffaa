"""Key slots of stamp codes: which there are, one more, and which one new codes are made with.

`python -m services.stamps.rotating [list | add | pins | use SLOT [--now]] [--dir FOLDER]`, by
default in TXNG_SECRETS_DIR. Every process that reads or makes codes looks at the files once a
second, so nothing is started anew: add a slot, wait a minute, use it. Old slots stay and their
stamps valid. `pins` gives slots that lack it a key for hidden numbers, as `add` does at once.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from typing import Any

from shared.alone import alone
from shared.settings import Settings
from shared.stampcode import SLOTS, Keyring, KeyringError
from shared.stampkeys import FILE, PIN_FILE
from shared.stamppins import PinKeys

KEY_BYTES = 32
# Before a slot is used, every process must know it, or it would call its stamps forged.
KNOWN_SECONDS = 60.0
_NO_PINS = "hidden numbers: no slot has a key for them; pins gives them one\n"


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


def give_pins(path: Path) -> list[int]:
    """Slots get a key for hidden numbers that have none; which ones did.

    Drawn anew, and not made from the slot's other keys: who has those learns no number by them.
    """
    pins = path.with_name(PIN_FILE)
    have = set(PinKeys.load(pins).slots)
    lacking = [number for number in slots(path)[1] if number not in have]
    if lacking:
        content = json.loads(pins.read_text()) if have else {"slots": {}}
        content["slots"].update({str(number): token_hex(KEY_BYTES) for number in lacking})
        _put(pins, content, like=pins if pins.exists() else path, check=PinKeys.load)
    return lacking


def _read(path: Path) -> dict[str, Any]:
    Keyring.load(path)  # Says what is wrong without telling a key.
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def _replace(path: Path, content: dict[str, Any]) -> None:
    _put(path, content, like=path, check=Keyring.load)


def _put(
    path: Path, content: dict[str, Any], *, like: Path, check: Callable[[Path], object]
) -> None:
    """Whole or not at all: who reads meanwhile has the old file or the new one.

    It belongs to whom `like` belongs to. A link stays one: what it leads to is replaced.
    """
    path = path.resolve()
    before, draft = like.stat(), path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    try:
        os.chown(draft, before.st_uid, before.st_gid)
        draft.chmod(before.st_mode & 0o777)
        with draft.open("w") as file:
            file.write(json.dumps(content, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        check(draft)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="keys", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("act", nargs="?", choices=("list", "add", "pins", "use"), default="list")
    parser.add_argument("slot", nargs="?", type=int)
    parser.add_argument("--now", action="store_true", help="use a new slot without waiting")
    parser.add_argument("--dir", type=Path, help="the folder of the secrets")
    asked = parser.parse_args(arguments)
    if (asked.act == "use") != (asked.slot is not None):
        parser.error("use needs the number of a slot, the others take none")
    path = (asked.dir or Settings().secrets_dir) / FILE
    try:
        with alone(path.parent):
            said = _done(asked.act, asked.slot, path, asked.now)
            current, known = slots(path)
            hidden = PinKeys.load(path.with_name(PIN_FILE)).slots
    except (NotNow, KeyringError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{said}slots {_listed(known)}; new codes use slot {current}\n")
    sys.stdout.write(f"hidden numbers: slots {_listed(hidden)}\n" if hidden else _NO_PINS)
    return 0


def _done(act: str, slot: int | None, path: Path, at_once: bool) -> str:
    """Do what was asked; what is to be told of it."""
    if act == "add":
        added = add(path, time.time())
        give_pins(path)
        return f"slot {added} added; in {KNOWN_SECONDS:.0f} s: use {added}\n"
    if act == "pins":
        given = give_pins(path)
        return f"slots {_listed(given)} got a key for hidden numbers\n" if given else ""
    if slot is not None:
        use(path, slot, time.time(), at_once=at_once)
    return ""


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))


if __name__ == "__main__":
    sys.exit(main())
