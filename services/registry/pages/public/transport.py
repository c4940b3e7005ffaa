"""The transporter's page: no account, an old phone, no script; what it sends is done once."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Path as PathOf
from pydantic import Field
from starlette.responses import Response

from services.registry import links
from services.registry.actions import measuring, media, transporting
from services.registry.domain.shipment import HandOver, Shipment
from services.registry.domain.shipment_refusals import LinkInvalid
from services.registry.fields.shipments import ReportFields
from services.registry.inputs import Id, Line, Moment
from services.registry.pages.forms import Photo
from services.registry.pages.movement import goods
from services.registry.pages.movement.degrees import asked_words
from services.registry.pages.showing import STATIC, show
from services.registry.store import shipments
from shared.errors import NotFound
from shared.ids import new_id, now
from shared.mongo import Database
from shared.pictures.limits import MAX_BYTES
from shared.web.answering import answered
from shared.web.context import web
from shared.web.csrf import VisitorForm
from shared.web.fields import Input
from shared.web.filters import show_number
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect

router = APIRouter(prefix="/transport", include_in_schema=False)
LINK = "/{shipment_id}/{secret}"
AMISS = N_(
    "Đã ghi vị trí, nhưng {found} °C là ngoài mức mà hàng cần. Ghi nhầm thì gửi lại nhiệt độ đúng; "
    "nếu đúng, hãy kiểm tra thùng hàng và báo cho bên gửi."
)
WORKER = STATIC / "transport-worker.js"
Secret = Annotated[str, PathOf(min_length=8, max_length=64)]


class HandOverForm(Input):
    """`id` is made when the form is shown: sent again, it is the same hand-over."""

    id: Id
    at: Moment | None = None
    name: Annotated[str, Field(min_length=2, max_length=100)]
    place: Line = ""
    photo: Photo | None = None


@router.get("/worker.js")
async def worker() -> Response:
    """The script that keeps the page at hand; its scope is that of transporters' pages alone."""
    headers = {"Cache-Control": "no-cache"}
    return Response(WORKER.read_bytes(), media_type="text/javascript", headers=headers)


@router.get(LINK)
async def read(request: Request, shipment_id: Id, secret: Secret) -> Response:
    return await _page(request, shipment_id, secret)


@router.post(LINK + "/pick-up")
async def pick_up(request: Request, shipment_id: Id, secret: Secret, _: VisitorForm) -> Response:
    return await _report(request, shipment_id, secret, transporting.pick_up, N_("Đã ghi lấy hàng."))


@router.post(LINK + "/position")
async def position(request: Request, shipment_id: Id, secret: Secret, _: VisitorForm) -> Response:
    return await _report(request, shipment_id, secret, transporting.report, N_("Đã ghi vị trí."))


@router.post(LINK + "/hand-over")
async def hand_over(request: Request, shipment_id: Id, secret: Secret, _: VisitorForm) -> Response:
    shipment, number = await _opened(request, shipment_id, secret)

    async def perform(sent: HandOverForm) -> Response:
        at, db = now(), request.app.state.db
        photo, known = "", shipment.handed_over
        if sent.photo is not None and (known is None or known.id != sent.id):
            data = await sent.photo.read(MAX_BYTES + 1)
            sender = shipment.sender.facility_id
            photo = await media.keep_private(data, facility_id=sender, now=at, db=db)
        given = HandOver(sent.id, sent.at or at, sent.name, sent.place, photo)
        await transporting.hand_over(shipment_id, given, link=number, now=at, db=db)
        return _back(request, shipment_id, secret, N_("Đã ghi giao hàng. Cảm ơn bạn!"))

    return await answered(
        await read_form(request, HandOverForm),
        perform,
        lambda form, status: _page(request, shipment_id, secret, given=form, status=status),
    )


async def _report(
    request: Request, shipment_id: str, secret: str, act: Any, message: str
) -> Response:
    shipment, number = await _opened(request, shipment_id, secret)

    async def perform(sent: ReportFields) -> Response:
        at, db = now(), request.app.state.db
        await act(shipment_id, sent.position(at), link=number, now=at, db=db)
        asked = await measuring.asked_by_lot(db, goods.lots_of(shipment))
        if all(one.hold(sent.temperature) for one in asked.values()):
            return _back(request, shipment_id, secret, message)
        found = show_number(sent.temperature)
        return redirect(request, _page_of(shipment_id, secret), AMISS, tone="caution", found=found)

    return await answered(
        await read_form(request, ReportFields),
        perform,
        lambda form, status: _page(request, shipment_id, secret, where=form, status=status),
    )


async def _opened(request: Request, shipment_id: str, secret: str) -> tuple[Shipment, int]:
    """The shipment that the link opens; the same refusal whether it never was or is over."""
    try:
        shipment = await shipments.get(request.app.state.db, shipment_id)
    except NotFound:
        raise LinkInvalid() from None
    number = links.check(web(request).keys.csrf, shipment, secret)
    shipment.check_link(number, now())
    return shipment, number


def _back(request: Request, shipment_id: str, secret: str, message: str) -> Response:
    return redirect(request, _page_of(shipment_id, secret), message)


def _page_of(shipment_id: str, secret: str) -> str:
    return f"/transport/{shipment_id}/{secret}"


async def _page(
    request: Request,
    shipment_id: str,
    secret: str,
    *,
    where: Form[Any] | None = None,
    given: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    db: Database = request.app.state.db
    shipment, _ = await _opened(request, shipment_id, secret)
    asked = await measuring.asked_by_lot(db, goods.lots_of(shipment))
    return show(
        request,
        "public/transport.html",
        status=status,
        # Not `no-referrer`: with it a browser sends the forms without saying from where.
        headers={"Cache-Control": "no-store", "Referrer-Policy": "same-origin"},
        one=shipment,
        here=_page_of(shipment.id, secret),
        lots=await goods.lots_named(db, goods.lots_of(shipment)),
        degrees={lot_id: asked_words(one) for lot_id, one in asked.items()},
        where=where or new_form(ReportFields, id=new_id()),
        given=given or new_form(HandOverForm, id=new_id()),
        **goods.labels(),
    )
