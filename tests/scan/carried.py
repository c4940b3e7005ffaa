"""Snapshots for offline checks as tests make and read them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from services.scan.domain.code_filter import CodeFilter
from services.scan.domain.offline import opened
from services.scan.hearing.feeds import Feeds
from services.scan.offline.building import Builder
from services.scan.store import offline as store
from shared.service import Service
from shared.stampcode import encode
from tests.scan.world import World


class Carried:
    """A snapshot read back as a telephone reads it."""

    def __init__(self, file: bytes) -> None:
        self.head, data, _, _ = opened(file)
        self.size = len(file)
        self.filter = CodeFilter(8 * len(data), data)

    def whys(self, listed: str, **printed: str) -> list[dict[str, Any]]:
        """The grounds of what is listed with these words."""
        return [
            self.head["grounds"][place]
            for one in self.head[listed]
            if all(one.get(key) == value for key, value in printed.items())
            for place in one.get("why", ())
        ]


class Making:
    """Publishers, the projection and a builder, with the database they work on."""

    def __init__(self, world: World, service: Service, feeds: Feeds) -> None:
        self.world, self.db, self.feeds = world, service.db, feeds

    def builder(self, **changes: Any) -> Builder:
        settings = self.world.settings.model_copy(update=changes)
        return Builder(self.db, self.feeds, settings)

    async def carried(self, **changes: Any) -> Carried:
        made = await self.builder(**changes).build()
        file = await store.file_of(self.db, made.number)
        assert file is not None
        return Carried(file)

    async def told(self, *events: Any) -> None:
        await self.world.tell(*events)

    def code(self, batch: int, serial: int) -> str:
        return encode(self.world.keyring, batch, serial)


@asynccontextmanager
async def making_in(world: World) -> AsyncIterator[Making]:
    async with world.projecting() as service:
        await store.prepare(service.db)
        feeds = Feeds(world.settings.feeds)
        yield Making(world, service, feeds)
        await feeds.close()
