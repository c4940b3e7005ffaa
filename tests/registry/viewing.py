"""Registry's pages in Chromium: the application under test, served from this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from playwright.async_api import Browser, Page

from tests.polling import eventually
from tests.registry.conftest import Registry


@asynccontextmanager
async def served(registry: Registry) -> AsyncIterator[str]:
    """The address of the running application, for browsers."""
    server = uvicorn.Server(uvicorn.Config(registry.app, port=0, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@asynccontextmanager
async def page_of(
    browser: Browser, address: str, token: str, *, lang: str = "vi", **options: Any
) -> AsyncIterator[tuple[Page, list[str]]]:
    """A page of somebody signed in, and what its console complains of meanwhile.

    `options` are Playwright's of a context: viewport, has_touch, geolocation …
    """
    context = await browser.new_context(base_url=address, locale=lang, **options)
    await context.add_cookies(
        [
            {"name": "txng_access", "value": token, "url": address},
            {"name": "txng_lang", "value": lang, "url": address},
        ]
    )
    page = await context.new_page()
    heard: list[str] = []
    page.on(
        "console",
        lambda message: None if "Failed to load" in message.text else heard.append(message.text),
    )
    page.on("pageerror", lambda error: heard.append(str(error)))
    try:
        yield page, heard
    finally:
        await context.close()
