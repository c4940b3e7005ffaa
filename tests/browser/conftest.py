"""One running town and one Chromium for the walk through the pages."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.walking import chromium as started
from tests.journeys.town import Town, founded

HERE = Path(__file__).parent
# The first test waits for nine processes to start.
SECONDS = 300


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(SECONDS))


@pytest_asyncio.fixture(scope="package")
async def town(
    mongo_url: str, amqp_url: str, secrets_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    async with founded(mongo_url, amqp_url, secrets_dir, folder) as found:
        yield found


@pytest_asyncio.fixture(scope="package")
async def chromium() -> AsyncIterator[Browser]:
    async with started() as browser:
        yield browser
