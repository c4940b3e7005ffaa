"""Makes the snapshot for offline checks anew, again and again, from scan's own read models.

It is dated by the moment before the publishers were asked how far they are, and made once the
projection has passed that: so what it is *as of* is true, and while the projection lags, or a
publisher is away, the last one ages visibly instead.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import structlog

from services.scan.domain import code_filter
from services.scan.domain.aggregates import PUBLISHERS
from services.scan.domain.offline import Snapshot, next_number
from services.scan.hearing.feeds import Feeds, Unanswered
from services.scan.offline import codes, signing
from services.scan.offline.codes import Hashes
from services.scan.offline.listing import listing
from services.scan.settings import ScanSettings
from services.scan.store import models
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
# Signature, number, hosts and the names of what is missing.
HEAD_BYTES = 4_000


class Behind(Exception):
    """The read models did not catch up with the publishers in time."""


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
        await self._caught_up()
        newest = await store.newest(self._db)
        made = await self._made(next_number(newest[0] if newest else 0, as_of), as_of)
        file = signing.signed(signing.key_of(self._settings.secrets_dir), made)
        kept = await store.put(self._db, made.number, as_of, file)
        log.info(
            "a snapshot for offline checks",
            number=made.number,
            bytes=len(file),
            codes=made.codes,
            lots=len(made.listing.lots),
            kept=kept,
        )
        return made

    async def _caught_up(self) -> None:
        """Return once everything that was committed before now is in the read models."""
        marks = await models.projected(self._db)
        heads = {
            publisher: (await self._feeds.ask(publisher, marks.get(publisher, 0))).head
            for publisher in PUBLISHERS
        }
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while any(marks.get(one, 0) < heads[one] for one in PUBLISHERS):
                    await asyncio.sleep(LOOK_SECONDS)
                    marks = await models.projected(self._db)
        except TimeoutError:
            raise Behind("the projection is behind the publishers") from None

    async def _made(self, number: int, as_of: datetime) -> Snapshot:
        room = self._settings.snapshot_megabytes * MEGABYTE
        stands = await store.standing(self._db)
        # Half of it at most is words, whatever there is to tell.
        listed = await listing(stands, room // 2, db=self._db)
        ring = self._ring(self._settings.secrets_dir)
        words = len(msgspec.json.encode(listed)) + HEAD_BYTES
        holds = code_filter.room_in(room - words) // len(codes.slots_of(ring))
        ranges, missing = await codes.collect(codes.wanted(stands), holds, db=self._db)
        pairs = await self._hashes.of(ranges, ring)
        made = await asyncio.to_thread(code_filter.filled, pairs)
        host = self._settings.stamp_host
        origin = self._settings.public_origin.partition("://")[2].rstrip("/")
        return Snapshot(
            number=number,
            as_of=as_of,
            hours=self._settings.snapshot_hours,
            codes=codes.codes_in(pairs),
            filter_bits=made.size,
            filter_data=made.data,
            hosts=tuple(dict.fromkeys((host.lower(), origin.lower()))),
            listing=replace(listed, incomplete=(*listed.incomplete, *missing)),
        )

    def _ring(self, secrets: Path) -> Keyring:
        if self._keys is None:
            self._keys = StampKeys(secrets)
        return self._keys.current()
