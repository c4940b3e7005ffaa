"""What a facility has of lots, and its diary of what it does with them where they are (R20)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from services.registry.actions import keeping, measuring
from services.registry.actions.rights import may, require_for
from services.registry.domain.diary import MAX_PHOTOS
from services.registry.domain.diary_refusals import TooManyPhotos
from services.registry.domain.keeping import Work
from services.registry.domain.records import Aggregate, Record
from services.registry.fields.keepings import KeepingFields
from services.registry.inputs import Id, OptionalId
from services.registry.naming import unit_options
from services.registry.pages.diaries import entry_fields
from services.registry.pages.forms import Photo, ReasonForm
from services.registry.pages.movement import goods
from services.registry.pages.movement.degrees import asked_words
from services.registry.pages.records import detail
from services.registry.pages.showing import show
from services.registry.store import keepings, records
from shared.auth import Principal, require
from shared.errors import Refusal
from shared.ids import new_id, now
from shared.mongo import Database
from shared.once import once
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.filters import show_number
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/stock", include_in_schema=False)
Facility = Annotated[str, Query(max_length=64)]
SHOWN = 20
AMISS = N_(
    "Đã ghi, nhưng {found} °C là ngoài mức. {asked} Ghi nhầm thì bấm “Ghi nhầm?” ở mục vừa ghi "
    "rồi ghi lại; nếu đúng, hãy để riêng và kiểm tra hàng."
)


class KeepingForm(KeepingFields):
    """`lot` is the page's own."""

    key: OptionalId = ""
    lot: Annotated[str, Field(max_length=100)] = ""
    taken_photos: Annotated[tuple[Photo, ...], Field(max_length=MAX_PHOTOS)] = ()


@router.get("")
async def stock(request: Request, who: PagePrincipal, facility_id: Facility = "") -> Response:
    """What there is, with what was written last; officials name a facility."""
    require(who, keeping.READ)
    chosen = who.facility_id or facility_id
    if not chosen:
        told = N_("Hãy mở trang của một cơ sở rồi chọn Hàng đang có.")
        return redirect(request, "/console/registry/facilities", told, tone="info")
    db: Database = request.app.state.db
    facility = await records.get(db, Aggregate.FACILITY, chosen)
    require_for(who, keeping.READ, facility)
    written = await keepings.of_facility(db, facility.id, limit=SHOWN)
    there = await goods.sources(db, facility.id)
    return show(
        request,
        "console/stock.html",
        facility=facility,
        there=there,
        recalled=await detail.recalled(db, Aggregate.LOT, [one.lot for one in there]),
        written=written,
        lots=await goods.lots_named(db, {one.lot_id for one in written}),
        may_enter=may(who, keeping.ENTER, facility),
        works=goods.WORKS,
        signs=goods.WORK_SIGNS,
    )


@router.get("/entries/{keeping_id}")
async def find(request: Request, who: PagePrincipal, keeping_id: Id) -> Response:
    """The page on which an entry stands, for those who may read it."""
    one = await keepings.get(request.app.state.db, keeping_id)
    await keeping.held_lot(request.app.state.db, one.facility_id, one.lot_id, who=who)
    return redirect(request, _address(one.lot_id, one.facility_id))


@router.post("/entries/{keeping_id}/strike")
async def strike(request: Request, who: PagePrincipal, keeping_id: Id, _: PageForm) -> Response:
    db: Database = request.app.state.db
    one = await keepings.get(db, keeping_id)
    require_for(who, keeping.ENTER, await records.get(db, Aggregate.FACILITY, one.facility_id))

    async def perform(sent: ReasonForm) -> Response:
        await keeping.strike(keeping_id, reason=sent.reason, who=who, now=now(), db=db)
        told = N_("Đã bỏ mục đã ghi; lý do được giữ lại.")
        return redirect(request, _address(one.lot_id, one.facility_id), told)

    return await answered(
        await read_form(request, ReasonForm),
        perform,
        lambda form, status: _page(
            request,
            who,
            one.facility_id,
            one.lot_id,
            reason=form.named(keeping_id),
            status=status,
        ),
    )


