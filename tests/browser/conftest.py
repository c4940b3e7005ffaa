"""One running town and one Chromium for the walk through the pages."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests import chromium
from tests.journeys import founding
from tests.patience import mark_all_below

town = founding.town


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark_all_below(Path(__file__).parent, items, founding.SECONDS)


@pytest_asyncio.fixture(name="chromium", scope="package")
async def a_browser() -> AsyncIterator[Browser]:
    async with chromium.started() as browser:
        yield browser
