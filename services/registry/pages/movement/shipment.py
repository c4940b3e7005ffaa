"""The console's page of one shipment: followed, counted by the receiver, what came back."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from services.registry import links
from services.registry.actions import markets, media, receipts, received, returning, shipping
from services.registry.domain.records import Aggregate
from services.registry.domain.returning import may_return, outside
from services.registry.domain.sender_word import awaits, may_answer
from services.registry.domain.shipment import Shipment
from services.registry.fields.shipments import Basis, ReceiveFields, ReturnFields
from services.registry.inputs import Id
from services.registry.maps.shipments import End, shipment_map
from services.registry.pages.forms import ReasonForm
from services.registry.pages.movement import goods
from services.registry.pages.showing import show
from services.registry.store import records
from shared.auth import Principal
from shared.errors import NotFound
from shared.ids import new_id, now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.context import web
from shared.web.csrf import PageForm
from shared.web.fields import Input
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/shipments", include_in_schema=False)


class LinkForm(Input):
    """Whether there is to be a link at all."""

    open: bool = False


class WordForm(Input):
    """The sender's own word: on what it rests is not asked."""

    basis: Basis = ""


class DisownForm(ReasonForm, WordForm):
    """Why the sender never sent it."""


GivenBasis = Annotated[Basis, Field(min_length=3)]


class WordForSenderForm(WordForm):
    """An official's word for the sender, with what it rests on."""

    basis: GivenBasis


class DisownForSenderForm(DisownForm):
    """The same, and why the sender never sent it."""

    basis: GivenBasis


@router.get("/{shipment_id}")
async def read(request: Request, who: PagePrincipal, shipment_id: Id) -> Response:
    return await _page(request, who, shipment_id)


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
    async def perform(sent: ReceiveFields) -> Response:
        await shipping.receive(
            shipment_id,
            form_id=sent.id,
            counted=sent.by_lot(),
            at=sent.at,
            who=who,
            now=now(),
            db=request.app.state.db,
        )
        return _back(request, shipment_id, N_("Đã xác nhận nhận hàng."))

    return await answered(
        await read_form(request, ReceiveFields),
        perform,
        lambda form, status: _page(request, who, shipment_id, counted=form, status=status),
    )


@router.post("/{shipment_id}/cancel")
async def cancel(request: Request, who: PagePrincipal, shipment_id: Id, _: PageForm) -> Response:
    async def perform(sent: ReasonForm) -> Response:
        db: Database = request.app.state.db
        await shipping.cancel(shipment_id, reason=sent.reason, who=who, now=now(), db=db)
        return _back(request, shipment_id, N_("Đã hủy chuyến; hàng được trả lại cho các lô."))

    return await answered(
        await read_form(request, ReasonForm),
        perform,
        lambda form, status: _page(request, who, shipment_id, reason=form, status=status),
    )


@router.post("/{shipment_id}/acknowledge")
async def acknowledge(
    request: Request, who: PagePrincipal, shipment_id: Id, _: PageForm
) -> Response:
    """The sender's word that it did send what the receiver recorded."""

    async def perform(sent: WordForm) -> Response:
        db: Database = request.app.state.db
        await receipts.acknowledge(shipment_id, basis=sent.basis, who=who, now=now(), db=db)
        done = N_("Đã xác nhận; bên nhận nay xem được nguồn gốc của lô.")
        return _back(request, shipment_id, done)

    return await answered(
        await read_form(request, WordForm if who.facility_id else WordForSenderForm),
        perform,
        lambda form, status: _page(request, who, shipment_id, word=form, status=status),
    )


@router.post("/{shipment_id}/disown")
async def disown(request: Request, who: PagePrincipal, shipment_id: Id, _: PageForm) -> Response:
    """The sender's word that it never sent what the receiver recorded."""

    async def perform(sent: DisownForm) -> Response:
        await receipts.disown(
            shipment_id,
            reason=sent.reason,
            basis=sent.basis,
            who=who,
            now=now(),
            db=request.app.state.db,
        )
        done = N_("Đã ghi; cơ quan quản lý sẽ thấy khi kiểm tra.")
        return _back(request, shipment_id, done)

    return await answered(
        await read_form(request, DisownForm if who.facility_id else DisownForSenderForm),
        perform,
        lambda form, status: _page(request, who, shipment_id, reason=form, status=status),
    )


