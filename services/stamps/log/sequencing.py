"""The sequencer: gives what waits its place in the log and signs the new head, in one transaction.

Every replica runs one. All write to the one head, so of two at once one begins again; killed
anywhere, either all of a step happened or none of it, and a signature that was not committed was
never shown.
"""

import asyncio
import json
import os
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from prometheus_client import Gauge

from services.stamps.log import checkpoints, tree
from services.stamps.log.checkpoints import Checkpoint
from services.stamps.log.leaves import SALT_BYTES, Leaf, leaf_of
from services.stamps.settings import StampsSettings
from services.stamps.store import log as store
from shared.crashpoints import crash_point
from shared.errors import EditConflict
from shared.ids import now
from shared.mongo import Database, Tx, is_outage, transact

log = structlog.get_logger()

LOOK_SECONDS = 0.5
# A checkpoint says when it was signed; readers accept none that is older than a minute.
RENEW_SECONDS = 20.0
OWN_AT_ONCE = 1_000
# A notice may name thousands of lots, so fewer of them go in one transaction.
QUEUED_AT_ONCE = 100

size_told = Gauge("txng_log_size", "Entries of the transparency log")
signed_at = Gauge("txng_log_signed_timestamp_seconds", "When the newest checkpoint was signed")


class LogBroken(Exception):
    """What is stored is not the tree that was signed: nothing more is signed here."""


class Remembered:
    """The newest tree this process knows to have been signed, also over restarts if `file` is set.

    Whoever sets the database back to an older state would otherwise have a second tree signed.
    """

    def __init__(self, file: Path | None, origin: str) -> None:
        self._file = file
        self._origin = origin
        self.size, self.root = self._read()

    def note(self, checkpoint: Checkpoint) -> None:
        if checkpoint.size < self.size:
            return  # Another replica's, read late.
        grown = checkpoint.size > self.size or self.size == 0
        self.size, self.root = checkpoint.size, checkpoint.root
        if self._file is not None and grown:
            self._write(self._file, checkpoint)

    def _read(self) -> tuple[int, bytes]:
        if self._file is None or not self._file.exists():
            return 0, tree.EMPTY_ROOT
        kept = json.loads(self._file.read_text(encoding="utf-8"))
        if kept["origin"] != self._origin:
            return 0, tree.EMPTY_ROOT  # A log that was begun anew, under another name.
        return kept["size"], bytes.fromhex(kept["root"])

    def _write(self, file: Path, checkpoint: Checkpoint) -> None:
        kept = {
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "note": checkpoint.note,
        }
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        draft.write_text(json.dumps(kept), encoding="utf-8")
        draft.replace(file)


def origin_of(settings: StampsSettings) -> str:
    """The log's name, which its checkpoints begin with and its key bears."""
    return settings.log_origin or f"{urlsplit(settings.public_origin).netloc}/log"


@dataclass(frozen=True, slots=True)
class Step:
    """What a transaction did: `more` if it left some to do."""

    checkpoint: Checkpoint
    more: bool


class Sequencer:
    def __init__(self, db: Database, settings: StampsSettings) -> None:
        self._db = db
        self._key = checkpoints.key_of(settings.secrets_dir)
        self._origin = origin_of(settings)
        self._remembered = Remembered(settings.log_checkpoint_file, self._origin)
        self._seen = ""
        self._seen_at = time.monotonic() - RENEW_SECONDS

    async def work_off(self, clock: datetime | None = None) -> bool:
        """Append and sign what there is to; True if more waits."""
        head = await store.head(self._db)
        self._note(head.checkpoint)
        waits = (
            head.taken < await store.numbered(self._db)
            or head.checkpoint.origin != self._origin
            or await store.is_waiting(self._db)
        )
        if not waits and time.monotonic() - self._seen_at < RENEW_SECONDS:
            return False
        moment = clock or now()
        step = await transact(self._db, lambda tx: self._step(tx, moment))
        crash_point("log.committed")
        await asyncio.to_thread(self._remembered.note, step.checkpoint)
        self._note(step.checkpoint)
        self._seen_at = time.monotonic()
        return step.more

    def _note(self, checkpoint: Checkpoint) -> None:
        """Another replica may have signed it; the monotonic clock says how long ago that was seen,
        for clocks on the wall are set back and forth."""
        if checkpoint.note != self._seen:
            self._seen, self._seen_at = checkpoint.note, time.monotonic()
            size_told.set(checkpoint.size)
            signed_at.set(checkpoint.at)

    async def _step(self, tx: Tx, moment: datetime) -> Step:
        before = await store.head(tx)
        size = before.checkpoint.size
        known = await self._checked(tx, before.checkpoint)
        numbered = await store.numbered(tx)
        upto = min(before.taken + OWN_AT_ONCE, numbered)
        events = await store.own_events(tx, before.taken, upto)
        queued = await store.take_queued(tx, QUEUED_AT_ONCE)
        found = [*(leaf_of(event, os.urandom(SALT_BYTES)) for event in events), *queued]
        leaves = await self._new(tx, found)
        kept, root = tree.grown(size, known, (leaf.line.encode() for leaf in leaves))
        if leaves:
            await store.append(tx, size, leaves, kept, moment)
        crash_point("log.appended")
        # The time in the log never runs back, whatever the clocks do.
        at = max(int(moment.timestamp()), before.checkpoint.at)
        made = checkpoints.signed(self._key, self._origin, size + len(leaves), root, at)
        await store.move_head(tx, before, store.Head(made, upto))
        crash_point("log.before_commit")
        return Step(made, upto < numbered or len(queued) == QUEUED_AT_ONCE)

    async def _new(self, tx: Tx, found: list[Leaf]) -> list[Leaf]:
        """Without what is in the log already: events may be heard again, long after."""
        told = await store.told(tx, [leaf.key for leaf in found])
        by_key = {leaf.key: leaf for leaf in reversed(found) if leaf.key not in told}
        return [leaf for leaf in found if by_key.get(leaf.key) is leaf]

    async def _checked(self, tx: Tx, signed: Checkpoint) -> tree.Hashes:
        """The hashes that the tree is extended from; raises LogBroken where what is stored is not
        what was signed."""
        remembered = self._remembered
        if signed.size < remembered.size:
            raise LogBroken(
                f"{remembered.size} entries were signed and {signed.size} are left: the database "
                "was set back; see docs/operations.md"
            )
        runs = [(0, signed.size), (0, remembered.size)]
        known = await store.hashes(tx, tree.places_needed(runs))
        for size, root in ((signed.size, signed.root), (remembered.size, remembered.root)):
            try:
                sound = tree.root(size, known) == root
            except KeyError:
                sound = False
            if not sound:
                raise LogBroken(f"the first {size} entries are not those that were signed")
        return known


async def keep(db: Database, settings: StampsSettings) -> None:
    """Work off what waits and renew the signature, until cancelled."""
    sequencer = Sequencer(db, settings)
    while True:
        more = False
        try:
            more = await sequencer.work_off()
        except EditConflict:
            more = True  # Another replica was quicker.
        except LogBroken as broken:
            log.error("the transparency log is not signed any more", why=str(broken))
            await asyncio.sleep(RENEW_SECONDS)
        except Exception as error:
            if not is_outage(error):
                log.exception("the transparency log could not be continued")
            await asyncio.sleep(1.0)
        if not more:
            await asyncio.sleep(LOOK_SECONDS)
