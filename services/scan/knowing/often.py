"""Which stamps were scanned often, and how often: followed in scan's own database (ADR 21).

Only what was counted since the last look is read, a page at a time, so that a busy hour makes the
numbers later and never the answers slower.
"""

import asyncio
from typing import Final

import structlog

from services.scan.domain.often import FEW, UNTOLD, Scanned
from services.scan.store import often
from services.scan.store.often import Place
from shared.mongo import Database

log = structlog.get_logger()

# Some 25 MB. Beyond it those are forgotten whose number has not changed for longest.
MOST_KNOWN: Final = 100_000
EVERY_SECONDS: Final = 1.0
# Between two pages while there is more to read.
PAUSE_SECONDS: Final = 0.1


class OftenScanned:
    """Numbers of scans. `others` is what is said of a stamp that is not among them: fewer than
    five, unless some are not read yet or were forgotten."""

    def __init__(self, most: int = MOST_KNOWN) -> None:
        self.stamps: dict[int, Scanned] = {}
        self.others = UNTOLD
        self._most = most
        self._forgot = False
        self._place = Place()

    def of(self, stamp: int) -> Scanned:
        """`stamp` is the number of the batch, shifted by 20 bits, and that in the batch."""
        return self.stamps.get(stamp, self.others)

    async def run(self, db: Database) -> None:
        while True:
            more = False
            try:
                more = await asyncio.wait_for(self.follow(db), EVERY_SECONDS)
            except Exception as error:
                log.debug("the database does not tell the numbers of scans", error=str(error))
            await asyncio.sleep(PAUSE_SECONDS if more else EVERY_SECONDS)

    async def follow(self, db: Database) -> bool:
        """Take in one page of what was counted since; whether there may be more of it."""
        rows = await often.after(db, self._place)
        for place, scanned in rows:
            self._put(place.stamp, scanned)
            self._place = place
        if len(rows) == often.PAGE:
            return True
        self.others = UNTOLD if self._forgot else FEW
        return False

    def _put(self, stamp: int, scanned: Scanned) -> None:
        # Put anew at the end: at the front is what has not changed for longest.
        self.stamps.pop(stamp, None)
        self.stamps[stamp] = scanned
        if len(self.stamps) > self._most:
            del self.stamps[next(iter(self.stamps))]
            if not self._forgot:
                log.warning("more stamps are scanned often than a replica holds", most=self._most)
            self._forgot, self.others = True, UNTOLD
