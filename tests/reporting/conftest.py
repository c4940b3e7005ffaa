"""The service that all tests of this folder ask."""

from collections.abc import AsyncIterator

import pytest

from services.reporting.main import build
from shared.settings import Settings
from tests.in_process import running, served
from tests.reporting.running_reporting import Reporting


@pytest.fixture(scope="module")
async def reporting(settings: Settings) -> AsyncIterator[Reporting]:
    async with running(build(settings), Reporting, settings) as found:
        yield found


@pytest.fixture(scope="module")
async def address(reporting: Reporting) -> AsyncIterator[str]:
    """Of the running service, for browsers."""
    async with served(reporting.app) as found:
        yield found
