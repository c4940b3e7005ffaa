"""Chromium as tests start it: Debian's, without a display, without talking to its maker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@asynccontextmanager
async def started() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=ARGUMENTS
        )
        yield browser
        await browser.close()


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
