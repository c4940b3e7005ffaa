"""The page to type a code on, for a stamp that no camera reads any more."""

import unicodedata

from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from services.scan.answering.refusing import MALFORMED_CODE, TYPE_IT, Refusals
from services.scan.answering.targets import TYPING
from shared.stampcode import normalise
from shared.web.i18n import language_of, language_tag

# As many characters as the field takes.
MOST_SHOWN = 64


def router(refusals: Refusals, headers: dict[str, str]) -> APIRouter:
    """`/kiem-tra-tem`: the field, and from there on to the code's own address."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(TYPING)
    async def check(request: Request, code: str = "") -> Response:
        # A Chinese keyboard may send letters and digits in their wide shapes.
        canonical = normalise(unicodedata.normalize("NFKC", code))
        if canonical:
            return RedirectResponse(f"/{canonical}", 303)
        lang = language_of()
        sent = {**headers, "content-language": language_tag(lang)}
        if code:
            page = refusals.typed(MALFORMED_CODE, lang, code[:MOST_SHOWN])
            return HTMLResponse(page, 404, sent)
        return HTMLResponse(refusals.page(TYPE_IT, lang), 200, sent)

    return routes
