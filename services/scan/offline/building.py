"""Makes the snapshot for offline checks anew, again and again, from scan's own read models.

It is dated by the moment before the publishers were asked how far they are, and made once the
projection has passed that: so what it is *as of* is true, and while the projection lags, or a
publisher is away, the last one ages visibly instead. The read models are read again only where
something bears on it that the publishers told since.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from services.scan.domain import code_filter
from services.scan.domain.aggregates import PUBLISHERS
from services.scan.domain.offline import Snapshot, next_number
from services.scan.hearing.feeds import Feeds, Unanswered
from services.scan.offline import bearing, codes, signing
from services.scan.offline.bearing import Bearing
from services.scan.offline.gathering import gathered
from services.scan.offline.hashing import Hashes, codes_in, slots_of
from services.scan.offline.listing import fitted
from services.scan.offline.ranges import segments_of
from services.scan.offline.wording import worded
from services.scan.settings import ScanSettings
from services.scan.store import models, suspicions
from services.scan.store import offline as store
from shared.ids import now
from shared.mongo import Database, is_outage
from shared.stampcode import Keyring
from shared.stampkeys import StampKeys

log = structlog.get_logger()

WAIT_SECONDS = 20.0
LOOK_SECONDS = 0.25
RETRY_SECONDS = 5.0
MEGABYTE = 1_000_000
# Signature, number, hosts and what is said of all that is missing.
HEAD_BYTES = 7_000
# However little was told: what somebody mended in the database by hand is in it after so long.
READ_ANEW = timedelta(hours=1)


class Behind(Exception):
    """The read models did not catch up with the publishers in time."""


@dataclass(frozen=True, slots=True)
class Made:
    """The last snapshot with all that decides whether the next is the same but for its date.
    `heads` are how far the publishers were, `revision` the newest of what is suspected."""

    snapshot: Snapshot
    bearing: Bearing
    heads: Mapping[str, int]
    revision: int
    ring: Keyring
    read_at: datetime


class Builder:
    """`snapshot_seconds`, `_megabytes` and `_hours` of the settings say how often, how big, and
    for how long it is to be relied on. `clock` is injected by tests."""

    def __init__(
        self,
        db: Database,
        feeds: Feeds,
        settings: ScanSettings,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._db = db
        self._feeds = feeds
        self._settings = settings
        self._clock = clock
        self._hashes = Hashes()
        self._keys: StampKeys | None = None
        self._last: Made | None = None

    async def run(self) -> None:
        while True:
            pause = RETRY_SECONDS
            try:
                if await self._is_due():
                    await self.build()
                pause = min(RETRY_SECONDS, self._settings.snapshot_seconds)
            except (Behind, Unanswered) as error:
                log.info("no new snapshot for offline checks", why=str(error))
            except Exception as error:
                if not is_outage(error):
                    log.exception("a snapshot for offline checks failed")
            await asyncio.sleep(pause)

    async def _is_due(self) -> bool:
        """Several processes that build take turns by what lies there."""
        newest = await store.newest(self._db)
        pause = timedelta(seconds=self._settings.snapshot_seconds)
        return newest is None or self._clock() - newest[1] >= pause

    async def build(self) -> Snapshot:
        """Make, sign and keep one; raises Behind, Unanswered, OSError (no keys)."""
        as_of = self._clock().replace(microsecond=0)
        before, self._last = self._last, None  # What fails is begun anew.
        heads, told = await self._heads(before)
        await self._caught_up(heads)
        newest = await store.newest(self._db)
        number = next_number(newest[0] if newest else 0, as_of)
        revision = await suspicions.newest(self._db)
        ring = self._ring(self._settings.secrets_dir)
        if before is None or told or self._is_over(before, revision, ring, as_of):
            snapshot, bears = await self._read(number, as_of, ring)
            last = Made(snapshot, bears, heads, revision, ring, as_of)
        else:
            dated = replace(before.snapshot, number=number, as_of=as_of)
            last = replace(before, snapshot=dated, heads=heads)
        made = last.snapshot
        file = signing.signed(signing.key_of(self._settings.secrets_dir), made)
        kept = await store.put(self._db, made.number, as_of, file)
        log.info(
            "a snapshot for offline checks",
            number=made.number,
            bytes=len(file),
            codes=made.codes,
            lots=len(made.listing.lots),
            kept=kept,
            read_anew=last.read_at == as_of,
        )
        self._last = last
        return made

    async def _heads(self, before: Made | None) -> tuple[dict[str, int], bool]:
        """How far the publishers are, and whether they told anything since that bears on it."""
        after = before.heads if before else await models.projected(self._db)
        bears = before.bearing if before else None
        answers = [
            await bearing.told(self._feeds, one, after.get(one, 0), bears) for one in PUBLISHERS
        ]
        heads = {one: head for one, (head, _) in zip(PUBLISHERS, answers, strict=True)}
        return heads, any(told for _, told in answers)

    async def _caught_up(self, heads: Mapping[str, int]) -> None:
        """Return once everything that was committed before now is in the read models."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while True:
                    marks = await models.projected(self._db)
                    if all(marks.get(one, 0) >= heads[one] for one in PUBLISHERS):
                        return
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            raise Behind("the projection is behind the publishers") from None

    def _is_over(self, before: Made, revision: int, ring: Keyring, now: datetime) -> bool:
        """Whether something else changed than what the publishers tell."""
        keys = before.ring.by_slot != ring.by_slot
        return keys or before.revision != revision or now - before.read_at >= READ_ANEW

    async def _read(self, number: int, as_of: datetime, ring: Keyring) -> tuple[Snapshot, Bearing]:
        room = self._settings.snapshot_megabytes * MEGABYTE
        stands = await store.standing(self._db)
        found = await gathered(stands, db=self._db)
        # Half of it at most is words, whatever there is to tell.
        words = fitted(found, room // 2)
        places = code_filter.room_in(room - words.bytes - HEAD_BYTES) // len(slots_of(ring))
        want = codes.wanted(stands, found.made)
        ranges, missing, left = await codes.collect(want, places, db=self._db)
        stamps = await asyncio.to_thread(ranges.stamps)
        pairs = await self._hashes.of(stamps, ring)
        made = await asyncio.to_thread(code_filter.filled, pairs)
        listing = words.without_codes(left)
        host = self._settings.stamp_host
        origin = self._settings.public_origin.partition("://")[2].rstrip("/")
        snapshot = Snapshot(
            number=number,
            as_of=as_of,
            hours=self._settings.snapshot_hours,
            codes=codes_in(pairs),
            filter_bits=made.size,
            filter_data=made.data,
            hosts=tuple(dict.fromkeys((host.lower(), origin.lower()))),
            listing=replace(listing, incomplete=worded((*listing.incomplete, *missing))),
        )
        return snapshot, Bearing(want, replace(found, rows=[]), segments_of(stamps))

    def _ring(self, secrets: Path) -> Keyring:
        if self._keys is None:
            self._keys = StampKeys(secrets)
        return self._keys.current()
