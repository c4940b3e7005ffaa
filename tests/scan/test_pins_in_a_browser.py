"""In Chromium: the pages of hidden numbers fit a phone, and axe finds nothing on any answer."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Route

from services.scan.desk.main import build
from services.scan.domain.pin import MOST_WRONG
from shared.settings import Settings
from tests import in_process
from tests.scan.desk import CONSOLE, Desk
from tests.scan.reports import code_of
from tests.scan.test_desk import desk_settings
from tests.scan.test_pins import PIN, number_of, printed, tried, wrong_for


@pytest_asyncio.fixture(scope="module")
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    made = desk_settings(settings)
    async with in_process.running(build(made), Desk, made) as found:
        yield found


async def answers(desk: Desk, lang: str, first: int) -> dict[str, str]:
    """Every answer there is, as its page."""
    goods = await desk.goods()
    await printed(desk, goods, 0, 400)

    async def page(serial: int, number: str) -> str:
        code, address = code_of(desk, goods, serial), f"203.0.{113 + first}.9"
        return (await tried(desk, code, number, lang=lang, address=address)).text

    found = {
        "right": await page(1, number_of(desk, goods, 1)),
        "again": await page(1, number_of(desk, goods, 1)),
        "wrong": await page(2, wrong_for(desk, goods, 2)),
        "mistyped": await page(2, "12"),
        "none": await page(450, "123456"),
        "nothing": (await tried(desk, "0" * 20, "123456", lang=lang)).text,
    }
    for n in range(2, MOST_WRONG + 1):
        found["locked"] = await page(2, wrong_for(desk, goods, 2, n))
    who = desk.browser(desk.approver())
    path = f"{CONSOLE}/suspicions/{goods.batch}/2?lang={lang}"
    found["officials"] = (await who.get(path)).text
    code = code_of(desk, goods, 3)
    found["form"] = (await desk.browser().get(f"{PIN}/{code}?lang={lang}")).text
    return found


def _showing(html: str) -> Callable[[Route], Awaitable[None]]:
    """Answers with a page that was got by sending a form."""

    async def show(route: Route) -> None:
        await route.fulfill(body=html, content_type="text/html; charset=utf-8")

    return show


async def test_every_answer_fits_and_axe_finds_nothing(desk: Desk, chromium: Browser) -> None:
    async with in_process.served(desk.app) as address:
        for place, (width, lang) in enumerate(((360, "vi"), (1280, "en"), (360, "zh"))):
            context = await chromium.new_context(
                base_url=address,
                viewport={"width": width, "height": 800},
                java_script_enabled=True,
            )
            page = await context.new_page()
            for name, html in (await answers(desk, lang, place)).items():
                shown = f"{address}/shown/{name}"
                await page.route(shown, _showing(html))
                await page.goto(shown)
                assert await page.evaluate("document.documentElement.scrollWidth") == width, name
                found = await Axe().run(page)
                assert found.violations_count == 0, f"{name}: {found.generate_report()}"
            await context.close()
