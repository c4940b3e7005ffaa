"""The GS1 addresses of whole products and lots, as programs that print labels need them."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from services.registry.actions import lot_labels, product_labels
from services.registry.api.views import RecordId
from services.registry.domain.goods_label import Symbol
from shared.gs1_elements import readable
from shared.web.context import web
from shared.web.session import ApiPrincipal

router = APIRouter()


class LotLabelView(BaseModel):
    """`address` is a GS1 Digital Link of `gtin` (AI 01, 14 digits) and `lot` (AI 10).

    `elements` are the same for GS1 DataMatrix and GS1-128, with the expiry date (AI 17) where there
    is one: `(01)…(17)…(10)…`.
    """

    model_config = ConfigDict(extra="forbid")

    gtin: str
    lot: str
    address: str
    elements: str


class ProductLabelView(BaseModel):
    """`address` is a GS1 Digital Link of `gtin` (AI 01, 14 digits); `elements` is `(01)…`.

    `symbols` that can be made of it: qr and datamatrix of the address, gs1-datamatrix and gs1-128
    of the elements, ean of the GTIN unless it is one of a case (14 digits).
    """

    model_config = ConfigDict(extra="forbid")

    gtin: str
    address: str
    elements: str
    symbols: list[Symbol]


@router.get("/products/{record_id}/label")
async def read_product_label(
    record_id: RecordId, who: ApiPrincipal, request: Request
) -> ProductLabelView:
    """What to print for all of a product; 409 `product_has_no_page` or `gtin_missing`."""
    made = await product_labels.label_of(
        record_id,
        origin=web(request).settings.public_origin,
        who=who,
        db=request.app.state.db,
    )
    return ProductLabelView(
        gtin=made.gtin,
        address=made.address,
        elements=readable(made.elements),
        symbols=list(made.symbols),
    )


@router.get("/lots/{record_id}/label")
async def read_label(record_id: RecordId, who: ApiPrincipal, request: Request) -> LotLabelView:
    """What to print for all of a lot; 409 `lot_not_published` or `gtin_missing`."""
    made = await lot_labels.label_of(
        record_id,
        origin=web(request).settings.public_origin,
        who=who,
        db=request.app.state.db,
    )
    return LotLabelView(
        gtin=made.gtin, lot=made.lot, address=made.address, elements=readable(made.elements)
    )
