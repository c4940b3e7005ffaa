"""The desk of a whole test module, and goods that everybody may find there by their names."""

from collections.abc import AsyncIterator

import pytest_asyncio

from services.scan.desk.main import build
from services.scan.store import sought
from shared.settings import Settings
from tests import in_process
from tests.polling import eventually
from tests.scan.desk import Desk
from tests.scan.test_desk import desk_settings
from tests.scan.world import Goods


@pytest_asyncio.fixture(scope="module")
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    made = desk_settings(settings)
    async with in_process.running(build(made), Desk, made) as found:
        yield found


@pytest_asyncio.fixture(scope="module")
async def goods(desk: Desk) -> Goods:
    made = await desk.goods()
    await desk.tell(*made.events())

    async def known() -> bool:
        found = await desk.db.collection(sought.SOUGHT).count_documents({})
        return bool(found >= 2)

    await eventually(known)
    return made
