"""What a service's stores need before it begins: indexes, and what a newer version fills in.

A new index of a large collection takes minutes, longer than any answer a service waits for. So
this goes over a connection of its own that waits for as long as it takes. The server itself goes
on with an index when whoever asked for it goes away, and lets whoever asks for the same one
meanwhile wait for that very build: a process that is killed and starts again, or several of them
at once, do no harm and do nothing twice.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

import structlog
from pymongo.errors import PyMongoError
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from shared.indexes import progress
from shared.mongo import Database
from shared.settings import Settings
from shared.tasks import end

log = structlog.get_logger()

Prepare = Callable[[Database], Awaitable[None]]
# What is built within this time is told of nowhere: on small collections all of them.
QUIET_SECONDS: Final = 2.0
LOOK_SECONDS: Final = 1.0
LOG_SECONDS: Final = 15.0


class Build:
    """Indexes of one collection that the server is making; `percent` None while it says nothing."""

    def __init__(self, collection: str, names: tuple[str, ...]) -> None:
        self.collection = collection
        self.names = names
        self.began = time.monotonic()
        self.percent: int | None = None
        self.logged = 0.0

    @property
    def seconds(self) -> int:
        return round(time.monotonic() - self.began)

    def told(self) -> dict[str, Any]:
        return {
            "collection": self.collection,
            "indexes": list(self.names),
            "seconds": self.seconds,
            "percent": self.percent,
        }


class Builds(CommandListener):
    """Hears from the driver which indexes are asked for, so that no store need tell."""

    def __init__(self) -> None:
        self._under_way: dict[int, Build] = {}

    def under_way(self) -> list[Build]:
        """Those that take so long that somebody may ask why."""
        return [one for one in self._under_way.values() if one.seconds >= QUIET_SECONDS]

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name == "createIndexes":
            names = tuple(str(one["name"]) for one in event.command["indexes"])
            self._under_way[event.request_id] = Build(event.command["createIndexes"], names)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        one = self._under_way.pop(event.request_id, None)
        if one is not None and one.logged:
            log.info("index built", **one.told())

    def failed(self, event: CommandFailedEvent) -> None:
        one = self._under_way.pop(event.request_id, None)
        if one is not None:
            log.warning("index not built, it is asked for again", **one.told())


class Preparing:
    """Runs `prepare` functions to their end; `told` says what they wait for."""

    def __init__(self, settings: Settings, name: str) -> None:
        self._settings = settings
        self._name = name
        self._builds = Builds()

    def told(self) -> list[dict[str, Any]]:
        """The indexes that are being made just now, as `/readyz` shows them."""
        return [one.told() for one in self._builds.under_way()]

    async def run(self, *steps: Prepare) -> None:
        """Raises what a step raises; the whole may be run again, as often as need be."""
        settings = self._settings
        db = Database(
            settings.mongo_url,
            settings.database(self._name),
            self._name,
            patient=True,
            listeners=[self._builds],
        )
        watching = asyncio.create_task(self._watch(db))
        try:
            for step in steps:
                await step(db)
        finally:
            await end(watching)
            await db.close()

    async def _watch(self, db: Database) -> None:
        """Note how far the server is, and log it now and then, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if not self._builds.under_way():
                continue
            with suppress(PyMongoError):
                await self._look(db)
            for one in self._builds.under_way():
                if not one.logged or time.monotonic() - one.logged >= LOG_SECONDS:
                    one.logged = time.monotonic()
                    log.info("an index is being built", **one.told())

    async def _look(self, db: Database) -> None:
        """A server that lets the service see only its own acts tells no progress."""
        found = await progress(db)
        for one in self._builds.under_way():
            one.percent = found.get(one.collection, one.percent)
