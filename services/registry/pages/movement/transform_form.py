"""Split, merge, process and collect on one short page each; and the page of what was done."""

from decimal import Decimal
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from services.registry.actions import transforming
from services.registry.actions.making import Output, Source, Wanted
from services.registry.actions.rights import may, require_for
from services.registry.domain import lot_codes
from services.registry.domain.records import Aggregate, Record
from services.registry.domain.transformation import (
    MAX_INPUTS,
    MAX_OUTPUTS,
    PROCESSES,
    Kind,
    NothingMade,
)
from services.registry.fields.transformations import TransformWords
from services.registry.inputs import Id, Line, OptionalId, OptionalUnit, Quantity, Unit
from services.registry.naming import step_name
from services.registry.pages.forms import MoreRows, ReasonForm, more_rows
from services.registry.pages.movement import goods, sellers
from services.registry.pages.records.editing import choose_facility, facility_for
from services.registry.pages.showing import show
from services.registry.store import lists, records, transformations
from services.registry.store import lots as lots_store
from shared.auth import require
from shared.days import local_day
from shared.errors import NotFound, Refusal
from shared.ids import new_id, now
from shared.mongo import Database
from shared.once import once
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.fields import Input
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/transformations", include_in_schema=False)

# Rows shown at first; all of them may be left empty but one.
ROWS: Final = {
    Kind.SPLIT: (1, 4),
    Kind.MERGE: (4, 1),
    Kind.PROCESS: (4, 2),
    Kind.COLLECT: (6, 1),
}
# Kinds whose one new lot is, unless somebody weighed it again, the sum of what went in.
ADDED_UP: Final = (Kind.COLLECT, Kind.MERGE)
MOST_ROWS = 50
OFFERED = 300


class GivenRow(Input):
    lot: Annotated[str, Field(max_length=100)] = ""
    supplier: Line = ""
    quantity: Quantity


class MadeRow(Input):
    """Without a quantity it is all that was gathered or merged."""

    code: Annotated[str, Field(min_length=1, max_length=40)]
    quantity: Quantity | None = None


class TransformForm(TransformWords):
    """One unit for what went in, one for what came out: rows are then a name and a number."""

    key: OptionalId = ""
    given: Annotated[tuple[GivenRow, ...], Field(max_length=MAX_INPUTS)] = ()
    unit: Unit
    product_id: OptionalId = ""
    made: Annotated[tuple[MadeRow, ...], Field(max_length=MAX_OUTPUTS)] = ()
    made_unit: OptionalUnit = ""
    more: MoreRows = ""

    def wanted(self, facility_id: str) -> Wanted:
        made_unit = self.made_unit or self.unit
        given = [Source(row.quantity, self.unit, row.lot, row.supplier) for row in self.given]
        made = [
            Output(row.code, self._made(place, row), made_unit, self.product_id)
            for place, row in enumerate(self.made)
        ]
        return self.of(facility_id, given, made)

    def _made(self, place: int, row: MadeRow) -> Decimal:
        """How much came out: what was typed, else the sum of what went into the one lot."""
        if row.quantity is not None:
            return row.quantity
        if self.kind not in ADDED_UP or self.made_unit not in ("", self.unit):
            raise NothingMade(f"made.{place}.quantity")
        return sum((one.quantity for one in self.given), Decimal())


@router.get("/new")
async def new(
    request: Request,
    who: PagePrincipal,
    kind: str = "",
    lot: str = "",
    facility_id: str = "",
    rows: int = 0,
    q: str = "",
) -> Response:
    require(who, "lot.enter")
    db: Database = request.app.state.db
    source = await records.find(db, Aggregate.LOT, lot) if lot else None
    if source is not None and not facility_id:
        facility_id = source.owner.facility_id
    facility = await facility_for(request, who, Aggregate.LOT, facility_id)
    if facility is None:
        return await choose_facility(request, who, Aggregate.LOT, q)
    if kind not in Kind.__members__.values():
        return show(request, "console/choose_kind.html", facility=facility, **goods.labels())
    given: list[dict[str, Any]] = []
    if source is not None and source.published is not None:
        given = [{"lot": source.id}]
    unit = source.shown.unit if given and source is not None else "kg"
    known = await lots_store.codes_of(db, facility.id)
    made = [] if kind == Kind.SPLIT else [{"code": lot_codes.proposed(known, local_day(now()))}]
    form = new_form(
        TransformForm,
        key=new_id(),
        kind=kind,
        at=now(),
        place=await _usual_place(db, facility),
        unit=unit,
        made_unit="" if kind == Kind.PROCESS else unit,
        given=given,
        made=made,
    )
    return await _page(request, facility, form, rows=rows)


