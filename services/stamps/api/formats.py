"""Papers that stamps are printed on, and a page for each to correct a printer by."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.stamps.api.views import FormatsView, FormatView
from services.stamps.downloads import calibration_answer
from services.stamps.inputs import RecordId, Shift
from services.stamps.printing.formats import FORMATS
from services.stamps.printing.layouts import fits, layout
from services.stamps.printing.templates import TEMPLATES
from services.stamps.stock_queries import must_print
from shared.errors import NotFound
from shared.web.session import ApiPrincipal

router = APIRouter()
Millimetres = Annotated[Shift, Query()]
SizeShown = Annotated[str, Query(max_length=20)]


@router.get("/print-formats")
async def list_formats(request: Request, who: ApiPrincipal) -> FormatsView:
    """Every paper, with the sizes that fit and how many labels of each a page has."""
    must_print(who)
    found = [
        FormatView(
            key=one.key,
            kind=one.kind,
            page=one.page,
            label=one.label,
            bleed=one.bleed,
            sizes={
                size.key: layout(size, one).places.count
                for size in TEMPLATES.values()
                if fits(size, one)
            },
        )
        for one in FORMATS.values()
    ]
    return FormatsView(items=found)


@router.get("/print-formats/{key}/calibration")
async def get_calibration(
    key: RecordId,
    request: Request,
    who: ApiPrincipal,
    shift_x: Millimetres = 0.0,
    shift_y: Millimetres = 0.0,
    size: SizeShown = "",
) -> Response:
    """One PDF page; shifts in millimetres, right and up, to see whether they are right. With a size
    it shows where its symbol and its scratch-off field lie, with a number marked as a sample."""
    must_print(who)
    if key not in FORMATS:
        raise NotFound()
    return calibration_answer(FORMATS[key], (shift_x, shift_y), size)
