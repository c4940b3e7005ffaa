"""The identity process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.identity import api, pages, store
from services.identity.actions.enclosing import drop_forgotten
from services.identity.actions.keys import publish_keys
from services.identity.actions.personal import erase_due as erase_old_accounts
from services.identity.consumers import QUEUES
from services.identity.guard import Guard
from services.identity.settings import IdentitySettings
from services.identity.store.readers import KEPT
from services.identity.unrecorded import UNRECORDED
from shared import telemetry
from shared.ids import now
from shared.mongo import Database
from shared.service import Service, serve
from shared.web.app import create_app

NAME = "identity"
ERASING_SECONDS = 6 * 3600


def make_app(settings: IdentitySettings) -> FastAPI:
    """Everything the process runs and answers."""
    guard = Guard.make(settings)

    async def prepare(db: Database) -> None:
        await store.prepare(db)
        await publish_keys(guard.keys, db=db, now=now())

    async def publish_again() -> None:
        while settings.keys_again_seconds:
            await asyncio.sleep(settings.keys_again_seconds)
            await publish_keys(guard.keys, db=service.db, now=now(), again=True)

    async def erase_due() -> None:
        while True:
            await erase_old_accounts(settings.erase_after_years, db=service.db, now=now())
            await drop_forgotten(db=service.db, now=now())
            await asyncio.sleep(ERASING_SECONDS)

    service = Service(NAME, settings, queues=QUEUES, prepare=prepare, reads_kept=KEPT)
    service.jobs.append(publish_again)
    service.jobs.append(erase_due)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.guard = guard
        async with service.lifespan(app):
            yield
        guard.hasher.close()

    return create_app(
        NAME,
        title="Tài khoản và phân quyền",
        routers=[service.router, api.router, pages.router],
        lifespan=lifespan,
        settings=settings,
        unrecorded=UNRECORDED,
        # What a page was sent passes here while its session is renewed, photos too.
        body_limits={"/session/": 40_000_000},
    )


if __name__ == "__main__":
    telemetry.start(NAME)
    settings = IdentitySettings()
    serve(make_app(settings), settings)
