"""The stamp pages in the browsers inside of apps, down to the WebView of Android 6 (Chrome 44).

What such a WebView does not know it drops: a rule whose selector it cannot read, a declaration
whose property or value. The style sheet is read here in the same way and drawn by today's browser.
"""

import re
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.async_api import Browser, Page

from services.scan.answering.forms import Forms
from services.scan.answering.styling import style
from services.scan.answering.words import VERDICTS
from tests.scan.test_every_verdict import page_of
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, Scans, World

IN_APP: Final = {
    "Zalo": "Mozilla/5.0 (Linux; Android 6.0.1; SM-G532G) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Version/4.0 Chrome/44.0.2403.119 Mobile Safari/537.36 Zalo android/12080400",
    "Facebook": "Mozilla/5.0 (Linux; Android 7.0; SM-J730G; wv) AppleWebKit/537.36 (KHTML, like"
    " Gecko) Version/4.0 Chrome/60.0.3112.116 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/150.0.0.40;]",
    "iCheck": "Mozilla/5.0 (iPhone; CPU iPhone OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML,"
    " like Gecko) Mobile/15E148 iCheck/7.8",
}
# Properties that Chrome 44 knows.
KNOWN: Final = frozenset(
    [
        "background",
        "border",
        "border-color",
        "border-radius",
        "border-top",
        "border-top-style",
        "border-width",
        "bottom",
        "box-sizing",
        "color",
        "content",
        "cursor",
        "display",
        "fill",
        "flex",
        "flex-wrap",
        "float",
        "font",
        "font-family",
        "font-size",
        "font-variant-numeric",
        "font-weight",
        "height",
        "align-items",
        "justify-content",
        "left",
        "letter-spacing",
        "line-height",
        "list-style",
        "margin",
        "margin-left",
        "margin-right",
        "margin-top",
        "margin-bottom",
        "max-width",
        "min-height",
        "min-width",
        "object-fit",
        "outline",
        "outline-offset",
        "overflow",
        "padding",
        "padding-bottom",
        "padding-left",
        "padding-right",
        "padding-top",
        "position",
        "right",
        "stroke",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-width",
        "text-align",
        "text-decoration",
        "text-transform",
        "top",
        "transform",
        "white-space",
        "width",
        "word-break",
        "word-wrap",
        "z-index",
        "overflow-wrap",
        "-webkit-text-size-adjust",
    ]
)
# What may be missing, since nothing is lost but looks.
COSMETIC: Final = {
    "color-scheme": "only a light page",
    "text-size-adjust": "the prefixed one stands before it",
    "text-wrap": "a headline breaks less evenly",
    "text-underline-offset": "the line lies closer to the letters",
    "aspect-ratio": "a picture has its own ratio",
    "columns": "one column",
    "column-gap": "one column",
    "break-inside": "one column",
    "grid-template-columns": "blocks, one below another",
    "grid-column": "blocks, one below another",
    "grid-gap": "blocks have margins",
}
NEW_VALUE: Final = re.compile(
    r"var\(|clamp\(|\bmin\(|\bmax\(|minmax\(|\bfit-content|\banywhere\b|^grid$|^inline-grid$"
    r"|#(?:[0-9a-f]{4}|[0-9a-f]{8})(?![0-9a-f])|\b\w+ [\d.]+\w* [\d.]+\w*,"
)
NEW_SELECTOR: Final = re.compile(r":is\(|:where\(|:has\(|:focus-visible|:focus-within|::marker")
NEW_SELECTORS_ALLOWED: Final = {
    ":focus-visible{": "the browser draws its own ring",
    ".do li::marker{": "numbers in the colour of text",
}
NEW_MEDIA: Final = re.compile(r"@supports|prefers-color-scheme|@container|@layer")


def blocks(css: str) -> Iterator[tuple[str, str]]:
    """Each rule as (selector, declarations); of conditions only those that Chrome 44 takes."""
    place = 0
    while place < len(css):
        opened = css.index("{", place)
        head, depth, end = css[place:opened], 1, opened + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        inside = css[opened + 1 : end - 1]
        if not head.startswith("@"):
            yield head, inside
        elif not NEW_MEDIA.search(head):
            yield head, "".join(f"{one}{{{two}}}" for one, two in blocks(inside))
        place = end


def declarations(inside: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (one.partition(":") for one in inside.split(";"))]


def is_understood(name: str, value: str) -> bool:
    return name in KNOWN and not NEW_VALUE.search(value)


def as_read_by_chrome_44(css: str) -> str:
    read = ""
    for head, inside in blocks(css):
        if head.startswith("@"):
            read += f"{head}{{{as_read_by_chrome_44(inside)}}}"
        elif not NEW_SELECTOR.search(head):
            kept = [f"{n}:{v}" for n, v in declarations(inside) if is_understood(n, v)]
            read += f"{head}{{{';'.join(kept)}}}"
    return read


def rules(css: str) -> Iterator[tuple[str, str]]:
    for head, inside in blocks(css):
        if head.startswith("@"):
            yield from rules(inside)
        else:
            yield head, inside


