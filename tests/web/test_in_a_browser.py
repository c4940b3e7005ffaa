"""In Chromium: readable at every width, accessible, within the policy, working without script."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page

PAGES = ("/", "/console/demo", "/nothing", "/sign-in", "/api/demo/v1/docs")


async def signed_in(browser: Browser, server: str, **options: object) -> BrowserContext:
    context = await browser.new_context(base_url=server, locale="vi-VN", **options)  # type: ignore[arg-type]
    await context.add_cookies([{"name": "txng_access", "value": "officer", "url": server}])
    return context


def complaints(page: Page) -> list[str]:
    """What the browser's console says, apart from the status of a page asked for on purpose."""
    heard: list[str] = []
    page.on(
        "console",
        lambda message: None if "Failed to load" in message.text else heard.append(message.text),
    )
    return heard


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
async def test_pages_fit_and_axe_finds_nothing(
    chromium: Browser, server: str, width: int, scheme: str
) -> None:
    viewport = {"width": width, "height": 800}
    context = await signed_in(chromium, server, viewport=viewport, color_scheme=scheme)
    page = await context.new_page()
    heard = complaints(page)
    for path in PAGES:
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") == width, path
        found = await Axe().run(page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    assert heard == []
    await context.close()


async def test_the_page_of_a_refused_form_starts_at_its_errors(
    chromium: Browser, server: str
) -> None:
    context = await signed_in(chromium, server)
    page = await context.new_page()
    await page.goto("/console/demo")
    await page.fill("#f-code", "x")
    await page.click("text=Lưu lô")
    await page.wait_for_selector("#errors:focus")
    await page.click("#errors a >> nth=0")
    assert await page.evaluate("document.activeElement.id") == "f-code"
    assert await page.input_value("#f-code") == "x"
    assert (await Axe().run(page)).violations_count == 0
    await context.close()


async def test_a_form_typed_before_the_session_expired_arrives(
    chromium: Browser, server: str
) -> None:
    """POST → 307 to the renewal → 307 back: the browser sends the same body again each time."""
    context = await signed_in(chromium, server)
    page = await context.new_page()
    heard = complaints(page)
    await page.goto("/console/demo")
    await page.fill("#f-code", "L-2026-7")
    await page.fill("#f-note", "Gõ trước khi hết phiên")
    await context.clear_cookies(name="txng_access")
    await context.add_cookies([{"name": "txng_refresh", "value": "officer", "url": server}])
    await page.click("text=Lưu lô")
    await page.wait_for_url("**/console/demo/done")
    shown = await page.inner_text(".flash")
    assert "L-2026-7" in shown
    assert "Gõ trước khi hết phiên" in shown
    assert heard == []
    await context.close()


async def test_everything_works_without_script(chromium: Browser, server: str) -> None:
    viewport = {"width": 360, "height": 800}
    context = await signed_in(chromium, server, viewport=viewport, java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/console/demo")
    assert not await page.is_visible(".nav-toggle .side-nav")
    await page.click(".nav-toggle summary")
    assert await page.is_visible(".nav-toggle .side-nav")
    await page.click(".nav-toggle summary")
    await page.click(".chart-table summary >> nth=0")
    assert await page.is_visible("text=12.000")
    await page.click("form[data-confirm] button")
    await page.wait_for_url("**/console/demo")
    assert "Đã duyệt." in await page.inner_text(".flash")
    await context.close()


async def test_a_dangerous_button_asks_first(chromium: Browser, server: str) -> None:
    context = await signed_in(chromium, server)
    page = await context.new_page()
    await page.goto("/console/demo")
    asked: list[str] = []

    async def refuse(dialog: object) -> None:
        asked.append(dialog.message)  # type: ignore[attr-defined]
        await dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", refuse)
    await page.click("form[data-confirm] button")
    assert asked == ["Duyệt lô này?"]
    assert await page.query_selector(".flash") is None
    await context.close()


async def test_the_skip_link_and_the_menu_work_by_keyboard(chromium: Browser, server: str) -> None:
    context = await signed_in(chromium, server)
    page = await context.new_page()
    await page.goto("/console/demo")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "content"
    await page.focus(".account summary")
    await page.keyboard.press("Enter")
    assert await page.is_visible("text=Đăng xuất")
    await page.keyboard.press("Escape")
    assert not await page.is_visible("text=Đăng xuất")
    await context.close()
