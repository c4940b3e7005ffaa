"""A long page in Chromium: its parts stand on top, and the menu opens where the reader is."""

from typing import Any, Final

from playwright.async_api import Browser, expect

from tests.chromium import page_of
from tests.recall.builders import lot
from tests.recall.conftest import Recall

LARGE: Final[dict[str, Any]] = {"viewport": {"width": 1280, "height": 500}}


async def test_the_consoles_menu_opens_where_the_reader_is(
    province: Recall, chromium: Browser, address: str
) -> None:
    await province.know(lot("cc2"))
    case_id = (await province.order("cc2"))["id"]
    async with page_of(chromium, address, province.token(), **LARGE) as (page, _):
        await page.goto(f"/console/recall/{case_id}")
        await expect(page.locator("nav.contents")).to_be_visible()
        await expect(page.locator("details.contents")).to_be_hidden()
        await expect(page.locator(".side [aria-current]")).to_be_in_viewport()