def test_nothing_but_looks_depends_on_what_old_webviews_lack() -> None:
    for head, inside in rules(str(style())):
        if NEW_SELECTOR.search(head):
            assert f"{head}{{" in NEW_SELECTORS_ALLOWED, head
            continue
        before: set[str] = set()
        for name, value in declarations(inside):
            if is_understood(name, value):
                before.add(name)
                continue
            excused = name.startswith("--") or name in COSMETIC or value == "grid"
            replaced = name in before or (name == "overflow-wrap" and "word-wrap" in before)
            assert excused or replaced, f"{head} {{{name}: {value}}} has nothing before it"


def test_the_reader_of_old_style_sheets_drops_what_it_should() -> None:
    css = (
        ".a{color:red;color:var(--x);gap:1rem}:is(h1,h2){color:red}"
        "@supports (display:grid){.b{margin:0}}@media (min-width:48rem){.c{display:grid;top:0}}"
        ".d{background:#0002;background:#fff}"
    )
    assert as_read_by_chrome_44(css) == (
        ".a{color:red}@media (min-width:48rem){.c{top:0}}.d{background:#fff}"
    )


async def measured(tab: Page) -> dict[str, object]:
    found: dict[str, object] = await tab.evaluate(
        """() => {
            const shown = (one, name) => getComputedStyle(one)[name];
            const box = one => one.getBoundingClientRect();
            const head = document.querySelector('.verdict');
            const cards = [...document.querySelectorAll('.card')];
            const gaps = cards.slice(1).map((one, at) => box(one).top - box(cards[at]).bottom);
            const players = [...document.querySelectorAll('audio')];
            return {
                wide: document.documentElement.scrollWidth,
                ground: shown(head, 'backgroundColor'), ink: shown(head, 'color'),
                card: shown(cards[0], 'backgroundColor'), text: shown(cards[0], 'color'),
                apart: Math.min(999, ...gaps),
                icon: box(head.querySelector('svg')).width,
                player: Math.min(999, ...players.map(one => box(one).width)),
            }
        }"""
    )
    return found


TONES: Final = {
    "good": "rgb(13, 112, 57)",
    "bad": "rgb(176, 18, 23)",
    "caution": "rgb(138, 75, 0)",
    "wait": "rgb(47, 74, 109)",
    "none": "rgb(63, 72, 83)",
}

# Plain, and of what stands against a stamp.
CARDS: Final = ("rgb(255, 255, 255)", "rgb(253, 236, 236)", "rgb(255, 243, 220)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_an_old_webview_shows_every_verdict_in_its_colour_and_nothing_aside(
    chromium: Browser, scheme: str
) -> None:
    forms = Forms(50)
    old = as_read_by_chrome_44(str(style()))
    context = await chromium.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    tab = await context.new_page()
    for verdict, words in VERDICTS.items():
        page, _ = page_of(forms, verdict, "vi")
        assert str(style()) in page
        for width, size in ((320, 100), (360, 100), (360, 200), (800, 100)):
            await tab.set_viewport_size({"width": width, "height": 700})
            await tab.set_content(page.replace(str(style()), old))
            await tab.evaluate(f"document.documentElement.style.fontSize = '{size}%'")
            found = await measured(tab)
            case = (verdict, width, size, found)
            assert found["wide"] == width, case
            assert found["ground"] == TONES[words.tone], case
            assert found["ink"] == "rgb(255, 255, 255)", case
            assert found["card"] in (
                "rgb(255, 255, 255)",
                "rgb(253, 236, 236)",
                "rgb(255, 243, 220)",
            )
            assert found["text"] == "rgb(19, 33, 31)", case
            assert float(str(found["apart"])) >= 8, case
            assert float(str(found["icon"])) >= 48, case
            assert float(str(found["player"])) >= 150, case
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_new_browser_shows_it_at_twice_the_size_of_text_without_moving_it_aside(
    chromium: Browser, scheme: str
) -> None:
    forms = Forms(50)
    context = await chromium.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    tab = await context.new_page()
    for verdict in VERDICTS:
        page, _ = page_of(forms, verdict, "vi")
        for width in (360, 1280):
            await tab.set_viewport_size({"width": width, "height": 700})
            await tab.set_content(page)
            await tab.evaluate("document.documentElement.style.fontSize = '200%'")
            assert await tab.evaluate("document.documentElement.scrollWidth") == width, verdict
    await context.close()


@pytest.mark.parametrize("app", list(IN_APP))
async def test_the_browser_inside_of_an_app_shows_the_page_without_a_script(
    world: World, scans: Scans, chromium: Browser, app: str
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    await becomes(scans, goods.batch, 7, "genuine")
    # What WebViews send; some leave out what they would like to have.
    for accept in ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"):
        headers = {"User-Agent": IN_APP[app], "Accept": accept, "X-Requested-With": "com.zing.zalo"}
        answer = await scans.http.get(f"/{scans.code(goods.batch, 7)}", headers=headers)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "<script" not in answer.text
        # A WebView opens no second window, and asks nobody whether to keep a file.
        assert 'target="' not in answer.text
    context = await chromium.new_context(
        user_agent=IN_APP[app], java_script_enabled=False, viewport={"width": 360, "height": 640}
    )
    tab = await context.new_page()
    await tab.set_content(answer.text)
    assert await tab.get_by_role("heading", level=1).inner_text() == VERDICTS["genuine"].headline
    assert await tab.get_by_role("heading", level=1).is_visible()
    await context.close()
