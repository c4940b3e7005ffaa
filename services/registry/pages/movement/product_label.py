"""Symbols of a product as a whole: its GS1 address, printed where single stamps make no sense."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.actions import product_labels
from services.registry.domain.goods_label import GoodsLabel, Symbol
from services.registry.domain.records import Aggregate
from services.registry.inputs import Id
from services.registry.pages.movement.goods_labels import label_page, picture, sheet
from services.registry.pages.showing import origin_of
from shared.auth import Principal
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/products/{product_id}", include_in_schema=False)


@router.get("/label")
async def label(request: Request, who: PagePrincipal, product_id: Id) -> Response:
    made = _label(request, who, product_id)
    return await label_page(request, Aggregate.PRODUCT, product_id, made)


@router.get("/label.svg")
async def symbol(
    request: Request, who: PagePrincipal, product_id: Id, symbol: Symbol = "qr"
) -> Response:
    return picture(await _label(request, who, product_id), symbol, product_id)


@router.get("/label.pdf")
async def labels(request: Request, who: PagePrincipal, product_id: Id) -> Response:
    return await sheet(await _label(request, who, product_id), product_id)


async def _label(request: Request, who: Principal, product_id: str) -> GoodsLabel:
    db, origin = request.app.state.db, origin_of(request)
    return await product_labels.label_of(product_id, origin=origin, who=who, db=db)
