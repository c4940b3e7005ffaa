"""People at their browsers: each page they come to is looked at, checked and, if asked, kept."""

import asyncio
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize

from deploy.demo.codes import present_step, seconds_until
from tests.journeys.town import SEEDS

PHONE: Final[ViewportSize] = {"width": 360, "height": 740}
DESK: Final[ViewportSize] = {"width": 1280, "height": 900}


@dataclass
class Person:
    """Somebody with a browser of their own, signed in or not."""

    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    @classmethod
    async def come(
        cls,
        browser: Browser,
        origin: str,
        *,
        viewport: ViewportSize = DESK,
        lang: str = "vi",
        script: bool = True,
    ) -> "Person":
        context = await browser.new_context(
            base_url=origin,
            viewport=viewport,
            locale={"vi": "vi-VN", "en": "en-GB", "zh": "zh-CN"}[lang],
            java_script_enabled=script,
            accept_downloads=True,
        )
        context.set_default_timeout(20_000)
        page = await context.new_page()
        person = cls(context, page)
        page.on("console", person._hear)
        return person

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning") and "Failed to load" not in message.text:
            self.complaints.append(message.text)

    async def sign_in(self, username: str, password: str) -> None:
        await self.page.goto("/sign-in?next=/console")
        await self.page.fill("#f-username", username)
        await self.page.fill("#f-password", password)
        await self.press("main form button[type=submit]")
        if "/sign-in/second-factor" in self.page.url:
            await self.look("second-factor")
            await self.show_code("code", username)
        assert "/console" in self.page.url, await self.text()

    async def show_code(self, field: str, username: str) -> None:
        """Type the code of a step that nobody has used yet; wait for one where all are used."""
        step = present_step()
        while True:
            await asyncio.sleep(seconds_until(step))
            await self.page.fill(f"#f-{field}", SEEDS.code(username, step))
            await self.press(f"main form:has(#f-{field}) button[type=submit]")
            if await self.page.locator(f"#f-{field}-error").count() == 0:
                return
            step += 1

    async def open(self, path: str, name: str) -> None:
        """Go there and look at the page."""
        answer = await self.page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        await self.look(name)

    async def press(self, selector: str) -> None:
        """Press a button that sends a form, and wait for the page that comes of it."""
        async with self.page.expect_navigation():
            await self.page.click(selector)

    async def fill(self, **fields: str) -> None:
        """Type into fields, choose options, tick radio buttons, by the names of the fields."""
        for name, value in fields.items():
            control = self.page.locator(f"main [name='{name}']").first
            kind = await control.get_attribute("type")
            tag = await control.evaluate("element => element.tagName")
            if tag == "SELECT":
                await control.select_option(value)
            elif kind == "radio":
                await self.page.check(f"main [name='{name}'][value='{value}']")
            else:
                await control.fill(value)

    async def text(self) -> str:
        """What is to be read on the page, in one line."""
        return re.sub(r"\s+", " ", await self.page.inner_text("body"))

    async def look(self, name: str) -> None:
        """The page fits the screen, axe finds nothing, the browser complains of nothing."""
        page = self.page
        self.seen.append(name)
        await keep(page, name)
        width = page.viewport_size["width"] if page.viewport_size else 0
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} ({page.url}) is {wide} px wide on a screen of {width}"
        found = await Axe().run(page)
        assert found.violations_count == 0, f"{name} ({page.url}):\n{found.generate_report()}"
        assert self.complaints == [], f"{name} ({page.url})"


async def keep(page: Page, name: str) -> None:
    """A picture of the whole page in the folder that TXNG_SCREENSHOTS names, if it does."""
    folder = os.environ.get("TXNG_SCREENSHOTS")
    if folder:
        path = Path(folder) / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=path, full_page=True)
