"""A facility's video, sound and documents in the console: uploaded, looked at, removed."""

import asyncio
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.actions import converting
from services.registry.actions import recordings as acts
from services.registry.actions.rights import may, require_for
from services.registry.decoders import ffmpeg
from services.registry.domain.conversion import Conversion
from services.registry.domain.recording import LIMITS, MAX_OF_PRODUCT, Recording
from services.registry.domain.records import Aggregate, Record
from services.registry.fields.recordings import RecordingForm
from services.registry.pages.showing import show
from services.registry.store import conversions, records
from services.registry.store import recordings as store
from services.registry.uploads.opened import digest
from shared.auth import Principal
from shared.errors import NotFound
from shared.ids import new_id, now
from shared.mongo import Database
from shared.once import once
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.fields import Input
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect
from shared.web.session import PagePrincipal

HOME: Final = "/console/registry/recordings"
WAITS: Final = N_(
    "Đã nhận tệp. Hệ thống đang chuyển sang định dạng mọi điện thoại phát được; xem tiến độ ở dưới."
)
router = APIRouter(prefix=HOME, include_in_schema=False)


@router.get("")
async def listed(
    request: Request, who: PagePrincipal, facility_id: str = "", more: str = ""
) -> Response:
    """`more` shows the form also while a conversion goes on, on a page that does not reload."""
    facility = await _facility(request, who, facility_id)
    form = new_form(RecordingForm, facility_id=facility.id, key=new_id())
    return await _list(request, who, facility, form, more=bool(more))


@router.post("")
async def upload(request: Request, who: PagePrincipal, _: PageForm) -> Response:
    form = await read_form(request, RecordingForm)
    facility = await _facility(request, who, form.text("facility_id"))

    async def perform(given: RecordingForm) -> Response:
        sent = await given.sent()
        seen = await asyncio.to_thread(digest, sent.file)
        made = await acts.upload(
            sent,
            facility_id=facility.id,
            recording_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, given.key, "recording", sent.title, seen),
        )
        if isinstance(made, Conversion):
            return redirect(request, f"{HOME}?facility_id={facility.id}", WAITS)
        done = N_("Đã lưu. Hãy chọn tệp này trong bản nháp của sản phẩm.")
        return redirect(request, f"{HOME}/{made.id}", done)

    return await answered(
        form, perform, lambda form, status: _list(request, who, facility, form, status)
    )


@router.post("/conversions/{conversion_id}/remove")
async def put_away(
    request: Request, who: PagePrincipal, conversion_id: str, _: PageForm
) -> Response:
    """One that waits is taken back, one that failed is put away."""
    one = await conversions.get(request.app.state.db, conversion_id)
    facility = await _facility(request, who, one.facility_id)
    await converting.remove(conversion_id, who=who, db=request.app.state.db)
    return redirect(request, f"{HOME}?facility_id={facility.id}", N_("Đã bỏ tệp."))


@router.get("/{recording_id}")
async def read(request: Request, who: PagePrincipal, recording_id: str) -> Response:
    one = await store.get(request.app.state.db, recording_id)
    facility = await _facility(request, who, one.facility_id)
    return _page(request, who, facility, one)


@router.post("/{recording_id}/remove")
async def remove(request: Request, who: PagePrincipal, recording_id: str, _: PageForm) -> Response:
    one = await store.get(request.app.state.db, recording_id)
    facility = await _facility(request, who, one.facility_id)

    async def perform(_: Input) -> Response:
        await acts.remove(recording_id, who=who, db=request.app.state.db)
        return redirect(request, f"{HOME}?facility_id={facility.id}", N_("Đã xóa tệp."))

    return await answered(
        await read_form(request, Input),
        perform,
        lambda form, status: _page(request, who, facility, one, form, status),
    )


async def _facility(request: Request, who: Principal, facility_id: str) -> Record[Any]:
    """Whose they are, the own ones where none is named; OutOfReach for one out of scope."""
    wanted = facility_id or who.facility_id
    if not wanted:
        raise NotFound()
    record = await records.get(request.app.state.db, Aggregate.FACILITY, wanted[:64])
    require_for(who, "product.read", record)
    return record


async def _list(
    request: Request,
    who: Principal,
    facility: Record[Any],
    form: Form[Any],
    status: int = 200,
    *,
    more: bool = False,
) -> Response:
    db: Database = request.app.state.db
    coming = await conversions.of_facility(db, facility.id)
    return show(
        request,
        "console/recordings.html",
        status=status,
        coming=[(one, _said(one)) for one in coming],
        busy=any(one.failure is None for one in coming),
        typing=more or status != 200,
        converts=ffmpeg.program() is not None,
        facility=facility,
        rows=await store.of_facility(db, facility.id),
        form=form,
        limits=LIMITS,
        most=MAX_OF_PRODUCT,
        may_enter=may(who, "product.enter", facility),
    )


def _said(one: Conversion) -> str:
    """What was wrong with it, "" while nothing is."""
    failure = one.failure
    return translate(failure["msgid"], **failure["params"]) if failure else ""


def _page(
    request: Request,
    who: Principal,
    facility: Record[Any],
    one: Recording,
    form: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    return show(
        request,
        "console/recording.html",
        status=status,
        facility=facility,
        one=one,
        form=form or new_form(Input),
        may_enter=may(who, "product.enter", facility),
    )
