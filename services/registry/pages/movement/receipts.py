"""Recording goods that came without a shipment here; and the sender's word against it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from services.registry.actions import receipts
from services.registry.domain.diary import Entry
from services.registry.domain.records import Aggregate, Record
from services.registry.domain.units import in_base, measure
from services.registry.fields.shipments import ReceiptFields
from services.registry.inputs import OptionalId
from services.registry.naming import unit_options
from services.registry.pages.records.editing import choose_facility, facility_for
from services.registry.pages.showing import show
from services.registry.store import records
from shared.auth import require
from shared.ids import new_id, now
from shared.mongo import Database
from shared.once import once
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/receipts", include_in_schema=False)
Word = Annotated[str, Field(max_length=100)]


class ReceiptForm(ReceiptFields):
    """`back` is the lot from whose page it was filled in."""

    key: OptionalId = ""
    back: OptionalId = ""


@dataclass(frozen=True, slots=True)
class Unreceived:
    """A supply's lot that diaries used and that is counted nowhere; `form` records its receipt."""

    lot: Record[Any]
    quantity: Decimal
    unit: str
    form: Form[Any]


@router.get("/new")
async def new(
    request: Request, who: PagePrincipal, facility_id: str = "", lot: Word = "", q: str = ""
) -> Response:
    require(who, "lot.enter")
    facility = await facility_for(request, who, Aggregate.LOT, facility_id)
    if facility is None:
        return await choose_facility(request, who, Aggregate.LOT, q)
    place = str((facility.published or facility.content).address)
    form = new_form(ReceiptForm, key=new_id(), lot=lot, at=now(), place=place)
    return _page(request, facility, form)


@router.post("/new")
async def record(
    request: Request, who: PagePrincipal, _: PageForm, facility_id: str = ""
) -> Response:
    facility = await facility_for(request, who, Aggregate.LOT, facility_id)
    if facility is None:
        return await choose_facility(request, who, Aggregate.LOT)

    async def perform(sent: ReceiptForm) -> Response:
        shipment = await receipts.record(
            sent.receipt(facility.id),
            shipment_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, sent.key, "receipt", facility.id, sent),
        )
        address = f"lots/{sent.back}" if sent.back else f"shipments/{shipment.id}"
        message = N_("Đã ghi nhận hàng đã nhận; lượng đã dùng được trừ vào đó.")
        return redirect(request, f"/console/registry/{address}", message)

    return await answered(
        await read_form(request, ReceiptForm),
        perform,
        lambda form, status: _page(request, facility, form, status),
    )


async def unreceived(db: Database, record: Record[Any]) -> list[Unreceived]:
    """What a lot's own diary and its area's used without its being counted off anywhere."""
    if record.aggregate is not Aggregate.LOT:
        return []
    used: dict[str, list[Entry]] = {}
    for entry in (*record.content.area_entries, *record.content.entries):
        if entry.supply_lot and entry.taken is None and entry.quantity is not None:
            used.setdefault(entry.supply_lot, []).append(entry)
    if not used:
        return []
    lots = await records.find_many(db, Aggregate.LOT, tuple(used))
    facility = await records.get(db, Aggregate.FACILITY, record.owner.facility_id)
    found = []
    for key, entries in used.items():
        lot = lots.get(key)
        if lot is None or lot.owner.facility_id == record.owner.facility_id:
            continue
        unit = lot.shown.unit
        amount = sum((in_base(e.quantity or Decimal(), e.unit or unit) for e in entries), Decimal())
        quantity = amount / measure(unit).in_base
        form = new_form(
            ReceiptForm,
            key=new_id(),
            back=record.id,
            lot=lot.id,
            quantity=quantity,
            unit=unit,
            at=min(entry.at for entry in entries),
            place=str((facility.published or facility.content).address),
        )
        found.append(Unreceived(lot, quantity, unit, form))
    return found


def _page(request: Request, facility: Record[Any], form: Form[Any], status: int = 200) -> Response:
    return show(
        request,
        "console/receipt_form.html",
        status=status,
        form=form,
        facility=facility,
        unit_options=unit_options(),
    )
