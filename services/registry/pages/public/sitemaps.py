"""What search engines are told: which pages there are, and what is none of their business (R29).

Addresses of the sitemaps protocol (sitemaps.org): an index, and lists of at most 50,000 pages each.
"""

from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from services.registry.domain.records import Aggregate
from services.registry.pages.showing import WORDS, origin_of
from services.registry.store import articles
from services.registry.store.search.seen import STEADY, Hits, Seen
from shared.errors import NotFound

router = APIRouter(include_in_schema=False)
A_FILE: Final = 20_000
NEWS: Final = "news"
NEWEST_NEWS: Final = 1_000
LISTS: Final = ("/", "/products", "/products/groups", "/facilities", "/news", "/recalls")
KINDS: Final = {WORDS[kind]: kind for kind in Aggregate if kind is not Aggregate.LOT}
# An hour: whoever reads them comes once a day.
HEADERS: Final = {"Cache-Control": "public, max-age=3600"}
_XMLNS: Final = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_ROBOTS: Final = """User-agent: *
Disallow: /console
Disallow: /account
Disallow: /apply
Disallow: /api/
Disallow: /inquiries
Disallow: /session/
Disallow: /sign-in
Disallow: /transport/

Sitemap: {origin}/sitemap.xml
"""


@router.get("/robots.txt")
async def robots(request: Request) -> Response:
    return PlainTextResponse(_ROBOTS.format(origin=origin_of(request)), headers=HEADERS)


@router.get("/sitemap.xml")
async def index(request: Request) -> Response:
    """The lists there are: of every kind as many as its published records take."""
    seen = await Seen.now(request.app.state.catalogue)
    names = [f"{NEWS}-1"]
    for word, kind in KINDS.items():
        pages = -(-seen.public(kind).total // A_FILE)
        names += [f"{word}-{number}" for number in range(1, pages + 1)]
    origin = origin_of(request)
    listed = "".join(
        f"<sitemap><loc>{origin}/sitemaps/{name}.xml</loc></sitemap>" for name in names
    )
    return _xml(f"<sitemapindex {_XMLNS}>{listed}</sitemapindex>")


@router.get("/sitemaps/{name}.xml")
async def one(request: Request, name: str) -> Response:
    word, _, number = name.rpartition("-")
    if not number.isdecimal() or not 0 < int(number) < 1_000 or word not in (*KINDS, NEWS):
        raise NotFound()
    if word == NEWS:
        found, _ = await articles.public(request.app.state.db, size=NEWEST_NEWS)
        paths = [*LISTS, *(f"/news/{article.id}" for article in found)] if number == "1" else []
    else:
        seen = await Seen.now(request.app.state.catalogue)
        hits: Hits = seen.public(KINDS[word])
        paths = [f"/{word}/{found}" for found in hits.ids(STEADY, page=int(number), size=A_FILE)]
    if not paths:
        raise NotFound()
    return _xml(_urls(origin_of(request), paths))


def _urls(origin: str, paths: Iterable[str]) -> str:
    listed = "".join(f"<url><loc>{escape(origin + path)}</loc></url>" for path in paths)
    return f"<urlset {_XMLNS}>{listed}</urlset>"


def _xml(body: str) -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?>{body}'
    return Response(text, media_type="application/xml", headers=HEADERS)
