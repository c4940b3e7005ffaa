"""The console's pages of shipments: list, plan, follow, count what arrived."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from services.registry import links
from services.registry.actions import markets, media, shipping
from services.registry.actions.shipping import Sent, Wanted
from services.registry.domain.records import Aggregate, Record
from services.registry.domain.shipment import MAX_LINES, End, Shipment
from services.registry.inputs import Id, Line, Moment, OptionalId, Quantity, Unit
from services.registry.pages import goods
from services.registry.pages.editing import choose_facility, facility_for
from services.registry.pages.forms import ReasonForm
from services.registry.pages.showing import show
from services.registry.shipping import Place, ReceiveFields
from services.registry.store import records, shipments
from shared.auth import Principal, require
from shared.errors import NotFound, Refusal
from shared.ids import new_id, now
from shared.mongo import Database
from shared.once import KeyReused, once
from shared.web.context import web
from shared.web.csrf import PageForm
from shared.web.fields import Input
from shared.web.forms import Form, form_status, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/shipments", include_in_schema=False)
ROWS = 3


class SentRow(Input):
    lot: Annotated[str, Field(min_length=1, max_length=100)]
    quantity: Quantity


class ShipmentForm(Input):
    """One unit for all rows: a row is then a lot and a number."""

    key: OptionalId = ""
    end: End
    place: Place
    receiver: Annotated[str, Field(max_length=30)] = ""
    unit: Unit
    lines: Annotated[tuple[SentRow, ...], Field(max_length=MAX_LINES)] = ()
    carrier: Line = ""
    vehicle: Line = ""
    planned_pickup: Moment | None = None
    planned_delivery: Moment | None = None
    country: Line = ""
    documents: Line = ""
    buyer: Line = ""

    def wanted(self, facility_id: str) -> Wanted:
        fields = {k: v for k, v in dict(self).items() if k in Wanted.__slots__}
        lines = [Sent(row.lot, row.quantity, self.unit) for row in self.lines]
        return Wanted(**{**fields, "facility_id": facility_id, "lines": lines})


class LinkForm(Input):
    """Whether there is to be a link at all."""

    open: bool = False


@router.get("")
async def list_shipments(request: Request, who: PagePrincipal, waiting: str = "") -> Response:
    require(who, "lot.read")
    db: Database = request.app.state.db
    total = await shipments.count(db, who, waiting=bool(waiting))
    paging = Paging.of(request, total, size=shipments.PAGE_SIZE)
    found = await shipments.in_scope(db, who, waiting=bool(waiting), page=paging.number)
    return show(
        request,
        "console/shipments.html",
        shipments=found,
        paging=paging,
        waiting=waiting,
        may_enter=who.may("lot.enter"),
        **goods.labels(),
    )


@router.get("/new")
async def new(
    request: Request, who: PagePrincipal, lot: str = "", facility_id: str = "", q: str = ""
) -> Response:
    require(who, "lot.enter")
    db: Database = request.app.state.db
    source = await records.find(db, Aggregate.LOT, lot) if lot else None
    if source is not None and not facility_id:
        facility_id = source.owner.facility_id
    facility = await facility_for(request, who, Aggregate.LOT, facility_id)
    if facility is None:
        return await choose_facility(request, who, Aggregate.LOT, q)
    published = source is not None and source.published is not None
    form = new_form(
        ShipmentForm,
        key=new_id(),
        end=End.TRANSFER,
        place=str(facility.content.address),
        unit=source.shown.unit if published and source is not None else "kg",
        lines=[{"lot": lot}] if published else [],
    )
    return await _form(request, facility, form)


@router.post("/new")
async def send(
    request: Request, who: PagePrincipal, _: PageForm, facility_id: str = ""
) -> Response:
    facility = await facility_for(request, who, Aggregate.LOT, facility_id)
    if facility is None:
        return await choose_facility(request, who, Aggregate.LOT)
    form = await read_form(request, ShipmentForm)
    if form.value is None:
        return await _form(request, facility, form, 422)
    sent = form.value
    try:
        shipment = await shipping.send(
            sent.wanted(facility.id),
            shipment_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, sent.key, "shipment", facility.id, sent),
        )
    except Refusal as refusal:
        form = form.refused(refusal)
        if isinstance(refusal, KeyReused):
            form = replace(form, raw={**form.raw, "key": [new_id()]})
        return await _form(request, facility, form, form_status(refusal))
    message = N_("Đã ghi bán hàng.") if sent.end is End.SALE else N_("Đã lập chuyến hàng.")
    return redirect(request, f"/console/registry/shipments/{shipment.id}", message)


@router.get("/{shipment_id}")
async def read(request: Request, who: PagePrincipal, shipment_id: Id) -> Response:
    shipment = await shipping.read(shipment_id, who=who, db=request.app.state.db)
    return await _page(request, who, shipment, _counting(shipment), new_form(ReasonForm))


@router.get("/{shipment_id}/photo")
async def photo(request: Request, who: PagePrincipal, shipment_id: Id) -> Response:
    """What the transporter photographed at the hand-over, for both ends."""
    db: Database = request.app.state.db
    shipment = await shipping.read(shipment_id, who=who, db=db)
    if shipment.handed_over is None or not shipment.handed_over.photo:
        raise NotFound()
    body = await media.read_private(shipment.handed_over.photo, db=db)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'",
    }
    return Response(body, media_type="image/jpeg", headers=headers)


@router.post("/{shipment_id}/receive")
async def receive(request: Request, who: PagePrincipal, shipment_id: Id, _: PageForm) -> Response:
    db: Database = request.app.state.db
    shipment = await shipping.read(shipment_id, who=who, db=db)
    form = await read_form(request, ReceiveFields)
    status = 422
    if form.value is not None:
        try:
            await shipping.receive(
                shipment_id,
                form_id=form.value.id,
                counted=form.value.by_lot(),
                at=form.value.at,
                who=who,
                now=now(),
                db=db,
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form, status = form.refused(refusal), form_status(refusal)
        else:
            return _back(request, shipment_id, N_("Đã xác nhận nhận hàng."))
    return await _page(request, who, shipment, form, new_form(ReasonForm), status)


@router.post("/{shipment_id}/cancel")
async def cancel(request: Request, who: PagePrincipal, shipment_id: Id, _: PageForm) -> Response:
    db: Database = request.app.state.db
    shipment = await shipping.read(shipment_id, who=who, db=db)
    form = await read_form(request, ReasonForm)
    status = 422
    if form.value is not None:
        try:
            await shipping.cancel(shipment_id, reason=form.value.reason, who=who, now=now(), db=db)
        except NotFound:
            raise
        except Refusal as refusal:
            form, status = form.refused(refusal), form_status(refusal)
        else:
            return _back(request, shipment_id, N_("Đã hủy chuyến; hàng được trả lại cho các lô."))
    return await _page(request, who, shipment, _counting(shipment), form, status)


@router.post("/{shipment_id}/link")
async def link(request: Request, who: PagePrincipal, shipment_id: Id, _: PageForm) -> Response:
    """A new link for the transporter, or none; the old one no longer works."""
    form = await read_form(request, LinkForm)
    opened = form.value is not None and form.value.open
    await shipping.renew_link(
        shipment_id, open_=opened, who=who, now=now(), db=request.app.state.db
    )
    message = N_("Đã tạo đường dẫn mới.") if opened else N_("Đã thu hồi đường dẫn.")
    return _back(request, shipment_id, message)


def _back(request: Request, shipment_id: str, message: str) -> Response:
    return redirect(request, f"/console/registry/shipments/{shipment_id}", message)


def _counting(shipment: Shipment) -> Form[ReceiveFields]:
    """As it was sent: whoever finds nothing amiss only presses the button."""
    rows = [{"lot_id": line.lot_id, "quantity": line.quantity} for line in shipment.lines]
    return new_form(ReceiveFields, id=new_id(), at=now(), counted=rows)


async def _page(
    request: Request,
    who: Principal,
    shipment: Shipment,
    form: Form[Any],
    reason: Form[Any],
    status: int = 200,
) -> Response:
    db: Database = request.app.state.db
    sends = who.may("lot.enter") and who.covers("lot.enter", shipment.sender.scope())
    to = shipment.receiver
    receives = to is not None and who.may("lot.enter") and who.covers("lot.enter", to.scope())
    origin = web(request).settings.public_origin.rstrip("/")
    open_ = shipment.link_until is not None and shipment.link_until > now()
    return show(
        request,
        "console/shipment.html",
        status=status,
        one=shipment,
        lots=await goods.lots_named(db, goods.lots_of(shipment)),
        obstacles=await markets.of_shipment(db, shipment, now()),
        form=form,
        reason=reason,
        sends=sends,
        receives=receives and not shipment.is_over,
        transporter=origin + links.address(web(request).keys.csrf, shipment)
        if sends and open_ and not shipment.is_over
        else "",
        **goods.labels(),
    )


async def _form(
    request: Request, facility: Record[Any], form: Form[Any], status: int = 200
) -> Response:
    db: Database = request.app.state.db
    found = await goods.sources(db, facility.id)
    return show(
        request,
        "console/shipment_form.html",
        status=status,
        form=form,
        facility=facility,
        rows=ROWS,
        sources=[(one.lot.id, one.label) for one in found],
        **goods.labels(),
    )
