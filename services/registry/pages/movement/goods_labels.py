"""The pages of a label of a whole product or lot: its symbols, each as a picture, and a sheet.

For goods where single stamps make no sense.
"""

import asyncio
from collections.abc import Awaitable
from typing import Final, Protocol

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.actions import lot_labels, product_labels
from services.registry.actions.lot_labels import LotNotPublished
from services.registry.actions.product_labels import ProductHasNoPage
from services.registry.domain.goods_label import GoodsLabel, GtinMissing, Symbol
from services.registry.domain.records import Aggregate
from services.registry.inputs import Id
from services.registry.pages.showing import origin_of, show
from services.registry.printing import goods_sheet, goods_symbols
from services.registry.store import records
from shared.auth import Principal
from shared.errors import NotFound, Refusal
from shared.gs1_elements import readable
from shared.mongo import Database
from shared.web.i18n import N_, translate
from shared.web.session import PagePrincipal


class LabelOf(Protocol):
    """Makes the label of one kind of goods; raises what is missing for it."""

    def __call__(
        self, record_id: str, /, *, origin: str, who: Principal, db: Database
    ) -> Awaitable[GoodsLabel]: ...


# What each symbol is called, and for whom it is.
SYMBOLS: Final[dict[Symbol, tuple[str, str]]] = {
    "qr": (N_("Mã QR"), N_("Điện thoại nào cũng đọc được và mở trang ngay.")),
    "datamatrix": (
        N_("Data Matrix"),
        N_("Cùng địa chỉ, nhỏ hơn; cần ứng dụng quét mã hoặc máy quét."),
    ),
    "gs1-datamatrix": (
        N_("GS1 DataMatrix"),
        N_("Cho máy quét của kho và cửa hàng; điện thoại không mở trang từ mã này."),
    ),
    "ean": (N_("EAN-13"), N_("Cho quầy tính tiền.")),
    "gs1-128": (N_("GS1-128"), N_("Cho thùng, kiện trong kho vận.")),
}
_NO_STORE: Final = {"Cache-Control": "no-store"}


def _routes(plural: str, aggregate: Aggregate, label_of: LabelOf) -> APIRouter:
    """The pages of one kind of goods."""
    prefix = f"/console/registry/{plural}/{{record_id}}"
    router = APIRouter(prefix=prefix, include_in_schema=False)

    def made(request: Request, who: Principal, record_id: str) -> Awaitable[GoodsLabel]:
        db, origin = request.app.state.db, origin_of(request)
        return label_of(record_id, origin=origin, who=who, db=db)

    @router.get("/label")
    async def label(request: Request, who: PagePrincipal, record_id: Id) -> Response:
        return await _page(request, aggregate, record_id, made(request, who, record_id))

    @router.get("/label.svg")
    async def symbol(
        request: Request, who: PagePrincipal, record_id: Id, symbol: Symbol = "qr"
    ) -> Response:
        return _picture(await made(request, who, record_id), symbol, record_id)

    @router.get("/label.pdf")
    async def sheet(request: Request, who: PagePrincipal, record_id: Id) -> Response:
        return await _sheet(await made(request, who, record_id), record_id)

    return router


async def _page(
    request: Request, aggregate: Aggregate, record_id: str, making: Awaitable[GoodsLabel]
) -> Response:
    """The symbols and what they lead to; or what is missing for them, and where to mend that."""
    made: GoodsLabel | None = None
    missing: Refusal | None = None
    try:
        made = await making
    except (LotNotPublished, ProductHasNoPage, GtinMissing) as refusal:
        missing = refusal
    others = made.symbols[1:] if made else ()
    return show(
        request,
        f"console/{aggregate.value}_label.html",
        record=await records.get(request.app.state.db, aggregate, record_id),
        label=made,
        elements=readable(made.elements) if made else "",
        others=[(key, *(translate(word) for word in SYMBOLS[key])) for key in others],
        missing=missing,
    )


def _picture(made: GoodsLabel, symbol: Symbol, name: str) -> Response:
    """Raises NotFound for a symbol that this label cannot be."""
    if symbol not in made.symbols:
        raise NotFound()
    shown = f'inline; filename="{made.gtin}-{name}-{symbol}.svg"'
    return Response(
        goods_symbols.svg(made, symbol),
        media_type="image/svg+xml",
        headers={"Content-Disposition": shown, **_NO_STORE},
    )


async def _sheet(made: GoodsLabel, name: str) -> Response:
    body = await asyncio.to_thread(goods_sheet.drawn, made)
    headers = {"Content-Disposition": f'inline; filename="{made.gtin}-{name}.pdf"', **_NO_STORE}
    return Response(body, media_type="application/pdf", headers=headers)


router = APIRouter()
router.include_router(_routes("lots", Aggregate.LOT, lot_labels.label_of))
router.include_router(_routes("products", Aggregate.PRODUCT, product_labels.label_of))
