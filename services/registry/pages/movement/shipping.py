"""The console's pages of shipments: the list, and planning one."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from services.registry.actions import shipping
from services.registry.actions.planning import Sent, Wanted
from services.registry.domain.records import Aggregate, Record
from services.registry.domain.shipment import MAX_LINES, End
from services.registry.fields.shipments import PlanFields, SentRow
from services.registry.inputs import OptionalId, Unit
from services.registry.pages.forms import MoreRows, more_rows
from services.registry.pages.movement import goods
from services.registry.pages.records import detail
from services.registry.pages.records.editing import choose_facility, facility_for
from services.registry.pages.showing import show
from services.registry.store import records, shipments
from services.registry.store.shipments import Waiting
from shared.auth import require
from shared.ids import new_id, now
from shared.mongo import Database
from shared.once import once
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/shipments", include_in_schema=False)
ROWS = 3
MOST_ROWS = 50
SAID = {End.SALE: N_("Đã ghi bán hàng."), End.LOSS: N_("Đã ghi hao hụt, hủy bỏ.")}


class ShipmentForm(PlanFields):
    """One unit for all rows: a row is then a lot and a number."""

    key: OptionalId = ""
    unit: Unit
    lines: Annotated[tuple[SentRow, ...], Field(max_length=MAX_LINES)] = ()
    more: MoreRows = ""

    def wanted(self, facility_id: str) -> Wanted:
        return self.of(facility_id, [Sent(one.lot, one.quantity, self.unit) for one in self.lines])


@router.get("")
async def list_shipments(request: Request, who: PagePrincipal, waiting: str = "") -> Response:
    require(who, "lot.read")
    db: Database = request.app.state.db
    only = Waiting(waiting) if waiting in list(Waiting) else None
    total = await shipments.count(db, who, waiting=only)
    paging = Paging.of(request, total, size=shipments.PAGE_SIZE)
    found = await shipments.in_scope(db, who, waiting=only, page=paging.number)
    return show(
        request,
        "console/shipments.html",
        shipments=found,
        paging=paging,
        waiting=only,
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
        end=End.SALE if goods.SELLING & set(facility.content.kinds) else End.TRANSFER,
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

    async def perform(sent: ShipmentForm) -> Response:
        shipment = await shipping.send(
            sent.wanted(facility.id),
            shipment_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, sent.key, "shipment", facility.id, sent),
        )
        message = SAID.get(sent.end, N_("Đã lập chuyến hàng."))
        return redirect(request, f"/console/registry/shipments/{shipment.id}", message)

    sent_form = await read_form(request, ShipmentForm)
    if rows := more_rows(sent_form):
        return await _form(request, facility, sent_form.without_errors(), rows=rows)
    return await answered(
        sent_form, perform, lambda form, status: _form(request, facility, form, status)
    )


async def _form(
    request: Request, facility: Record[Any], form: Form[Any], status: int = 200, rows: int = ROWS
) -> Response:
    db: Database = request.app.state.db
    found = await goods.sources(db, facility.id)
    # They may be destroyed or taken back, and so are offered; nobody is to choose them unaware.
    held = await detail.recalled(db, Aggregate.LOT, [one.lot for one in found])
    warning = translate(N_("Đang bị thu hồi"))
    return show(
        request,
        "console/shipment_form.html",
        status=status,
        form=form,
        facility=facility,
        rows=max(ROWS, min(rows, MOST_ROWS)),
        most=MOST_ROWS,
        sources=[
            (one.lot.id, f"{one.label} · {warning}" if one.lot.id in held else one.label)
            for one in found
        ],
        **goods.labels(),
    )
