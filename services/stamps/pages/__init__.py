"""The console pages of stamps, a module per concern."""

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from services.stamps.pages import batches, printing, requests
from shared.web.session import PagePrincipal

HOME = "/console/stamps"

router = APIRouter(include_in_schema=False)
for part in (requests, batches, printing):
    router.include_router(part.router, prefix=HOME)


@router.get(HOME)
async def start(who: PagePrincipal) -> Response:
    return RedirectResponse(f"{HOME}/requests", 303)
