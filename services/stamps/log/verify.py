"""Checks the transparency log of TXNG from outside. This one file is the whole program.

It needs Python 3.9 or newer and nothing else, trusts nobody but the key that it is given, and asks
only the public addresses below /api/stamps/v1/log. `python verify.py --help` says how it is used.

What it does: fetch the newest checkpoint and check its signatures and its age; check that the log
begins with everything that was in it the last time (the state file remembers); fetch every entry
since then, or with --all every entry there is, and compute the tree's root anew; with --stamp check
what the system says of one stamp. Formats: RFC 9162 (tree), c2sp.org/signed-note,
c2sp.org/tlog-checkpoint and c2sp.org/tlog-cosignature (checkpoint), RFC 8032 (Ed25519).

Exit status: 0 all is well; 1 the log was tampered with; 2 it could not be checked.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from typing import Any

API = "/api/stamps/v1/log"
OLDEST_SECONDS = 60
PAGE = 200
# Of a stamp no more changes than these are told, and no more notices and holds: the newest.
MOST_TOLD = 300
NEWS = ("notice", "hold")
MOST_BYTES = 64_000_000

Say = Callable[[str], None]
Point = tuple[int, int, int, int]
Fact = dict[str, Any]


class Tampered(Exception):
    """The log shows that it was changed. The message says what, in plain words."""


class NotChecked(Exception):
    """Nothing can be said: no answer, an answer that cannot be read, a wrong argument."""


# ---- Ed25519 (RFC 8032, 5.1.7): signatures are only checked here, nothing is secret --------------

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)


def _point(data: bytes) -> Point | None:
    """The point of 32 bytes as (X, Y, Z, T), or None where they are none."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _add(one: Point, other: Point) -> Point:
    (x1, y1, z1, t1), (x2, y2, z2, t2) = one, other
    a, b = (y1 - x1) * (y2 - x2) % _P, (y1 + x1) * (y2 + x2) % _P
    c, d = 2 * t1 * t2 * _D % _P, 2 * z1 * z2 % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(factor: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            result = _add(result, point)
        point = _add(point, point)
        factor >>= 1
    return result


_BASE = _point((4 * pow(5, -1, _P) % _P).to_bytes(32, "little")) or (0, 1, 1, 0)


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature of 64 bytes over the message is by the key of 32 bytes."""
    public, point = _point(key), _point(signature[:32])
    factor = int.from_bytes(signature[32:], "little")
    if len(key) != 32 or len(signature) != 64 or not public or not point or factor >= _L:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    one = _times(factor, _BASE)
    other = _add(point, _times(int.from_bytes(digest, "little") % _L, public))
    same_x = (one[0] * other[2] - other[0] * one[2]) % _P == 0
    return same_x and (one[1] * other[2] - other[1] * one[2]) % _P == 0


# ---- the tree (RFC 9162, section 2.1) -----------------------------------------------------------


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that only grows: `edge` are the hashes of the perfect subtrees it is made of."""

    def __init__(self, size: int = 0, edge: Sequence[bytes] = ()) -> None:
        self.size, self.edge = size, list(edge)

    def append(self, leaf: bytes) -> None:
        made, number = leaf_hash(leaf), self.size
        while number & 1:
            made, number = node_hash(self.edge.pop(), made), number >> 1
        self.edge.append(made)
        self.size += 1

    @property
    def root(self) -> bytes:
        if not self.edge:
            return hashlib.sha256(b"").digest()
        result = self.edge[-1]
        for one in reversed(self.edge[:-1]):
            result = node_hash(one, result)
        return result


def is_included(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """2.1.3.2: whether the path proves that this leaf has this index in the tree."""
    if not 0 <= index < size:
        return False
    place, last, made = index, size - 1, leaf_hash(leaf)
    for one in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            made = node_hash(one, made)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            made = node_hash(made, one)
        place, last = place >> 1, last >> 1
    return last == 0 and made == root


def is_consistent(
    first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]
) -> bool:
    """2.1.4.2: whether the path proves that the second tree begins with the first."""
    if first == second:
        return first_root == second_root and not path
    if not 0 < first < second or not path:
        return False
    if first & (first - 1) == 0:
        path = [first_root, *path]
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    older = newer = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            older, newer = node_hash(one, older), node_hash(one, newer)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            newer = node_hash(newer, one)
        place, last = place >> 1, last >> 1
    return last == 0 and older == first_root and newer == second_root


# ---- the checkpoint ------------------------------------------------------------------------------


class Key:
    """What a log's signatures are checked with: `<name>+<key id>+<base64 of 0x01 and the key>`."""

    def __init__(self, text: str) -> None:
        try:
            self.name, key_id, data = text.strip().split("+", 2)
            self.bytes = base64.b64decode(data, validate=True)[1:]
        except (ValueError, binascii.Error):
            raise NotChecked(f"This is no key of a log: {text[:100]!r}") from None
        self.text = text.strip()
        if len(self.bytes) != 32 or self.id_of(b"\x01").hex() != key_id:
            raise NotChecked("The key of the log is damaged: its id does not fit.")

    def id_of(self, kind: bytes) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + kind + self.bytes).digest()[:4]


