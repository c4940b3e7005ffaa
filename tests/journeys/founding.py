"""The fixture of a running town, for every package of tests that takes place in one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.journeys.town import Town, founded

# The first test of a package waits for nine processes to start, and perhaps for the whole story.
SECONDS = 300


@pytest_asyncio.fixture(scope="package")
async def town(
    mongo_url: str, amqp_url: str, secrets_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    async with founded(mongo_url, amqp_url, secrets_dir, folder) as found:
        yield found
