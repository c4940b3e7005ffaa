"""What became of one stamp: found by its code, told newest first."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.stamps import keys, queries, tracing
from services.stamps.domain.life import Changed
from services.stamps.domain.naming import stamp_named
from services.stamps.inputs import BatchNumber, CodeFields, SerialNumber
from services.stamps.pages.log_words import NOTICES
from services.stamps.pages.shown import HOME, translated
from services.stamps.pages.stock_shown import serial_events
from services.stamps.pages.words import CHANGES, PRINT_STATES, STAMP_STATES
from shared.auth import Principal, require
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.filters import show_number
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter()


@router.get("/codes")
async def code_form(request: Request, who: PagePrincipal) -> Response:
    return _form_page(request, who, new_form(CodeFields))


@router.post("/codes")
async def find_code(request: Request, who: PagePrincipal, sent: PageForm) -> Response:
    """Sent as a form, so that no address and no log holds a whole code."""

    async def perform(sent: CodeFields) -> Response:
        require(who, "stamps.read")
        number, serial = stamp_named(keys.keyring(request.app.state.settings), sent.code)
        await queries.batch_seen_by(who, number, db=request.app.state.db)
        return redirect(request, f"{HOME}/batches/{number}/serials/{serial}")

    async def again(form: Form[CodeFields], status: int) -> Response:
        return _form_page(request, who, form, status)

    return await answered(await read_form(request, CodeFields), perform, again)


def _form_page(
    request: Request, who: Principal, form: Form[CodeFields], status: int = 200
) -> Response:
    require(who, "stamps.read")
    return render(request, "codes.html", status=status, form=form)


@router.get("/batches/{number}/serials/{serial}")
async def show_serial(
    request: Request, who: PagePrincipal, number: BatchNumber, serial: SerialNumber
) -> Response:
    db = request.app.state.db
    story = await tracing.story_of(who, number, serial, db=db)
    lot_codes = await queries.lot_codes({story.lot, *(one.lot for one in story.changes)}, db=db)
    return render(
        request,
        "serial.html",
        story=story,
        lot=lot_codes.get(story.lot, story.lot),
        names=await queries.names_for([story.batch], db=db),
        state=translated(STAMP_STATES)[story.state],
        notices=translated(NOTICES),
        events=_events(story, lot_codes, who),
    )


def _events(
    story: tracing.Story, lot_codes: dict[str, str], who: Principal
) -> list[dict[str, Any]]:
    """All that touched the stamp with a known time, newest first."""
    states = translated(PRINT_STATES)
    told = [_change(one, lot_codes) for one in story.changes]
    told += [
        {
            "title": translate(N_("In tem: {state}"), state=states[one.state]),
            "time": one.requested_at,
            "href": f"{HOME}/print-jobs/{one.id}" if who.may(one.right) else "",
            "icon": "print",
        }
        for one in story.jobs
    ]
    told += [
        {
            "title": translate(N_("Tạm giữ lô tem") if one.active else N_("Tạm giữ, nay đã gỡ")),
            "time": _made_at(one.id),
            "text": one.reason,
            "tone": "caution",
        }
        for one in story.holds
        if one.scope == "batch"
    ]
    told += [
        {
            "title": f"{translate(NOTICES[one.kind])}: {one.title}",
            "time": one.ordered_at,
            "who": one.authority,
            "text": "" if one.active else translate(N_("Nay đã dỡ bỏ.")),
            "tone": "bad",
        }
        for one in story.notices
        if one.ordered_at is not None
    ]
    told += serial_events(story.moves, who)
    told.append(
        {
            "title": translate(N_("Cấp tem")),
            "time": story.batch.issued_at,
            "href": f"{HOME}/requests/{story.batch.request_id}",
            "icon": "qr",
        }
    )
    return sorted(told, key=lambda one: one["time"], reverse=True)


def _change(one: Changed, lot_codes: dict[str, str]) -> dict[str, Any]:
    parts = lot_codes.get(one.lot, one.lot), one.reason, one.public_reason
    return {
        "title": translate(
            N_("{change}: tem {first}–{last}"),
            change=translate(CHANGES[one.change]),
            first=show_number(one.first),
            last=show_number(one.last),
        ),
        "time": one.at,
        "who": one.by_name,
        "text": " · ".join(filter(None, parts)),
    }


def _made_at(record_id: str) -> datetime:
    """When an id of `new_id` was made: its first 48 bits are the milliseconds (RFC 9562)."""
    return datetime.fromtimestamp((UUID(record_id).int >> 80) / 1000, UTC)
