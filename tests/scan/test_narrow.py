"""A stamp page on the narrowest phone, its text as it is and twice as large: nothing aside."""

import pytest
from playwright.async_api import Browser

from tests.scan.test_languages import told
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, Scans, World

WIDTH = 320


@pytest.mark.parametrize("lang", ["vi", "en", "zh"])
async def test_a_stamp_s_page_is_read_without_moving_it_aside(
    world: World, scans: Scans, chromium: Browser, lang: str
) -> None:
    active = Goods()
    await world.tell(*active.passports(), active.segment())
    await becomes(scans, active.batch, 7, "genuine")
    everything = await told(world, scans)
    context = await chromium.new_context(viewport={"width": WIDTH, "height": 700})
    page = await context.new_page()
    for batch in (active.batch, everything.batch):
        # Unissued serials are pages too.
        for serial in (7, 700, 5_000):
            await page.set_content(await scans.page(batch, serial, **{"Accept-Language": lang}))
            for size in ("100%", "200%"):
                await page.evaluate(f"document.documentElement.style.fontSize = '{size}'")
                wide = await page.evaluate("document.documentElement.scrollWidth")
                assert wide == WIDTH, (serial, size)
    await context.close()
