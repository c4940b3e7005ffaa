"""The page of who read a record."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.reporting import readers
from services.reporting.acts_pages import OTHERS, number_of, sought_of
from services.reporting.readers_api import RecordId
from services.reporting.store.acts import MOST, PAGE
from shared.web.pages import render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/reporting", include_in_schema=False)


@router.get("/records/{record_id}/readers")
async def readers_of_record(request: Request, who: PagePrincipal, record_id: RecordId) -> Response:
    sought, page = sought_of(request), number_of(request)
    told = await readers.of_record(who, record_id, sought, db=request.app.state.db, page=page)
    return render(
        request,
        "readers.html",
        found=told.found,
        at_most=told.at_most,
        name=told.name,
        sought=sought,
        own_only=who.facility_id is not None,
        menu_current=OTHERS,
        paging=Paging.of(request, told.found.total, size=PAGE, most=MOST),
    )
