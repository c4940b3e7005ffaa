"""The page to type a code on, for a stamp that no camera reads any more."""

from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from services.scan.refusing import MALFORMED_CODE, TYPE_IT, Refusals
from services.scan.targets import TYPING
from shared.stampcode import normalise
from shared.web.i18n import language_of


def router(refusals: Refusals, headers: dict[str, str]) -> APIRouter:
    """`/kiem-tra-tem`: the field, and from there on to the code's own address."""
    routes = APIRouter(include_in_schema=False)

    @routes.get(TYPING)
    async def check(request: Request, code: str = "") -> Response:
        canonical = normalise(code)
        if canonical:
            return RedirectResponse(f"/{canonical}", 303)
        said, status = (MALFORMED_CODE, 404) if code else (TYPE_IT, 200)
        return HTMLResponse(refusals.page(said, language_of()), status, headers)

    return routes
