"""Takes down, once, the pictures that stayed public after the last that showed them dropped them.

Before there was such a rule a diary's photo and a film's poster, once shown, stayed readable by
whoever kept the address. What is dropped since is taken down at the publication itself.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection
from typing import Final

import structlog

from services.registry.store import shown
from shared import audit
from shared.mongo import Database, Tx, is_outage, transact

log = structlog.get_logger()
MARKS: Final = "locks"
KEY: Final = {"_id": "taking_down"}
BATCH: Final = 200
RETRY_SECONDS: Final = 5.0


async def work_off(db: Database) -> None:
    """Until it is done; while the database is away it waits."""
    while True:
        try:
            await take_down_all(db)
            return
        except Exception as error:
            if not is_outage(error):
                log.exception("pictures that nothing shows could not be taken down")
            await asyncio.sleep(RETRY_SECONDS)


async def take_down_all(db: Database) -> int:
    """Goes on where it stopped; how many were taken down."""
    marks = db.collection(MARKS)
    known = await marks.find_one(KEY) or {}
    last, number = known.get("last", ""), 0
    done = bool(known.get("done"))
    while not done:
        rows, following = await shown.unshown(db, last, BATCH)
        of: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            of[row["facility_id"]].append(row["_id"])
        for facility_id, pictures in of.items():
            number += await _take_down(db, pictures, facility_id)
        last, done = following or last, not following
        await marks.update_one(KEY, {"$set": {"last": last, "done": done}}, upsert=True)
    return number


async def _take_down(db: Database, pictures: Collection[str], facility_id: str) -> int:
    async def work(tx: Tx) -> int:
        hidden = await shown.take_down(tx, pictures, facility_id)
        for picture in hidden:
            await audit.accepted(tx, None, "media.take_down", picture, facility=facility_id)
        return len(hidden)

    return await transact(db, work)