@router.get("/{lot_id}")
async def read(
    request: Request, who: PagePrincipal, lot_id: Id, facility_id: Facility = ""
) -> Response:
    return await _page(request, who, who.facility_id or facility_id, lot_id)


@router.post("/{lot_id}")
async def record(
    request: Request, who: PagePrincipal, lot_id: Id, _: PageForm, facility_id: Facility = ""
) -> Response:
    db: Database = request.app.state.db
    whose = who.facility_id or facility_id
    facility, lot = await keeping.held_lot(db, whose, lot_id, who=who)
    require_for(who, keeping.ENTER, facility)

    async def perform(sent: KeepingForm) -> Response:
        wanted = sent.model_copy(update={"lot": lot_id, "photos": await _photos(sent, whose, db)})
        key = once(who, sent.key, "keeping", whose, wanted.wanted(whose))
        one = await keeping.record(wanted.wanted(whose), who=who, now=now(), db=db, once=key)
        asked, here = await measuring.asked_for(db, lot), _address(lot_id, whose)
        if asked.hold(one.temperature):
            return redirect(request, here, N_("Đã ghi vào nhật ký hàng."))
        found = show_number(one.temperature)
        return redirect(request, here, AMISS, tone="caution", found=found, asked=asked_words(asked))

    return await answered(
        await read_form(request, KeepingForm),
        perform,
        lambda form, status: _page(request, who, whose, lot_id, form=form, status=status),
    )


async def _photos(sent: KeepingForm, facility_id: str, db: Database) -> tuple[str, ...]:
    """The photos kept before and now; sent again, they are the same ones."""
    if len(sent.photos) + len(sent.taken_photos) > MAX_PHOTOS:
        raise TooManyPhotos("taken_photos", limit=MAX_PHOTOS)
    try:
        taken = await entry_fields.keep_photos(
            sent.taken_photos, f"keeping/{sent.key or new_id()}", facility_id, db
        )
    except Refusal as refusal:
        refusal.field = "taken_photos"
        raise
    return (*sent.photos, *taken)


async def _page(
    request: Request,
    who: Principal,
    facility_id: str,
    lot_id: str,
    *,
    form: Form[Any] | None = None,
    reason: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    """A lot as this facility has it: how much is left, what was done, and what is to be added."""
    db: Database = request.app.state.db
    facility, lot = await keeping.held_lot(db, facility_id, lot_id, who=who)
    written = await keepings.of_facility(db, facility_id, lot_id=lot_id)
    asked = await measuring.asked_for(db, lot)
    there = {one.lot.id: one for one in await goods.sources(db, facility_id)}
    return show(
        request,
        "console/stock_lot.html",
        status=status,
        facility=facility,
        lot=lot,
        left=there.get(lot_id),
        asked=asked,
        asked_words=asked_words(asked),
        written=written,
        form=form or await _empty(db, facility, written),
        reason=reason or new_form(ReasonForm),
        may_enter=may(who, keeping.ENTER, facility),
        here=_address(lot_id, facility_id),
        works=goods.WORKS,
        works_options=[(one.value, translate(label)) for one, label in goods.WORKS.items()],
        signs=goods.WORK_SIGNS,
        reason_form=new_form(ReasonForm),
        unit_options=unit_options(),
        most_photos=MAX_PHOTOS,
    )


async def _empty(db: Database, facility: Record[Any], written: list[Any]) -> Form[Any]:
    """What was done last, done again where it was done: now, and without its figures."""
    last = written[0] if written else None
    about = facility.published or facility.content
    usual = Work.DISPLAYING if goods.SELLING & set(about.kinds) else Work.STORING
    return new_form(
        KeepingForm,
        key=new_id(),
        work=last.work if last is not None else usual,
        at=now(),
        place=last.place if last is not None else str(about.address),
    )


def _address(lot_id: str, facility_id: str) -> str:
    return f"/console/registry/stock/{lot_id}?facility_id={facility_id}"