@router.post("/new")
async def act(request: Request, who: PagePrincipal, _: PageForm, facility_id: str = "") -> Response:
    facility = await facility_for(request, who, Aggregate.LOT, facility_id)
    if facility is None:
        return await choose_facility(request, who, Aggregate.LOT)

    async def perform(sent: TransformForm) -> Response:
        try:
            one = await transforming.transform(
                sent.wanted(facility.id),
                who=who,
                now=now(),
                db=request.app.state.db,
                once=once(who, sent.key, "transformation", facility.id, sent),
            )
        except Refusal as refusal:
            if (refusal.field or "").endswith(".product_id"):
                refusal.field = "product_id"
            raise
        done = N_("Đã ghi. Lô làm ra là bản nháp: hãy xem lại và gửi kiểm tra.")
        return redirect(request, f"/console/registry/transformations/{one.id}", done)

    sent_form = await read_form(request, TransformForm)
    if rows := more_rows(sent_form):
        return await _page(request, facility, sent_form.without_errors(), rows=rows)
    return await answered(
        sent_form, perform, lambda form, status: _page(request, facility, form, status)
    )


@router.get("/{transformation_id}")
async def read(request: Request, who: PagePrincipal, transformation_id: Id) -> Response:
    return await _shown(request, who, transformation_id, new_form(ReasonForm))


@router.post("/{transformation_id}/cancel")
async def cancel(
    request: Request, who: PagePrincipal, transformation_id: Id, _: PageForm
) -> Response:
    async def perform(sent: ReasonForm) -> Response:
        reason, db = sent.reason, request.app.state.db
        await transforming.cancel(transformation_id, reason=reason, who=who, now=now(), db=db)
        done = N_("Đã hủy; số lượng đã dùng được trả lại cho các lô.")
        return redirect(request, f"/console/registry/transformations/{transformation_id}", done)

    return await answered(
        await read_form(request, ReasonForm),
        perform,
        lambda form, status: _shown(request, who, transformation_id, form, status),
    )


async def _shown(
    request: Request,
    who: PagePrincipal,
    transformation_id: str,
    form: Form[Any],
    status: int = 200,
) -> Response:
    db: Database = request.app.state.db
    one = await transformations.get(db, transformation_id)
    facility = await records.get(db, Aggregate.FACILITY, one.facility_id)
    require_for(who, "lot.read", facility)
    ids = {*one.lots_given, *(made.lot_id for made in one.made)}
    return show(
        request,
        "console/transformation.html",
        status=status,
        one=one,
        balance=one.balance,
        facility=facility,
        lots=await goods.lots_named(db, ids),
        may_cancel=may(who, "lot.enter", facility) and not one.cancelled,
        form=form,
        **goods.labels(),
    )


async def _page(
    request: Request,
    facility: Record[Any],
    form: Form[Any],
    status: int = 200,
    rows: int = 0,
) -> Response:
    db: Database = request.app.state.db
    if form.text("kind") not in Kind.__members__.values():
        raise NotFound()
    kind = Kind(form.text("kind"))
    found = await goods.sources(db, facility.id)
    products = await lists.public_list(
        db, Aggregate.PRODUCT, wanted={"owner.facility_id": facility.id}, size=OFFERED
    )
    least = (max(ROWS[kind][0], min(rows, MOST_ROWS)), ROWS[kind][1])
    if kind is Kind.SPLIT:
        least = (1, max(ROWS[kind][1], min(rows, MOST_ROWS)))
    return show(
        request,
        "console/transform.html",
        status=status,
        form=form,
        kind=kind,
        facility=facility,
        rows=least,
        most=MOST_ROWS,
        sources=[(one.lot.id, one.label) for one in found],
        products=[(one.id, one.published.name) for one in products if one.published],
        processes=[(step.value, step_name(step)) for step in PROCESSES],
        added_up=kind in ADDED_UP,
        sellers=await sellers.offered(db, facility.id) if kind is Kind.COLLECT else None,
        parts=await _parts(db, form, facility.id) if kind is Kind.SPLIT else [],
        **goods.labels(),
    )


async def _parts(db: Database, form: Form[Any], facility_id: str) -> list[str]:
    """Codes that the parts of the lot which was chosen might have."""
    lot = await records.find(db, Aggregate.LOT, form.text("given.0.lot"))
    if lot is None:
        return []
    known = await lots_store.codes_of(db, facility_id)
    return lot_codes.parts_of(lot.code, known, ROWS[Kind.SPLIT][1])


async def _usual_place(db: Database, facility: Record[Any]) -> str:
    """Where the facility did the same last; else its address."""
    last = await transformations.newest(db, facility.id)
    return last.place if last is not None else str(facility.content.address)
