"""What everybody sees without signing in: recalls and warnings as list, page, JSON and Atom."""

from dataclasses import asdict
from xml.etree import ElementTree

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from services.recall.pages import labels
from services.recall.queries import cases
from services.recall.store.cases import Summary
from shared.web.i18n import language_of, language_tag, translate
from shared.web.pages import render
from shared.web.paging import Paging
from shared.web.session import VisitorPrincipal

router = APIRouter(include_in_schema=False)

PATH = "/recalls"
LOTS_A_PAGE = 50
# Entries of the feed and of the JSON list; older ones are on the pages.
FEED_SIZE = 100
ATOM = "http://www.w3.org/2005/Atom"
# Readers ask again each time, and are told quickly that nothing is new.
FRESH = {"Cache-Control": "no-cache"}


@router.get(PATH)
async def list_recalls(request: Request, who: VisitorPrincipal) -> Response:
    db = request.app.state.db
    text = request.query_params.get("q", "")[:100]
    standing = request.query_params.get("all") != "1"
    _, total = await cases.listed_publicly(db=db, text=text, standing=standing, size=1)
    paging = Paging.of(request, total, size=20)
    found, _ = await cases.listed_publicly(
        db=db, text=text, standing=standing, skip=paging.skip, size=paging.size
    )
    return render(
        request,
        "public_list.html",
        headers=FRESH,
        rows=found,
        paging=paging,
        text=text,
        standing=standing,
        labels=labels,
    )


@router.get(f"{PATH}.json")
async def recalls_json(request: Request) -> Response:
    """The newest cases, those lifted included, for machines."""
    found, total = await cases.listed_publicly(db=request.app.state.db, size=FEED_SIZE)
    origin = request.app.state.settings.public_origin
    body = {"total": total, "items": [_item(row, origin) for row in found]}
    return JSONResponse(body, headers={**FRESH, "Access-Control-Allow-Origin": "*"})


@router.get(f"{PATH}.atom")
async def recalls_atom(request: Request) -> Response:
    """The same as an Atom feed (RFC 4287)."""
    found, _ = await cases.listed_publicly(db=request.app.state.db, size=FEED_SIZE)
    body = _atom(found, request.app.state.settings.public_origin)
    return Response(body, media_type="application/atom+xml", headers=FRESH)


@router.get(PATH + "/{case_id}")
async def show_recall(case_id: str, request: Request, who: VisitorPrincipal) -> Response:
    db = request.app.state.db
    case = await cases.seen_publicly(case_id, db=db)
    paging = Paging.of(request, len(case.lots), size=LOTS_A_PAGE)
    shown = case.lots[paging.skip : paging.skip + paging.size]
    return render(
        request,
        "public_case.html",
        headers=FRESH,
        case=case,
        words=labels.in_language(case.wording),
        lots=await cases.lots_of(db, shown),
        paging=paging,
        labels=labels,
    )


def _item(row: Summary, origin: str) -> dict[str, object]:
    case = row.case
    return {
        "id": case.id,
        "url": f"{origin}{PATH}/{case.id}",
        "kind": case.kind,
        "state": case.state,
        "active": case.is_standing,
        **asdict(case.wording),
        "authority": case.authority,
        "ordered_at": case.ordered_at.isoformat() if case.ordered_at else None,
        "lots": case.lot_count,
    }


def _atom(rows: list[Summary], origin: str) -> bytes:
    feed = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": language_tag(language_of())})
    _add(feed, "title", translate("Thu hồi và cảnh báo"))
    _add(feed, "id", f"{origin}{PATH}")
    author = ElementTree.SubElement(feed, "author")
    _add(author, "name", translate("Hệ thống truy xuất nguồn gốc thực phẩm tỉnh Quảng Ninh"))
    newest = max((row.case.changed_at for row in rows), default=None)
    _add(feed, "updated", newest.isoformat() if newest else "1970-01-01T00:00:00Z")
    ElementTree.SubElement(feed, "link", {"rel": "self", "href": f"{origin}{PATH}.atom"})
    ElementTree.SubElement(feed, "link", {"rel": "alternate", "href": f"{origin}{PATH}"})
    for row in rows:
        case, words = row.case, labels.in_language(row.case.wording)
        entry = ElementTree.SubElement(feed, "entry")
        _add(entry, "id", f"urn:uuid:{case.id}")
        _add(entry, "title", words["title"])
        _add(entry, "updated", row.case.changed_at.isoformat())
        if case.ordered_at:
            _add(entry, "published", case.ordered_at.isoformat())
        ElementTree.SubElement(entry, "link", {"href": f"{origin}{PATH}/{case.id}"})
        ElementTree.SubElement(entry, "category", {"term": case.kind})
        ElementTree.SubElement(entry, "category", {"term": case.state})
        _add(entry, "summary", f"{words['reason']}\n\n{words['instruction']}")
    body: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text