class Checkpoint:
    """A signed head: origin, size, root and the time at which it was signed last."""

    def __init__(self, note: str, key: Key) -> None:
        text, _, signatures = note.rpartition("\n\n")
        text += "\n"
        lines = text.split("\n")
        if len(lines) < 4 or not lines[1].isdecimal() or str(int(lines[1])) != lines[1]:
            raise Tampered("The checkpoint is not one.")
        self.note, self.origin, self.size = note, lines[0], int(lines[1])
        self.root = unpacked(lines[2])
        self.at: int | None = None
        plain = False
        for line in signatures.splitlines():
            dash, _, rest = line.partition(" ")
            name, _, data = rest.partition(" ")
            if dash != "—" or name != key.name:
                continue
            key_id, signature = unpacked(data)[:4], unpacked(data)[4:]
            if key_id == key.id_of(b"\x01"):
                plain = must(is_signed(key.bytes, text.encode(), signature))
            elif key_id == key.id_of(b"\x04"):
                self.at = int.from_bytes(signature[:8], "big")
                timed = f"cosignature/v1\ntime {self.at}\n{text}".encode()
                must(is_signed(key.bytes, timed, signature[8:]))
        if not plain:
            raise Tampered("The checkpoint is not signed by the log's key.")
        if self.origin != key.name:
            raise Tampered(f"The checkpoint is of another log: {self.origin!r}.")


def must(signed: bool) -> bool:
    if not signed:
        raise Tampered("A signature of the checkpoint is forged.")
    return True


