"""Pages on the narrowest phone, the text as it is and twice as large (WCAG 2.2, 1.4.4, 1.4.10)."""

from collections.abc import Iterable

from playwright.async_api import Browser

WIDTH = 320
# What sticks out, but for what is moved within a box of its own.
_OUT = """() => {
  const edge = document.documentElement.clientWidth
  const boxed = e => e && (getComputedStyle(e).overflowX !== 'visible' || boxed(e.parentElement))
  const right = e => e.getBoundingClientRect().left + Math.max(e.scrollWidth, e.offsetWidth)
  return [...document.querySelectorAll('main *, header *, footer *')]
    .filter(e => right(e) > edge && !boxed(e.parentElement))
    .map(e => `${e.localName} ${e.className} ${right(e)} ${e.textContent.trim().slice(0, 30)}`)
    .slice(0, 20)
}"""


# Whose words are cut off or stand beside it, though the page is no wider for it.
_CUT = """() => [...document.querySelectorAll('main .button, main h1, main h2, main h3, main td')]
  .filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1)
  .map(e => `${e.localName} ${e.scrollWidth} in ${e.clientWidth}: ${e.textContent.trim()}`)"""


async def too_wide(
    chromium: Browser, address: str, paths: Iterable[str], lang: str
) -> dict[str, list[str]]:
    """Of each page that must be moved aside to be read, what sticks out; and what is cut off."""
    context = await chromium.new_context(
        base_url=address, locale=lang, viewport={"width": WIDTH, "height": 700}
    )
    await context.add_cookies([{"name": "txng_lang", "value": lang, "url": address}])
    page = await context.new_page()
    found = {}
    for path in paths:
        answer = await page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert await page.evaluate("document.styleSheets.length") > 0
        for size in ("100%", "200%"):
            await page.evaluate(f"document.documentElement.style.fontSize = '{size}'")
            wide = await page.evaluate("document.documentElement.scrollWidth")
            if wide != WIDTH:
                found[f"{path} {size}: {wide}"] = await page.evaluate(_OUT)
            if cut := await page.evaluate(_CUT):
                found[f"{path} {size}: cut"] = cut
    await context.close()
    return found
