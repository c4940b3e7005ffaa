"""News for everybody: list, article, Atom feed (R73)."""

from typing import Annotated, Any
from xml.etree import ElementTree

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.registry.catalogue import ARTICLE_SECTIONS
from services.registry.domain.article import Article, blocks
from services.registry.naming import in_language
from services.registry.pages.public import linked
from services.registry.pages.showing import origin_of, show
from services.registry.store import articles, facts, recordings
from services.registry.store.lists import PAGE_SIZE
from shared.errors import NotFound
from shared.mongo import Database
from shared.web.i18n import language_of, translate
from shared.web.paging import Paging
from shared.web.session import VisitorPrincipal

router = APIRouter(include_in_schema=False)
FEED_SIZE = 50
ATOM = "http://www.w3.org/2005/Atom"
# Readers ask again each time, and are told quickly that nothing is new.
FRESH = {"Cache-Control": "no-cache"}


@router.get("/news")
async def listed(
    request: Request,
    q: Annotated[str, Query(max_length=200)] = "",
    section: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    db: Database = request.app.state.db
    section = section if section in ARTICLE_SECTIONS else ""
    number = Paging.of(request, 10**9, size=PAGE_SIZE).number
    found, total = await articles.public(db, section=section, q=q, page=number)
    return show(
        request,
        "public/news.html",
        found=found,
        paging=Paging.of(request, total, size=PAGE_SIZE),
        q=q,
        section=section,
        sections=ARTICLE_SECTIONS,
        section_options=[(key, translate(label)) for key, label in ARTICLE_SECTIONS.items()],
    )


@router.get("/news/feed.atom")
async def feed(request: Request) -> Response:
    """The newest articles as an Atom feed (RFC 4287), in the reader's language."""
    found, _ = await articles.public(request.app.state.db, size=FEED_SIZE)
    body = _atom(found, origin_of(request))
    return Response(body, media_type="application/atom+xml", headers=FRESH)


@router.get("/news/{article_id}")
async def read(request: Request, article_id: str, who: VisitorPrincipal) -> Response:
    db: Database = request.app.state.db
    article = await articles.get(db, article_id[:64])
    if article.published is None:
        raise NotFound()
    unit = await unit_name(db, article)
    others, _ = await articles.public(db, size=4)
    return show(
        request,
        "public/article.html",
        article=article,
        it=article.published,
        pieces=blocks(in_language(article.published, "body")),
        unit=unit,
        recordings=await recordings.in_order(db, article.published.recordings),
        others=[one for one in others if one.id != article.id][:3],
        sections=ARTICLE_SECTIONS,
        origin=origin_of(request),
        linked=linked.article(article, unit, origin_of(request)),
    )


async def unit_name(db: Database, article: Article) -> str:
    """The authority whose article it is."""
    return (await facts.unit_names(db, [article.unit_id])).get(article.unit_id, "")


def _atom(found: list[Article], origin: str) -> bytes:
    root = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": language_of()})
    _add(root, "title", translate("Tin tức"))
    _add(root, "id", f"{origin}/news")
    author = ElementTree.SubElement(root, "author")
    _add(author, "name", translate("Hệ thống truy xuất nguồn gốc thực phẩm tỉnh Quảng Ninh"))
    newest = max((one.published_at for one in found if one.published_at), default=None)
    _add(root, "updated", newest.isoformat() if newest else "1970-01-01T00:00:00Z")
    ElementTree.SubElement(root, "link", {"rel": "self", "href": f"{origin}/news/feed.atom"})
    ElementTree.SubElement(root, "link", {"rel": "alternate", "href": f"{origin}/news"})
    for one in found:
        _entry(root, one, origin)
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _entry(root: ElementTree.Element, one: Article, origin: str) -> None:
    it: Any = one.published
    entry = ElementTree.SubElement(root, "entry")
    _add(entry, "id", f"urn:uuid:{one.id}")
    _add(entry, "title", in_language(it, "title"))
    for name, at in (("updated", one.published_at), ("published", one.first_published_at)):
        if at is not None:
            _add(entry, name, at.isoformat())
    ElementTree.SubElement(entry, "link", {"href": f"{origin}/news/{one.id}"})
    ElementTree.SubElement(entry, "category", {"term": it.section})
    _add(entry, "summary", in_language(it, "summary"))


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text
