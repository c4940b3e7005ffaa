"""What a replica needs around it, in one process of its own: publishers and projector.

Run by a bench; prints one line of JSON when everything is told and projected, then stays.
"""

import asyncio
import json
import sys
from pathlib import Path

from deploy import topology
from shared import telemetry
from shared.contracts.event import Event
from shared.settings import Settings
from shared.stampcode import encode
from tests.polling import eventually
from tests.scan.world import Goods, World

LOTS = 200
SERIALS = 500


async def main(folder: Path) -> None:
    world = World(Settings(), folder)
    # Events for services that do not run here wait in their queues, as they would anywhere.
    await topology.declare(world.settings)
    async with world.publishing(), world.projecting() as projection:
        goods = [Goods() for _ in range(LOTS)]
        for one in goods:
            events: list[Event] = one.events()
            await world.tell(*events)

        async def projected() -> bool:
            return await projection.db.collection("segments").count_documents({}) == LOTS

        await eventually(projected, 60)
        codes = [
            encode(world.keyring, one.batch, serial) for serial in range(SERIALS) for one in goods
        ]
        told = {"feeds": world.settings.feeds, "codes": codes}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    telemetry.start("bench")
    asyncio.run(main(Path(sys.argv[1])))
