"""identity running once for each test module."""

from collections.abc import AsyncIterator

import pytest

from services.identity.settings import IdentitySettings
from shared.settings import Settings
from tests.identity.running_identity import Identity, running


@pytest.fixture(scope="module")
async def identity(settings: Settings) -> AsyncIterator[Identity]:
    # Most tests set first passwords by the quickest way; test_claims.py has the usual one.
    async with running(
        IdentitySettings(**settings.model_dump(), setup_codes_shown=True)
    ) as started:
        yield started
