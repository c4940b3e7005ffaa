"""Every page that anybody is led to, on a phone: it fits, is not refused, speaks to people."""

import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.async_api import Browser, Error

from tests.browser.walking import PHONE, Person
from tests.journeys.town import Town

PEOPLE = (
    "",
    "htx-na-doi-nang.vanhanh",
    "phuong-an-sinh.vanhanh",
    "phuong-an-sinh.kiemtra",
    "phuong-an-sinh.duyet",
    "phuong-an-sinh.hethong",
    "so-nnmt.duyet",
    "so-nnmt.thuhoi",
    "tinh.baocao",
)
# Files, what leads out of the session, and the reference for programs.
NO_PAGE = re.compile(
    r"\.(pdf|xlsx|csv|json|xml|atom|zip|jpg|png|webp|svg|mp4)$|/(sign-out|media|export|download|v1)/?"
)
AN_ID = re.compile(r"/(?=[\w-]*\d)[\w-]{10,}(?=/|$)")
A_NUMBER = re.compile(r"/\d[\d.-]*(?=/|$)")
NO_WORDS = re.compile(r"\{[a-z_]+\}|\bNone\b|Traceback|\bundefined\b")
# The ledger and a client's page show documents as programs write them.
DOCUMENTS = re.compile(r"/audit/|/clients/")
PAGES_EACH = 150

MEASURE = """() => {
    const page = document.documentElement;
    const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    const words = [], notSpoken = "script, style, pre, code, textarea";
    while (texts.nextNode()) {
        const text = texts.currentNode;
        if (!text.parentElement.closest(notSpoken)) words.push(text.data);
    }
    const links = [...document.querySelectorAll("a[href]")].map(
        a => new URL(a.getAttribute("href"), document.baseURI).href
    );
    const ids = [...document.querySelectorAll("[id]")].map(one => one.id);
    const controls = document.querySelectorAll("input:not([type=hidden]), select, textarea");
    const unnamed = [...controls].filter(
        one => !one.labels.length && !one.ariaLabel && !one.hasAttribute("aria-labelledby")
    );
    const silent = [...document.querySelectorAll("a[href], button")].filter(
        one => !one.textContent.trim() && !one.ariaLabel
            && !one.querySelector("[alt], [aria-label]")
    );
    return {
        wide: page.scrollWidth, room: page.clientWidth, words: words.join(" "), links,
        heads: document.querySelectorAll("h1").length,
        twice: [...new Set(ids.filter((id, place) => ids.indexOf(id) !== place))],
        unnamed: unnamed.map(one => one.name || one.outerHTML.slice(0, 80)),
        silent: silent.map(one => one.outerHTML.slice(0, 80)),
    };
}"""


def kind(address: str) -> str:
    """Pages of one kind have one address but for ids, numbers and the values of the query."""
    parts = urlsplit(address)
    path = A_NUMBER.sub("/0", AN_ID.sub("/id", parts.path))
    names = sorted({name for name, _ in parse_qsl(parts.query)} - {"page", "lang"})
    return f"{path}?{'&'.join(names)}"


def faults(address: str, status: int, found: dict[str, Any]) -> list[str]:
    said = []
    if status != 200:
        said.append(f"a link leads to it, but the answer is {status}")
    if found["wide"] > found["room"]:
        said.append(f"{found['wide']} px wide on a screen of {found['room']}")
    if found["heads"] != 1:
        said.append(f"{found['heads']} first headings")
    for what, names in (
        ("ids used twice", found["twice"]),
        ("controls without a label", found["unnamed"]),
        ("links and buttons without a name", found["silent"]),
    ):
        if names:
            said.append(f"{what}: {', '.join(names)}")
    if not DOCUMENTS.search(address):
        odd = NO_WORDS.search(found["words"])
        if odd:
            said.append(f"shows {odd[0]!r}")
        if re.search(r"\b20\d\d-\d\d-\d\d\b", found["words"]):
            said.append("shows a date as programs write it")
    return said


async def walked(
    person: Person, origin: str, seen: set[str]
) -> AsyncIterator[tuple[str, list[str]]]:
    """From page to page by the links, one of each kind, with what is wrong with each."""
    todo, pages = ["/", "/console"], 0
    while todo and pages < PAGES_EACH:
        address = todo.pop(0)
        if kind(address) in seen:
            continue
        seen.add(kind(address))
        try:
            answer = await person.page.goto(address)
        except Error as problem:  # A file, although its address does not say so.
            if "Download is starting" not in str(problem):
                raise
            continue
        assert answer is not None
        if "html" not in answer.headers.get("content-type", ""):
            continue
        pages += 1
        found = await person.page.evaluate(MEASURE)
        yield address, faults(address, answer.status, found)
        inside = [link.split("#")[0] for link in found["links"] if link.startswith(origin)]
        todo += [one for one in inside if not NO_PAGE.search(urlsplit(one).path)]


@pytest.mark.parametrize("username", PEOPLE, ids=lambda name: name or "anybody")
async def test_no_link_leads_to_a_page_that_is_too_wide_refused_or_raw(
    town: Town, chromium: Browser, username: str
) -> None:
    person = await Person.come(chromium, town.origin, viewport=PHONE)
    if username:
        await person.sign_in(username, town.password)
    seen: set[str] = set()
    wrong = [
        f"{address}: {', '.join(said)}"
        async for address, said in walked(person, town.origin, seen)
        if said
    ]
    await person.context.close()
    assert len(seen) > (5 if not username else 15), seen
    assert wrong == []
