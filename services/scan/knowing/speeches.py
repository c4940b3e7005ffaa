"""Of what there are files to listen to: followed in scan's own database, like suspicions.

A file is named by what it says, so a replica that is late offers too little and never a wrong one.
"""

from collections.abc import Iterable
from typing import Final

from services.scan.domain.aggregates import LOTS, NOTICES, PRODUCTS
from services.scan.store import speeches
from shared.mongo import Database

# Some 25 MB. Beyond it those are forgotten that changed longest ago.
MOST_KNOWN: Final = 100_000


class Speeches:
    """Names of files, by what they speak of."""

    def __init__(self, most: int = MOST_KNOWN) -> None:
        self._names: dict[str, str] = {}
        self._most = most
        self._revision = 0

    def of(self, product_id: str, lot_id: str, notices: Iterable[str]) -> tuple[str, ...]:
        """The files there are for one stamp's page."""
        names = self._names
        if not names:
            return ()
        keys = [f"{PRODUCTS}/{product_id}", f"{LOTS}/{lot_id}"]
        keys += [f"{NOTICES}/{one}" for one in notices]
        return tuple(names[key] for key in keys if key in names)

    async def follow(self, db: Database) -> bool:
        """Take in one page of what changed since; whether anything did."""
        changed = await speeches.changed_after(db, self._revision)
        for revision, key, name in changed:
            self._revision = revision
            self._names.pop(key, None)
            if name:
                self._names[key] = name
        while len(self._names) > self._most:
            del self._names[next(iter(self._names))]
        return bool(changed)
