"""The pages of stamps, a module per concern: those of the console, and the public log."""

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from services.stamps.pages import (
    batches,
    choosing,
    codes,
    design_forms,
    designs,
    formats,
    handovers,
    holds,
    life,
    log,
    printing,
    quotas,
    requests,
    serials,
    stock,
    withdrawing,
)
from services.stamps.pages.shown import HOME
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)
for part in (
    requests,
    choosing,
    withdrawing,
    batches,
    serials,
    codes,
    life,
    holds,
    printing,
    formats,
    design_forms,
    designs,
    quotas,
    stock,
    handovers,
):
    router.include_router(part.router, prefix=HOME)
router.include_router(log.router)


@router.get(HOME)
async def start(who: PagePrincipal) -> Response:
    return RedirectResponse(f"{HOME}/requests", 303)
