"""Pages without a sign-in on the narrowest phone, the text twice as large too: nothing aside."""

import pytest
from playwright.async_api import Browser

from tests import in_process, wide
from tests.identity.running_identity import Identity

PATHS = ("/apply", "/sign-in", "/sign-in/claim", "/apply/track")


@pytest.mark.parametrize("lang", ["vi", "en", "zh"])
async def test_a_page_is_read_without_moving_it_aside(
    identity: Identity, chromium: Browser, lang: str
) -> None:
    async with in_process.served(identity.app) as address:
        assert await wide.too_wide(chromium, address, PATHS, lang) == {}
