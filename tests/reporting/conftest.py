"""The service that all tests of this folder ask."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from services.reporting.main import build
from shared.settings import Settings
from tests.polling import eventually
from tests.reporting.running_reporting import Reporting
from tests.tokens import trust


@pytest.fixture(scope="module")
async def reporting(settings: Settings) -> AsyncIterator[Reporting]:
    app = build(settings)
    async with app.router.lifespan_context(app):
        service = app.state.service
        await eventually(lambda: all(c.connected for c in service.consumers), timeout=30)
        await trust(app.state.db, settings.secrets_dir)
        await app.state.verifier.refresh()
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            made = Reporting(app, client, settings)
            yield made
            await made.close()
