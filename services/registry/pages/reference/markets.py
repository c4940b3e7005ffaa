"""Which importing countries accept which codes, and until when (R25)."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.domain.markets import Standing
from services.registry.naming import country_name, country_options
from services.registry.pages.showing import show
from services.registry.store import markets
from services.registry.store.lists import PAGE_SIZE
from shared.auth import require
from shared.days import local_day
from shared.ids import now
from shared.mongo import Database
from shared.web.i18n import N_
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)
STANDINGS: Final = {
    Standing.EXPIRED: N_("Đã hết hạn"),
    Standing.EXPIRING: N_("Sắp hết hạn"),
    Standing.OPEN: N_("Còn hiệu lực"),
}


@router.get("/console/registry/markets")
async def accepted(
    request: Request, who: PagePrincipal, standing: str = "", country: str = ""
) -> Response:
    """Codes in the asker's scope: those whose acceptance ended, ends soon, or holds."""
    require(who, "lot.read")
    db: Database = request.app.state.db
    today = local_day(now())
    named = country if country in dict(country_options()) else ""
    counts = await markets.counts(db, who, today, country=named)
    chosen = next((one for one in Standing if one == standing), Standing.EXPIRING)
    paging = Paging.of(request, counts[chosen], size=PAGE_SIZE)
    return show(
        request,
        "console/markets.html",
        rows=await markets.listed(db, who, chosen, today, country=named, page=paging.number),
        standing=chosen,
        counts=counts,
        labels=STANDINGS,
        paging=paging,
        country=named,
        countries=country_options(),
        country_name=country_name,
        today=today,
    )
