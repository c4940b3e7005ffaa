"""identity running once for each test module."""

from collections.abc import AsyncIterator, Iterator

import pytest

from services.identity import hashing
from services.identity.settings import IdentitySettings
from shared.settings import Settings
from tests.identity.running_identity import Identity, running


@pytest.fixture(scope="session", autouse=True)
def no_stepping_back() -> Iterator[None]:
    """Passwords are hashed as hard as ever, but not behind everything else that the machine does:
    beside other tests, each sign-in would wait for seconds."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(hashing, "NICENESS", 0)
        yield


@pytest.fixture(scope="module")
async def identity(settings: Settings) -> AsyncIterator[Identity]:
    # Most tests set first passwords by the quickest way; test_claims.py has the usual one.
    async with running(
        IdentitySettings(**settings.model_dump(), setup_codes_shown=True)
    ) as started:
        yield started
