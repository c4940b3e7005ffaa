"""What everybody reads of the log: checkpoint, entries, proofs, and what it says of one stamp.

Nothing is told that the newest checkpoint does not cover.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.stamps.log import tree, verify
from services.stamps.log.checkpoints import Checkpoint
from services.stamps.log.leaves import HOLD, NOTICE
from services.stamps.store import log as store
from services.stamps.store.log import Entry
from shared import stampcode
from shared.errors import Kind, Refusal
from shared.mongo import Database


class LogNotSignedYet(Refusal):
    code = "log_not_signed_yet"
    kind = Kind.UNAVAILABLE
    message = "Sổ minh bạch đang được mở lần đầu. Hãy thử lại sau ít giây."


class BeyondTheLog(Refusal):
    code = "beyond_the_log"
    kind = Kind.INVALID
    message = "Sổ minh bạch hiện có {size} mục được ký. Hãy hỏi trong phạm vi đó."


class StampNotInLog(Refusal):
    """Forged, never issued, and issued a moment ago are answered alike."""

    code = "stamp_not_in_log"
    kind = Kind.NOT_FOUND
    message = (
        "Sổ minh bạch không có tem này. Hãy kiểm tra lại mã; tem vừa được cấp thì hãy thử lại sau "
        "một phút."
    )


async def newest(db: Database) -> Checkpoint:
    """The newest checkpoint; raises LogNotSignedYet in the first seconds of an installation."""
    found = (await store.head(db)).checkpoint
    if not found.note:
        raise LogNotSignedYet(retry_after=2)
    return found


async def entries(db: Database, start: int, limit: int) -> tuple[list[Entry], Checkpoint]:
    """Up to `limit` entries from `start` on, as far as the newest checkpoint covers them."""
    checkpoint = await newest(db)
    end = min(start + limit, checkpoint.size)
    return (await store.entries(db, start, end) if start < end else []), checkpoint


@dataclass(frozen=True)
class Proof:
    """`path` proves it against the tree of `size` entries."""

    size: int
    path: list[bytes]


async def inclusion(db: Database, index: int, size: int | None) -> Proof:
    """That entry `index` is among the first `size` (None: of the newest checkpoint).

    Raises BeyondTheLog.
    """
    covered = await _covered(db, size)
    if index >= covered:
        raise BeyondTheLog("index", size=covered)
    return Proof(covered, await _path(db, tree.inclusion(index, covered)))


async def consistency(db: Database, first: int, second: int | None) -> Proof:
    """That the tree of `second` entries begins with that of `first`; raises BeyondTheLog."""
    covered = await _covered(db, second, "second")
    if first > covered:
        raise BeyondTheLog("first", size=covered)
    return Proof(covered, await _path(db, tree.consistency(first, covered)))


async def _covered(db: Database, size: int | None, field: str = "size") -> int:
    checkpoint = await newest(db)
    if size is not None and size > checkpoint.size:
        raise BeyondTheLog(field, size=checkpoint.size)
    return checkpoint.size if size is None else size


async def _path(db: Database, runs: Sequence[tree.Range]) -> list[bytes]:
    return tree.proof(runs, await store.hashes(db, tree.places_needed(runs)))


@dataclass(frozen=True)
class Proven:
    """An entry, and the path that proves it against the checkpoint it is told with."""

    entry: Entry
    path: list[bytes]

    def is_sound(self, told: "StampInLog") -> bool:
        """Whether the proof convinces, judged as an outsider judges it."""
        if told.size != told.checkpoint.size:
            return False
        leaf, root = self.entry.line.encode(), told.checkpoint.root
        return verify.is_included(self.entry.number, told.size, leaf, self.path, root)


@dataclass(frozen=True)
class StampInLog:
    """What the log says of serial `serial` of `batch`, in order, proven for the first `size`
    entries. `more`: only the newest changes or notices are told."""

    batch: int
    serial: int
    size: int
    checkpoint: Checkpoint
    told: list[Proven]
    more: bool


async def of_stamp(
    db: Database, keyring: stampcode.Keyring, code: str, size: int | None = None
) -> StampInLog:
    """Everything that touches the stamp of this code.

    Raises StampNotInLog; a forged code costs no read.
    """
    identity = stampcode.decode(keyring, code)
    if identity is None:
        raise StampNotInLog()
    checkpoint = await newest(db)
    if size is not None and size > checkpoint.size:
        raise BeyondTheLog("size", size=checkpoint.size)
    covered = checkpoint.size if size is None else size
    batch, serial = identity.batch, identity.serial
    issued = await store.batch_entry(db, batch, covered)
    if issued is None or serial >= issued.fact["quantity"]:
        raise StampNotInLog()
    changes = await store.changes_touching(db, batch, serial, covered)
    # A serial's lot never changes once it has one.
    named = {
        "lots": sorted({one.fact["lot"] for one in changes if one.fact.get("lot")}),
        "products": [issued.fact["product"]],
        "facilities": [issued.fact["facility"]],
    }
    notices = await store.notices_touching(
        db, batch=batch, serial=serial, named=named, size=covered
    )
    found = sorted([issued, *changes, *notices], key=lambda one: one.number)
    return StampInLog(
        batch=batch,
        serial=serial,
        size=covered,
        checkpoint=checkpoint,
        told=await _proven(db, found, covered),
        more=store.MOST_OF_A_STAMP in (len(changes), len(notices)),
    )


async def _proven(db: Database, found: Sequence[Entry], size: int) -> list[Proven]:
    """One read for the hashes of all proofs together."""
    runs = [tree.inclusion(entry.number, size) for entry in found]
    known = await store.hashes(db, tree.places_needed(run for path in runs for run in path))
    return [Proven(entry, tree.proof(path, known)) for entry, path in zip(found, runs, strict=True)]


def standing(told: Sequence[Proven]) -> list[Entry]:
    """The notices and holds among these that stand, each by its newest version."""
    newest_of: dict[str, Entry] = {}
    for one in told:
        fact = one.entry.fact
        if fact["kind"] in (NOTICE, HOLD):
            name = f"{fact['kind']} {fact.get('notice') or fact.get('hold')}"
            before = newest_of.get(name)
            if before is None or before.fact["version"] < fact["version"]:
                newest_of[name] = one.entry
    return [entry for entry in newest_of.values() if entry.fact["active"]]
