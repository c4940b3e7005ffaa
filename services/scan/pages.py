"""The page to type a code on, for a stamp that no camera reads any more."""

from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from services.scan.refusing import MALFORMED_CODE, TYPE_IT, Refusals
from services.scan.targets import TYPING
from shared.stampcode import normalise
from shared.web.i18n import language_of

# As many characters as the field takes.
MOST_SHOWN = 64


def router(refusals: Refusals, headers: dict[str, str]) -> APIRouter:
    """`/kiem-tra-tem`: the field, and from there on to the code's own address."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(TYPING)
    async def check(request: Request, code: str = "") -> Response:
        canonical = normalise(code)
        if canonical:
            return RedirectResponse(f"/{canonical}", 303)
        if code:
            page = refusals.typed(MALFORMED_CODE, language_of(), code[:MOST_SHOWN])
            return HTMLResponse(page, 404, headers)
        return HTMLResponse(refusals.page(TYPE_IT, language_of()), 200, headers)

    return routes
