"""Recalls and warnings for feed readers and machines, asked again and again: answered with 304
while nothing changed."""

import time
from collections.abc import Callable
from hashlib import sha256
from typing import Annotated, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from services.recall.pages import feed_formats
from services.recall.pages.feed_bodies import Bodies, Body
from services.recall.pages.feed_formats import PATH, Feed
from services.recall.queries import cases
from services.recall.store import corrections, feeds
from shared.web.i18n import language_of, language_tag, speak, speech, stop_speaking

router = APIRouter(include_in_schema=False)

# Older ones are on the pages.
SIZE: Final = 100

Sector = Annotated[Literal["", "agriculture", "health", "industry_trade"], Query()]
Commune = Annotated[str, Query(pattern="^([0-9]{5})?$")]
Product = Annotated[str, Query(max_length=64, pattern="^[0-9A-Za-z-]*$")]
Lang = Annotated[Literal["", "vi", "en", "zh"], Query()]
Format = Callable[[Feed], bytes]


@router.get(f"{PATH}.json")
async def plain(
    request: Request, sector: Sector = "", commune: Commune = "", product: Product = ""
) -> Response:
    """The newest cases, those lifted included, with all their words in all languages."""
    return await _answer(
        request, feed_formats.plain, "application/json", sector, commune, product, ""
    )


@router.get(f"{PATH}.atom")
async def atom(
    request: Request,
    sector: Sector = "",
    commune: Commune = "",
    product: Product = "",
    lang: Lang = "",
) -> Response:
    kind = "application/atom+xml"
    return await _answer(request, feed_formats.atom, kind, sector, commune, product, lang)


@router.get(f"{PATH}.rss")
async def rss(
    request: Request,
    sector: Sector = "",
    commune: Commune = "",
    product: Product = "",
    lang: Lang = "",
) -> Response:
    kind = "application/rss+xml"
    return await _answer(request, feed_formats.rss, kind, sector, commune, product, lang)


@router.get(f"{PATH}.feed.json")
async def json_feed(
    request: Request,
    sector: Sector = "",
    commune: Commune = "",
    product: Product = "",
    lang: Lang = "",
) -> Response:
    kind = "application/feed+json"
    return await _answer(request, feed_formats.json_feed, kind, sector, commune, product, lang)


async def _answer(
    request: Request, write: Format, kind: str, sector: str, commune: str, product: str, lang: str
) -> Response:
    told = speak(lang or language_of(), speech().catalogues)
    try:
        asked = {"sector": sector, "commune": commune, "product": product, "lang": lang}
        body = await _body(request, write, asked)
    finally:
        stop_speaking(told)
    head = {
        "Cache-Control": "no-cache",
        "ETag": body.tag,
        "Access-Control-Allow-Origin": "*",
        "Content-Language": body.language,
        "Vary": "Accept-Language, Cookie",
    }
    if _has_it(request, head):
        return Response(status_code=304, headers=head)
    return Response(body.content, media_type=kind, headers=head)


async def _body(request: Request, write: Format, asked: dict[str, str]) -> Body:
    """In the language that is spoken; as it was written a moment ago where nothing changed."""
    state = request.app.state
    newest = await feeds.newest_change(state.db)
    key = (write.__name__, language_of(), *asked.values())
    bodies: Bodies = state.feed_bodies
    if kept := bodies.get(key, newest):
        return kept
    narrowed = {name: of for name, of in asked.items() if name != "lang"}
    found, total = await cases.latest_publicly(db=state.db, **narrowed, size=SIZE)
    corrected = await corrections.latest(
        state.db, [case.id for case in found if case.corrected_at is not None]
    )
    origin = state.settings.public_origin.rstrip("/")
    given = urlencode({name: of for name, of in asked.items() if of})
    address = f"{origin}{request.url.path}{'?' + given if given else ''}"
    content = write(Feed(found, total, origin, address, corrected))
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    made = Body(content, tag, language_tag(language_of()), newest, time.monotonic())
    bodies.put(key, made)
    return made


def _has_it(request: Request, head: dict[str, str]) -> bool:
    """Whether the asker holds this very answer (RFC 9110, 13.1.2), by its tag alone: the time of
    the newest change goes back where the newest case leaves a filter, and two changes may be kept
    in another order than they were made."""
    tags = request.headers.get("if-none-match", "")
    known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    return "*" in known or head["ETag"] in known
