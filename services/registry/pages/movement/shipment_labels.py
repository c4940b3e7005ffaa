"""Labels of a shipment's logistic units: an SSCC with its symbols for each, given or made here."""

import asyncio
from decimal import Decimal
from io import BytesIO
from typing import Annotated, Any, Final, Literal

import segno
from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from services.registry.actions import numbering, shipping
from services.registry.domain.records import Aggregate
from services.registry.domain.shipment import Shipment
from services.registry.fields.logistic_units import ContentsFields, UnitFields
from services.registry.inputs import Id
from services.registry.pages.movement import goods
from services.registry.pages.showing import show
from services.registry.printing import goods_symbols, unit_label
from services.registry.printing.unit_label import Said
from services.registry.stages import unit_names
from services.registry.store import records
from shared.auth import Principal
from shared.ids import new_id, now
from shared.web.answering import answered
from shared.web.context import web
from shared.web.csrf import PageForm
from shared.web.fields import Input
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/shipments/{shipment_id}", include_in_schema=False)
Sscc = Annotated[str, Path(pattern=r"^[0-9]{18}$")]


_NO_STORE: Final = {"Cache-Control": "no-store"}


class NothingForm(Input):
    """A button alone."""


@router.get("/label")
async def labels(request: Request, who: PagePrincipal, shipment_id: Id) -> Response:
    return await _page(request, who, shipment_id)


@router.post("/label")
async def add(request: Request, who: PagePrincipal, shipment_id: Id, _: PageForm) -> Response:
    async def perform(sent: UnitFields) -> Response:
        db = request.app.state.db
        await numbering.add(shipment_id, sent.asked(), who=who, now=now(), db=db)
        return redirect(request, _here(shipment_id), N_("Đã gắn mã SSCC cho kiện hàng."))

    return await answered(
        await read_form(request, UnitFields),
        perform,
        lambda form, status: _page(request, who, shipment_id, form, status=status),
    )


@router.post("/label/{sscc}/remove")
async def remove(
    request: Request, who: PagePrincipal, shipment_id: Id, sscc: Sscc, _: PageForm
) -> Response:
    async def perform(_: NothingForm) -> Response:
        await numbering.remove(shipment_id, sscc, who=who, now=now(), db=request.app.state.db)
        return redirect(request, _here(shipment_id), N_("Đã bỏ mã SSCC khỏi chuyến hàng."))

    return await answered(
        await read_form(request, NothingForm),
        perform,
        lambda form, status: _page(request, who, shipment_id, refused=form, status=status),
    )


@router.get("/label/{sscc}.svg")
async def symbol(
    request: Request,
    who: PagePrincipal,
    shipment_id: Id,
    sscc: Sscc,
    symbol: Literal["qr", "gs1-128"] = "qr",
) -> Response:
    shipment = await shipping.read(shipment_id, who=who, db=request.app.state.db)
    made = numbering.label_of(shipment, sscc, web(request).settings.public_origin)
    if symbol == "gs1-128":
        return _file(goods_symbols.element_bars(made.elements), f"{sscc}-gs1-128.svg")
    return _file(_qr(made.address), f"{sscc}.svg")


@router.get("/label/{sscc}.pdf")
async def sheet(request: Request, who: PagePrincipal, shipment_id: Id, sscc: Sscc) -> Response:
    """The whole label, one page of A6."""
    db = request.app.state.db
    shipment = await shipping.read(shipment_id, who=who, db=db)
    made = numbering.label_of(shipment, sscc, web(request).settings.public_origin)
    lots = await goods.lots_named(db, goods.lots_of(shipment))
    units = {line.lot_id: unit_names(line.unit)[0] for line in shipment.lines}
    said = Said(
        sender=shipment.sender.name,
        receiver=shipment.receiver.name if shipment.receiver else "",
        shipment=shipment.code,
        inside=[
            f"{lots[one.lot_id].code}: {_number(one.quantity)} {units[one.lot_id]}"
            for one in made.contents
            if one.lot_id in lots
        ],
    )
    body = await asyncio.to_thread(unit_label.drawn, sscc, made.address, said)
    return _file(body, f"{sscc}.pdf", "application/pdf")