@router.post("/{shipment_id}/returns")
async def take_back(request: Request, who: PagePrincipal, shipment_id: Id, _: PageForm) -> Response:
    """What came back to the sender."""

    async def perform(sent: ReturnFields) -> Response:
        await returning.take_back(
            shipment_id,
            form_id=sent.id,
            quantities=sent.by_lot(),
            at=sent.at,
            reason=sent.reason,
            who=who,
            now=now(),
            db=request.app.state.db,
        )
        return _back(request, shipment_id, N_("Đã ghi hàng trả về; hàng lại thuộc cơ sở gửi."))

    return await answered(
        await read_form(request, ReturnFields),
        perform,
        lambda form, status: _page(request, who, shipment_id, back=form, status=status),
    )


@router.post("/{shipment_id}/link")
async def link(request: Request, who: PagePrincipal, shipment_id: Id, _: PageForm) -> Response:
    """A new link for the transporter, or none; the old one no longer works."""

    async def perform(sent: LinkForm) -> Response:
        db: Database = request.app.state.db
        await shipping.renew_link(shipment_id, open_=sent.open, who=who, now=now(), db=db)
        done = N_("Đã tạo đường dẫn mới.") if sent.open else N_("Đã thu hồi đường dẫn.")
        return _back(request, shipment_id, done)

    return await answered(
        await read_form(request, LinkForm),
        perform,
        lambda form, status: _page(request, who, shipment_id, link_form=form, status=status),
    )


def _back(request: Request, shipment_id: str, message: str) -> Response:
    return redirect(request, f"/console/registry/shipments/{shipment_id}", message)


def _counting(shipment: Shipment) -> Form[ReceiveFields]:
    """As it was sent: whoever finds nothing amiss only presses the button."""
    rows = [{"lot_id": line.lot_id, "quantity": line.quantity} for line in shipment.lines]
    return new_form(ReceiveFields, id=new_id(), at=now(), counted=rows)


def _returning(shipment: Shipment) -> Form[ReturnFields]:
    rows = [{"lot_id": line.lot_id, "quantity": ""} for line in shipment.lines]
    return new_form(ReturnFields, id=new_id(), at=now(), returned=rows)


async def _page(
    request: Request,
    who: Principal,
    shipment_id: str,
    *,
    counted: Form[Any] | None = None,
    word: Form[Any] | None = None,
    reason: Form[Any] | None = None,
    back: Form[Any] | None = None,
    link_form: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    """The shipment as it stands now, with whichever form comes back."""
    db: Database = request.app.state.db
    shipment = await shipping.read(shipment_id, who=who, db=db)
    sends = who.may("lot.enter") and who.covers("lot.enter", shipment.sender.scope())
    own, to = bool(who.facility_id), shipment.receiver
    receives = to is not None and who.may("lot.enter") and who.covers("lot.enter", to.scope())
    origin = web(request).settings.public_origin.rstrip("/")
    open_ = shipment.link_until is not None and shipment.link_until > now()
    lots = await goods.lots_named(db, goods.lots_of(shipment))
    return show(
        request,
        "console/shipment.html",
        status=status,
        one=shipment,
        lots=lots,
        readable=await received.readable(db, lots.values(), who=who),
        obstacles=await markets.of_shipment(db, shipment, now()),
        form=counted or _counting(shipment),
        word=(word or new_form(WordForm if own else WordForSenderForm)).named("word"),
        reason=reason or new_form(DisownForm if own else DisownForSenderForm),
        back=back or _returning(shipment),
        link_form=link_form or new_form(LinkForm),
        map=await _map(db, shipment),
        sends=sends,
        receives=receives and not shipment.is_over,
        returns=sends and may_return(shipment),
        answers=sends and awaits(shipment),
        may_answer=may_answer(shipment, receipts.speaker(who)),
        for_sender=not own,
        outside={line.lot_id: outside(shipment, line) for line in shipment.lines},
        transporter=origin + links.address(web(request).keys.csrf, shipment)
        if sends and open_ and not shipment.is_over
        else "",
        **goods.labels(),
    )


async def _map(db: Database, shipment: Shipment) -> Any:
    """Where the goods were, between the facilities of both ends where their places are known."""
    owners = [one for one in (shipment.sender, shipment.receiver) if one is not None]
    known = await records.find_many(
        db, Aggregate.FACILITY, tuple(one.facility_id for one in owners)
    )
    ends = [
        End(it.name, it.latitude, it.longitude)
        for one in owners
        if (record := known.get(one.facility_id)) is not None
        and (it := record.published) is not None
        and it.latitude is not None
        and it.longitude is not None
    ]
    return shipment_map(shipment, ends)
