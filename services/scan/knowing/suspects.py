"""Which stamps are thought to be copied, all of them: read once a second in scan's own database.

Those who decide it (the recorder, the staff) write there, one after another, each with the number
of its turn; so whatever has a higher number than the last one seen is all that is new.
"""

import structlog

from services.scan.domain.tally import Stamp
from services.scan.store import suspicions
from shared.mongo import Database

log = structlog.get_logger()


class Suspects:
    """The stamps that buyers are warned of."""

    def __init__(self) -> None:
        self.stamps: set[Stamp] = set()
        self.revision = 0

    async def load(self, db: Database) -> None:
        """Everything, at the start: before it, no stamp is called genuine."""
        self.revision, stamps = await suspicions.shown(db)
        self.stamps = set(stamps)
        if len(stamps) >= suspicions.MOST_SHOWN:
            log.error("more stamps are suspected than a replica holds", most=len(stamps))

    async def follow(self, db: Database) -> bool:
        """Take in what changed since; whether anything did."""
        changed = await suspicions.changed_after(db, self.revision)
        for revision, stamp, shown in changed:
            self.revision = revision
            if shown and len(self.stamps) < suspicions.MOST_SHOWN:
                self.stamps.add(stamp)
            else:
                self.stamps.discard(stamp)
        return bool(changed)
