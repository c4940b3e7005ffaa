"""Symbols of a whole lot: its GS1 address, to be printed where single stamps make no sense."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.actions import lot_labels
from services.registry.domain.goods_label import GoodsLabel, Symbol
from services.registry.domain.records import Aggregate
from services.registry.inputs import Id
from services.registry.pages.movement.goods_labels import label_page, picture, sheet
from services.registry.pages.showing import origin_of
from shared.auth import Principal
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/lots/{lot_id}", include_in_schema=False)


@router.get("/label")
async def label(request: Request, who: PagePrincipal, lot_id: Id) -> Response:
    return await label_page(request, Aggregate.LOT, lot_id, _label(request, who, lot_id))


@router.get("/label.svg")
async def symbol(
    request: Request, who: PagePrincipal, lot_id: Id, symbol: Symbol = "qr"
) -> Response:
    return picture(await _label(request, who, lot_id), symbol, lot_id)


@router.get("/label.pdf")
async def labels(request: Request, who: PagePrincipal, lot_id: Id) -> Response:
    return await sheet(await _label(request, who, lot_id), lot_id)


async def _label(request: Request, who: Principal, lot_id: str) -> GoodsLabel:
    db, origin = request.app.state.db, origin_of(request)
    return await lot_labels.label_of(lot_id, origin=origin, who=who, db=db)
