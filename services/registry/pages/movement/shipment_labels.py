"""Labels of a shipment's logistic units: an SSCC with its symbol for each, given or made here."""

from io import BytesIO
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from services.registry.actions import numbering, shipping
from services.registry.domain.records import Aggregate
from services.registry.fields.logistic_units import UnitFields
from services.registry.inputs import Id
from services.registry.pages.showing import show
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
async def symbol(request: Request, who: PagePrincipal, shipment_id: Id, sscc: Sscc) -> Response:
    """Error correction Q, for a label may be rubbed off; four light modules around."""
    shipment = await shipping.read(shipment_id, who=who, db=request.app.state.db)
    made = numbering.label_of(shipment, sscc, web(request).settings.public_origin)
    drawn = BytesIO()
    segno.make(made.address, error="q", micro=False).save(
        drawn, kind="svg", scale=8, border=4, dark="#000", light="#fff", xmldecl=False
    )
    headers = {
        "Content-Disposition": f'inline; filename="sscc-{sscc}.svg"',
        "Cache-Control": "no-store",
    }
    return Response(drawn.getvalue(), media_type="image/svg+xml", headers=headers)


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
    sends = who.may(shipping.ENTER) and who.covers(shipping.ENTER, shipment.sender.scope())
    return show(
        request,
        "console/shipment_labels.html",
        status=status,
        one=shipment,
        labels=numbering.labels(shipment, web(request).settings.public_origin),
        gln=sender.published.gln if sender.published is not None else "",
        may_number=sends and not shipment.is_over,
        form=form or new_form(UnitFields, id=new_id()),
        refused=refused or new_form(NothingForm),
        spaced=_spaced,
    )


def _spaced(sscc: str) -> str:
    """As people read it aloud, after its application identifier."""
    return f"(00) {sscc[:5]} {sscc[5:10]} {sscc[10:15]} {sscc[15:]}"


def _here(shipment_id: str) -> str:
    return f"/console/registry/shipments/{shipment_id}/label"
