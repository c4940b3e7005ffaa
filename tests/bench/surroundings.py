"""What a bench needs around it: a MongoDB; for a replica publishers and projector too.

Those run in one process of their own, begun by the bench; it prints one line of JSON when
everything is told and projected, then stays.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy import topology
from deploy.local.mongodb import Mongod
from deploy.local.ports import free_port
from shared import telemetry
from shared.contracts.event import Event
from shared.settings import Settings
from shared.stampcode import encode
from tests.bench.mixture import unmet
from tests.polling import eventually
from tests.scan.world import Goods, World

LOTS = 200
SERIALS = 500
# Batches that are in the read models and in no memory: with lots of their own, and of a lot told.
NEW_LOTS, NEW_BATCHES = 90_000, 30_000


@contextmanager
def own_mongod() -> Iterator[tuple[str, Path]]:
    """The address of a MongoDB that nobody else uses, and a folder; both are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="txng-bench-") as name:
        folder = Path(name)
        server = Mongod(folder / "mongo", free_port())
        server.launch()
        try:
            server.await_ready()
            yield server.url, folder
        finally:
            server.stop()


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

        told = {
            "feeds": world.settings.feeds,
            "codes": [
                encode(world.keyring, one.batch, serial)
                for serial in range(SERIALS)
                for one in goods
            ],
            "new_batches": await unmet(
                world.settings, world.keyring, goods[0], NEW_BATCHES, of_its_lot=True
            ),
            "new_lots": await unmet(world.settings, world.keyring, goods[0], NEW_LOTS),
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    telemetry.start("bench")
    asyncio.run(main(Path(sys.argv[1])))