def unpacked(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise Tampered(f"This should be base64 and is not: {text[:60]!r}") from None


# ---- asking --------------------------------------------------------------------------------------


class Log:
    """The public addresses of one log."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        if not self.url.startswith(("http://", "https://")):
            raise NotChecked("The address of the system begins with https:// or http://.")

    def text(self, path: str, **query: object) -> str | None:
        asked = {name: value for name, value in query.items() if value is not None}
        address = f"{self.url}{API}{path}" + (f"?{urllib.parse.urlencode(asked)}" if asked else "")
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - see __init__
                found: str = answer.read(MOST_BYTES).decode("utf-8")
                return found
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise NotChecked(f"{address} answered {error.code}.") from None
        except (OSError, ValueError) as error:
            raise NotChecked(f"{address} does not answer: {error}") from None

    def json(self, path: str, **query: object) -> Any:
        text = self.text(path, **query)
        try:
            return None if text is None else json.loads(text)
        except ValueError:
            raise NotChecked(f"{path} answered something that cannot be read.") from None

    def checkpoint(self, key: Key) -> Checkpoint:
        note = self.text("/checkpoint")
        if note is None:
            raise NotChecked("There is no log here.")
        return Checkpoint(note, key)

    def consistency(self, first: int, second: int) -> list[bytes]:
        found = self.json("/proofs/consistency", first=first, second=second)
        if found is None:
            raise Tampered("The log has no proof that it goes on from what it was.")
        return [unpacked(one) for one in found["path"]]

    def entries(self, start: int, end: int) -> Iterator[Fact]:
        """Every entry from start up to, and without, end."""
        while start < end:
            found = self.json("/entries", start=start, limit=min(PAGE, end - start))
            entries = found["entries"] if found else []
            if not entries:
                raise Tampered(f"Entry {start} is missing, though a checkpoint covers {end}.")
            for entry in entries[: end - start]:
                if entry["index"] != start:
                    raise Tampered(f"Where entry {start} should be, there is {entry['index']}.")
                yield entry
                start += 1


# ---- checking ------------------------------------------------------------------------------------


class Kept:
    """What is remembered between two checks: the key, and the tree as it was seen last."""

    def __init__(self, path: str | None) -> None:
        self.path, self.note, self.tree = path, "", Tree()
        self.key: str | None = None
        if path and os.path.exists(path):
            try:
                with open(path, encoding="utf-8") as file:
                    known = json.load(file)
                self.key, self.note = known["key"], known["checkpoint"]
                edge = [base64.b64decode(one) for one in known["edge"]]
                self.tree = Tree(known["size"], edge)
            except (OSError, ValueError, KeyError) as error:
                raise NotChecked(f"The state file {path} cannot be read: {error}") from None

    def keep(self, key: Key, checkpoint: Checkpoint, tree: Tree) -> None:
        if not self.path:
            return
        known = {
            "key": key.text,
            "size": tree.size,
            "edge": [base64.b64encode(one).decode() for one in tree.edge],
            "checkpoint": checkpoint.note,
        }
        draft = f"{self.path}.new"
        with open(draft, "w", encoding="utf-8") as file:
            json.dump(known, file, indent=1)
        os.replace(draft, self.path)


def check_age(checkpoint: Checkpoint, say: Say) -> None:
    if checkpoint.at is None:
        raise Tampered("The checkpoint does not say when it was signed.")
    age = time.time() - checkpoint.at
    if age > 10 * OLDEST_SECONDS:
        raise Tampered(
            f"The newest checkpoint was signed {age / 60:.0f} minutes ago. The log stands still, "
            "or you are shown an old one."
        )
    if age > OLDEST_SECONDS or age < -OLDEST_SECONDS:
        say(f"Note: by this computer's clock the checkpoint is {age:.0f} seconds old.")


def check_growth(log: Log, kept: Kept, checkpoint: Checkpoint) -> None:
    """The new tree begins with the one that is remembered."""
    before = kept.tree
    if checkpoint.size < before.size:
        raise Tampered(
            f"The log was cut off: it had {before.size} entries, now it shows {checkpoint.size}."
        )
    if checkpoint.size == before.size and checkpoint.root != before.root:
        raise Tampered(
            f"There are two logs of {before.size} entries each, both signed: a fork. "
            "What you were shown is not what others are shown."
        )
    if 0 < before.size < checkpoint.size:
        path = log.consistency(before.size, checkpoint.size)
        if not is_consistent(before.size, checkpoint.size, before.root, checkpoint.root, path):
            raise Tampered(
                f"The first {before.size} entries are not what they were: one was changed, "
                "taken out, put in or moved."
            )


def check_entries(
    log: Log, tree: Tree, checkpoint: Checkpoint, look: Callable[[Fact], None]
) -> None:
    """The entries from the end of `tree` on are those of the checkpoint, each of them."""
    for entry in log.entries(tree.size, checkpoint.size):
        tree.append(entry["leaf"].encode("utf-8"))
        look(entry)
    if tree.root != checkpoint.root:
        raise Tampered(
            "The entries that are shown are not those that the checkpoint was signed for."
        )


def check_words(entry: Fact) -> None:
    """The words told beside a leaf are those whose digest is in it."""
    opened, digest = entry.get("opened"), json.loads(entry["leaf"]).get("words")
    if opened:
        salted = bytes.fromhex(opened["salt"]) + opened["text"].encode("utf-8")
        if hashlib.sha256(salted).hexdigest() != digest:
            raise Tampered(f"The words shown with entry {entry['index']} are not those it was for.")


def touches(fact: Fact, batch: int, serial: int, lots: set[str], about: Fact) -> bool:
    """Whether a leaf speaks of this serial; `about` is the batch's own leaf."""
    kind = fact["kind"]
    if kind == "batch_issued":
        return bool(fact["batch"] == batch)
    if kind == "stamps_changed":
        return touches_own(fact, batch, serial)
    if kind == "hold":
        held = {"batch": str(batch), "facility": about["facility"]}
        return bool(fact["target"] == held.get(fact["scope"]))
    return kind == "notice" and bool(
        batch in fact["batches"]
        or about["product"] in fact["products"]
        or about["facility"] in fact["facilities"]
        or not lots.isdisjoint(fact["lots"])
        or any(s["batch"] == batch and s["first"] <= serial <= s["last"] for s in fact["stamps"])
    )


def check_stamp(
    log: Log, code: str, checkpoint: Checkpoint, every: dict[int, Fact] | None, say: Say
) -> None:
    """What the system says of a stamp is in the log; with `every` entry at hand, nothing is left
    out of it either."""
    found = log.json("/stamps/" + urllib.parse.quote(code), size=checkpoint.size)
    if found is None:
        raise NotChecked("The system knows no such stamp, or its batch is not in this log yet.")
    batch, serial = found["batch"], found["serial"]
    told: dict[int, Fact] = {}
    for entry in found["entries"]:
        index, leaf = entry["index"], entry["leaf"].encode("utf-8")
        path = [unpacked(one) for one in entry["path"]]
        if not is_included(index, checkpoint.size, leaf, path, checkpoint.root):
            raise Tampered(f"Entry {index}, told of this stamp, is not in the log.")
        check_words(entry)
        told[index] = json.loads(entry["leaf"])
    issued = [one for one in told.values() if one["kind"] == "batch_issued"]
    if len(issued) != 1 or not 0 <= serial < issued[0]["quantity"]:
        raise Tampered("The log does not say that this stamp was issued.")
    changes = [one for one in told.values() if one["kind"] == "stamps_changed"]
    lots = {one["lot"] for one in changes if one.get("lot")}
    for index, fact in told.items():
        if not touches(fact, batch, serial, lots, issued[0]):
            raise Tampered(f"Entry {index} was told of this stamp and does not speak of it.")
    say(f"Stamp: serial {serial} of batch {batch}; {len(told)} entries speak of it:")
    for index, fact in sorted(told.items()):
        say(
            f"  {index}: {fact['at']} {fact['kind']} {fact.get('change') or fact.get('type') or ''}"
        )
    if every is None:
        say("  (With --all it is also checked that none was left out.)")
        return
    own = [fact for fact in every.values() if touches_own(fact, batch, serial)]
    lots |= {one["lot"] for one in own if one.get("lot")}
    for index, fact in every.items():
        missing = index not in told and touches(fact, batch, serial, lots, issued[0])
        if missing and not is_older(index, fact, told):
            raise Tampered(f"Entry {index} speaks of this stamp, and its page keeps silent on it.")


def is_older(index: int, fact: Fact, told: dict[int, Fact]) -> bool:
    """Whether so many newer ones of its sort are told that this one need not be."""
    own = fact["kind"] == "stamps_changed"
    sort = [n for n, one in told.items() if one["kind"] in (("stamps_changed",) if own else NEWS)]
    return fact["kind"] != "batch_issued" and len(sort) >= MOST_TOLD and index < min(sort)


def touches_own(fact: Fact, batch: int, serial: int) -> bool:
    own = fact["kind"] == "stamps_changed" and fact["batch"] == batch
    return own and bool(fact["first"] <= serial <= fact["last"])


def verify(
    url: str, key_text: str | None, state: str | None, code: str | None, everything: bool, say: Say
) -> None:
    log, kept = Log(url), Kept(state)
    key_text = key_text or kept.key
    if not key_text:
        key_text = log.text("/key")
        say("Note: no key was given, so the system's own word is taken for it this first time.")
        say("      Compare it with the one that the authority has printed elsewhere.")
    key = Key(key_text or "")
    if kept.key and kept.key != key.text:
        raise NotChecked("The state file is of another key; use another file, or --key.")
    say(f"Log {key.name}")
    say(f"Key {key.text}")
    checkpoint = log.checkpoint(key)
    check_age(checkpoint, say)
    check_growth(log, kept, checkpoint)
    every: dict[int, Fact] | None = {} if everything else None
    tree = Tree() if everything else Tree(kept.tree.size, kept.tree.edge)
    start = tree.size

    def look(entry: Fact) -> None:
        check_words(entry)
        if every is not None:
            every[entry["index"]] = json.loads(entry["leaf"])

    check_entries(log, tree, checkpoint, look)
    say(f"Entries {start} to {checkpoint.size} computed anew: they are those that were signed.")
    if code:
        check_stamp(log, code, checkpoint, every, say)
    kept.keep(key, checkpoint, tree)
    say(f"All is well: {checkpoint.size} entries, root {checkpoint.root.hex()}.")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="txng log verify", description="Checks the public transparency log of stamps."
    )
    parser.add_argument("url", help="the system's address, for example https://txng.example.vn")
    parser.add_argument("--key", help="the log's key, as the authority publishes it")
    parser.add_argument("--state", help="a file that remembers what was seen, for the next time")
    parser.add_argument("--stamp", metavar="CODE", help="also check what is said of this stamp")
    parser.add_argument("--all", action="store_true", help="compute the whole log anew")
    given = parser.parse_args(arguments)

    def say(line: str) -> None:
        sys.stdout.write(line + "\n")

    try:
        verify(given.url, given.key, given.state, given.stamp, given.all, say)
    except Tampered as found:
        say(f"TAMPERED: {found}")
        say("Keep the state file as evidence: it holds the signed checkpoint of the last time.")
        return 1
    except NotChecked as why:
        say(f"NOT CHECKED: {why}")
        return 2
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        say(f"TAMPERED: an answer does not have the form it should have ({error!r}).")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
