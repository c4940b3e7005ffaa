"""An import worker as a process of its own, so that a test may kill it.

`python -m tests.registry.import_worker URL DATABASE IMPORT`; ends when nothing waits for it.
"""

import asyncio
import sys
from datetime import timedelta

from services.registry.store import imports
from services.registry.workers import importer
from shared.mongo import Database
from shared.tasks import end

LEASE = timedelta(seconds=1)


async def main(url: str, name: str, import_id: str) -> None:
    db = Database(url, name, "registry")
    work = asyncio.create_task(importer.work_off(db, LEASE))
    while (await imports.get(db, import_id)).working:
        await asyncio.sleep(0.05)
    # The driver may forget a cancellation that comes while it waits; `end` asks again.
    await end(work)
    await db.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