@router.get("/label/{sscc}/contents")
async def contents(request: Request, who: PagePrincipal, shipment_id: Id, sscc: Sscc) -> Response:
    return await _contents_page(request, who, shipment_id, sscc)


@router.post("/label/{sscc}/contents")
async def pack(
    request: Request, who: PagePrincipal, shipment_id: Id, sscc: Sscc, _: PageForm
) -> Response:
    async def perform(sent: ContentsFields) -> Response:
        db = request.app.state.db
        await numbering.pack(shipment_id, sscc, sent.by_lot(), who=who, now=now(), db=db)
        return redirect(request, _here(shipment_id), N_("Đã ghi hàng trong kiện."))

    return await answered(
        await read_form(request, ContentsFields),
        perform,
        lambda form, status: _contents_page(request, who, shipment_id, sscc, form, status=status),
    )


def _number(quantity: Decimal) -> str:
    """As the label has it, which is in Vietnamese whatever the page is in."""
    return f"{quantity.normalize():f}".replace(".", ",")


def _qr(address: str) -> bytes:
    """Error correction Q, for a label may be rubbed off; four light modules around."""
    drawn = BytesIO()
    segno.make(address, error="q", micro=False).save(
        drawn, kind="svg", scale=8, border=4, dark="#000", light="#fff", xmldecl=False
    )
    return drawn.getvalue()


def _file(body: bytes, name: str, media_type: str = "image/svg+xml") -> Response:
    shown = {"Content-Disposition": f'inline; filename="sscc-{name}"', **_NO_STORE}
    return Response(body, media_type=media_type, headers=shown)


async def _contents_page(
    request: Request,
    who: Principal,
    shipment_id: str,
    sscc: str,
    form: Form[Any] | None = None,
    *,
    status: int = 200,
) -> Response:
    db = request.app.state.db
    shipment = await shipping.read(shipment_id, who=who, db=db)
    made = numbering.label_of(shipment, sscc, web(request).settings.public_origin)
    inside = {one.lot_id: one.quantity for one in made.contents}
    lot_ids = [line.lot_id for line in shipment.lines]
    rows = [{"lot_id": one, "quantity": inside.get(one, "")} for one in lot_ids]
    return show(
        request,
        "console/unit_contents.html",
        status=status,
        one=shipment,
        label=made,
        lots=await goods.lots_named(db, goods.lots_of(shipment)),
        may_number=_sends(who, shipment) and not shipment.is_over,
        form=form or new_form(ContentsFields, contents=rows),
        spaced=_spaced,
    )


def _sends(who: Principal, shipment: Shipment) -> bool:
    return who.may(shipping.ENTER) and who.covers(shipping.ENTER, shipment.sender.scope())


async def _page(
    request: Request,
    who: Principal,
    shipment_id: str,
    form: Form[Any] | None = None,
    *,
    refused: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    db = request.app.state.db
    shipment = await shipping.read(shipment_id, who=who, db=db)
    sender = await records.get(db, Aggregate.FACILITY, shipment.sender.facility_id)
    return show(
        request,
        "console/shipment_labels.html",
        status=status,
        one=shipment,
        labels=numbering.labels(shipment, web(request).settings.public_origin),
        gln=sender.published.gln if sender.published is not None else "",
        lots=await goods.lots_named(db, goods.lots_of(shipment)),
        may_number=_sends(who, shipment) and not shipment.is_over,
        form=form or new_form(UnitFields, id=new_id()),
        refused=refused or new_form(NothingForm),
        spaced=_spaced,
    )


def _spaced(sscc: str) -> str:
    """As people read it aloud, after its application identifier."""
    return f"(00) {sscc[:5]} {sscc[5:10]} {sscc[10:15]} {sscc[15:]}"


def _here(shipment_id: str) -> str:
    return f"/console/registry/shipments/{shipment_id}/label"
