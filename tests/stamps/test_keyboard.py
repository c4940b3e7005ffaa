"""With the keyboard alone and without a script: stamps are activated, drawn and printed."""

import re

from playwright.async_api import Browser, Page, expect

from tests.stamps.conftest import CONSOLE, Stamps

FOCUSED = """() => {
    const one = document.activeElement, look = getComputedStyle(one);
    const ring = look.outlineStyle != 'none' && parseFloat(look.outlineWidth) > 0;
    return [one.name || '', one.type || '', ring || look.boxShadow != 'none'];
}"""
MOST_STOPS = 60


async def go_to(page: Page, name: str = "", kind: str = "") -> None:
    """Tab to the field or button; whatever is passed shows that it has the focus."""
    for _ in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        found, found_kind, shown = await page.evaluate(FOCUSED)
        assert shown, f"{found} {found_kind} does not show that it has the focus"
        if (name and found == name) or (kind and found_kind == kind):
            return
    raise AssertionError(f"{name or kind} is not reached")


async def fill(page: Page, name: str, text: str) -> None:
    await go_to(page, name)
    await page.keyboard.press("Control+A")
    await page.keyboard.type(text)


async def test_stamps_are_activated_drawn_and_printed_by_the_keyboard_alone(
    stamps: Stamps, address: str, chromium: Browser
) -> None:
    farm = await stamps.a_farm()
    number = await stamps.a_batch(farm, 100)
    context = await chromium.new_context(
        base_url=address,
        locale="vi-VN",
        java_script_enabled=False,
        viewport={"width": 360, "height": 700},
    )
    token = stamps.operator(farm.facility)
    await context.add_cookies([{"name": "txng_access", "value": token, "url": address}])
    page = await context.new_page()
    batch = f"{address}{CONSOLE}/batches/{number}"

    await page.goto(f"{batch}/activate")
    await fill(page, "first", "0")
    await fill(page, "last", "9")
    await go_to(page, "lot_id")
    await page.keyboard.press("ArrowDown")
    await go_to(page, kind="submit")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(batch)

    await page.goto(f"{address}{CONSOLE}/designs/new")
    await fill(page, "name", "Tem bàn phím")
    await go_to(page, "size")
    await page.keyboard.press("ArrowDown")
    await go_to(page, kind="submit")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tem bàn phím")

    await page.goto(f"{batch}/print")
    await fill(page, "first", "0")
    await fill(page, "last", "9")
    await go_to(page, kind="submit")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/print-jobs/"))
    await context.close()
