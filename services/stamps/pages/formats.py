"""The papers that stamps are printed on, and the page to correct a printer by."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from services.stamps.downloads import calibration_answer
from services.stamps.inputs import RecordId, Shift
from services.stamps.pages.papers import paper_label, sizes_on, sizes_with_field
from services.stamps.printing.formats import FORMATS
from services.stamps.stock_queries import must_print
from shared.errors import NotFound
from shared.web.pages import render
from shared.web.session import PagePrincipal

router = APIRouter()
Millimetres = Annotated[Shift, Query()]
SizeShown = Annotated[str, Query(max_length=20)]


@router.get("/formats")
async def list_formats(request: Request, who: PagePrincipal) -> Response:
    must_print(who)
    rows = [
        (one, paper_label(one), sizes_on(one), sizes_with_field(one)) for one in FORMATS.values()
    ]
    return render(request, "formats.html", rows=rows)


@router.get("/formats/{key}/calibration")
async def calibration(
    key: RecordId,
    request: Request,
    who: PagePrincipal,
    shift_x: Millimetres = 0.0,
    shift_y: Millimetres = 0.0,
    size: SizeShown = "",
) -> Response:
    must_print(who)
    if key not in FORMATS:
        raise NotFound()
    return calibration_answer(FORMATS[key], (shift_x, shift_y), size)
