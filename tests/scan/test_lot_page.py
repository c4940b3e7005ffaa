"""The pages of the resolver in a browser: on the narrowest phone, for axe, in each language."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser

from tests.languages_of_parts import unmarked
from tests.polling import eventually
from tests.scan.labels import Labelled
from tests.scan.test_resolver import settled
from tests.scan.world import Scans, World, name, notice

WIDTH = 320


@pytest.fixture(scope="module")
async def pages(world: World, scans: Scans) -> dict[str, str]:
    """Paths of what can be met: a lot, a recalled one, one not on record, nothing, a wrong one."""
    sound, recalled = Labelled(), Labelled()
    await settled(world, scans, sound, recalled)
    await world.tell(notice(name("case"), lots=(recalled.lot,)))

    async def red() -> bool:
        return "Lô hàng đang bị thu hồi" in (await scans.http.get(recalled.lot_path)).text

    await eventually(red)
    return {
        "lot": sound.lot_path,
        "recalled": recalled.lot_path,
        "no-lot": f"/01/{sound.gtin}/10/NOT-OURS-123456789",
        "no-product": "/01/09506000134352",
        "wrong": "/01/09506000134353",
    }


@pytest.mark.parametrize("lang", ["vi", "en", "zh"])
async def test_a_page_is_read_without_moving_it_aside_and_axe_finds_nothing(
    scans: Scans, pages: dict[str, str], chromium: Browser, lang: str
) -> None:
    context = await chromium.new_context(viewport={"width": WIDTH, "height": 700})
    page = await context.new_page()
    for kind, path in pages.items():
        answer = await scans.http.get(path, headers={"Accept-Language": lang})
        await page.set_content(answer.text)
        found = await Axe().run(page)
        assert found.violations_count == 0, (kind, found.generate_report())
        for size in ("100%", "200%"):
            await page.evaluate(f"document.documentElement.style.fontSize = '{size}'")
            assert await page.evaluate("document.documentElement.scrollWidth") == WIDTH, kind
        if lang != "vi" and kind != "no-product":
            assert unmarked(answer.text, "Đông Triều custard apple") == [], kind
    await context.close()
