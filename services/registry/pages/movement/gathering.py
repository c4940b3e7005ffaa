"""What collectors say that they bought of a facility's goods; its word against it (ADR 19)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.registry.actions import gathering as acts
from services.registry.actions.receipts import speaker
from services.registry.actions.rights import may
from services.registry.domain.gathering import bought
from services.registry.domain.records import Aggregate
from services.registry.domain.sender_word import may_answer_on
from services.registry.fields.shipments import Basis
from services.registry.inputs import Id
from services.registry.pages.forms import ReasonForm
from services.registry.pages.movement import goods
from services.registry.pages.movement.shipment import GivenBasis
from services.registry.pages.showing import show
from services.registry.store import records
from services.registry.store.lists import PAGE_SIZE
from services.registry.store.transformations import MOST
from shared.auth import Principal, require
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/gatherings", include_in_schema=False)
Facility = Annotated[str, Query(max_length=64)]


class DenyForm(ReasonForm):
    """By whoever made the lot: on what its own word rests is not asked."""

    lot_id: Id
    basis: Basis = ""


class DenyForMakerForm(DenyForm):
    """By an official for the maker, with what the word rests on."""

    basis: GivenBasis


@router.get("")
async def listed(request: Request, who: PagePrincipal, facility_id: Facility = "") -> Response:
    """The latest first; officials come from a facility's page of its goods."""
    require(who, acts.READ)
    if not (who.facility_id or facility_id):
        told = N_("Hãy mở trang của một cơ sở rồi chọn Hàng đang có.")
        return redirect(request, "/console/registry/facilities", told, tone="info")
    return await _page(request, who, who.facility_id or facility_id)


@router.post("/{transformation_id}/deny")
async def deny(
    request: Request,
    who: PagePrincipal,
    transformation_id: Id,
    _: PageForm,
    facility_id: Facility = "",
) -> Response:
    whose = who.facility_id or facility_id

    async def perform(sent: DenyForm) -> Response:
        await acts.deny(
            transformation_id,
            lot_id=sent.lot_id,
            reason=sent.reason,
            basis=sent.basis,
            who=who,
            now=now(),
            db=request.app.state.db,
        )
        done = N_("Đã ghi; hàng được cộng lại, cơ quan quản lý sẽ thấy khi kiểm tra.")
        return redirect(request, f"{router.prefix}?facility_id={whose}", done)

    form = await read_form(request, DenyForm if who.facility_id else DenyForMakerForm)
    at = _place(transformation_id, form.text("lot_id"))
    return await answered(
        form, perform, lambda form, status: _page(request, who, whose, form.named(at), status)
    )


async def _page(
    request: Request,
    who: Principal,
    facility_id: str,
    sent: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    db: Database = request.app.state.db
    asked_for = Paging.of(request, MOST, size=PAGE_SIZE).number
    found, total = await acts.of_facility(facility_id, page=asked_for, who=who, db=db)
    facilities = {facility_id, *(one.facility_id for one in found)}
    named = await records.find_many(db, Aggregate.FACILITY, tuple(facilities))
    told = [(one, list(bought(one, facility_id))) for one in found]
    word = speaker(who)
    model = DenyForm if who.facility_id else DenyForMakerForm
    return show(
        request,
        "console/gatherings.html",
        status=status,
        facility=named[facility_id],
        facilities=named,
        told=told,
        lots=await goods.lots_named(db, {given.lot_id for _, its in told for given in its}),
        paging=Paging.of(request, total, size=PAGE_SIZE, most=MOST),
        may_answer=lambda one: (
            may(who, acts.ENTER, named[facility_id])
            and may_answer_on(facility_id, one.by, one.by_person, word)
        ),
        for_maker=not who.facility_id,
        form_of=lambda one, given: _form(model, sent, one.id, given.lot_id),
        sent=sent or new_form(model),
    )


def _place(transformation_id: str, lot_id: str) -> str:
    """Tells the forms of one page apart."""
    return f"{transformation_id}-{lot_id}"


def _form(model: Any, sent: Form[Any] | None, transformation_id: str, lot_id: str) -> Form[Any]:
    at = _place(transformation_id, lot_id)
    return sent if sent is not None and sent.at == at else new_form(model, lot_id=lot_id).named(at)
