"""A QR code for a whole lot: its GS1 address, to be printed where single stamps make no sense."""

from io import BytesIO

import segno
from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.actions import lot_labels
from services.registry.actions.lot_labels import GtinMissing, LotLabel, LotNotPublished
from services.registry.domain.records import Aggregate
from services.registry.inputs import Id
from services.registry.pages.showing import show
from services.registry.store import records
from shared.auth import Principal
from shared.errors import Refusal
from shared.web.context import web
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/lots/{lot_id}", include_in_schema=False)


@router.get("/label")
async def label(request: Request, who: PagePrincipal, lot_id: Id) -> Response:
    """The symbol and what it leads to; or what is missing for it, and where to mend that."""
    made: LotLabel | None = None
    missing: Refusal | None = None
    try:
        made = await _label(request, who, lot_id)
    except (LotNotPublished, GtinMissing) as refusal:
        missing = refusal
    return show(
        request,
        "console/lot_label.html",
        record=await records.get(request.app.state.db, Aggregate.LOT, lot_id),
        label=made,
        missing=missing,
    )


@router.get("/label.svg")
async def symbol(request: Request, who: PagePrincipal, lot_id: Id) -> Response:
    """Error correction Q, for a label may be rubbed off; four light modules around."""
    made = await _label(request, who, lot_id)
    drawn = BytesIO()
    segno.make(made.address, error="q", micro=False).save(
        drawn, kind="svg", scale=8, border=4, dark="#000", light="#fff", xmldecl=False
    )
    name = f'inline; filename="{made.gtin}-{lot_id}.svg"'
    headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return Response(drawn.getvalue(), media_type="image/svg+xml", headers=headers)


async def _label(request: Request, who: Principal, lot_id: str) -> LotLabel:
    origin = web(request).settings.public_origin
    return await lot_labels.label_of(lot_id, origin=origin, who=who, db=request.app.state.db)
