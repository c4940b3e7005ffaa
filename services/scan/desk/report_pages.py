"""Reporting a problem with a stamp: the public form, and the page that tells what became of it."""

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.scan.desk import reporting, words
from services.scan.desk.report_inputs import (
    ComplaintId,
    PhotoName,
    ReplyForm,
    ReportForm,
    TrackForm,
    TypedCode,
)
from services.scan.desk.reporting import Reporter
from services.scan.domain.complaint import About, Complaint, FormTooOld
from shared.ids import now
from shared.stampcode import decode, group, normalise
from shared.web.answering import answered
from shared.web.context import web
from shared.web.csrf import VisitorForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import translate
from shared.web.pages import render
from shared.web.proxy import client_address
from shared.web.session import ApiPrincipal, PagePrincipal

REPORT = "/bao-van-de"
CONSOLE = "/console/scan/complaints"
router = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api/scan/v1/complaints", tags=["scan"])
# What stands behind somebody's code is theirs alone.
PRIVATE = {"Cache-Control": "private, no-store"}


@router.get(REPORT)
async def ask_code(request: Request) -> Response:
    return _track_page(request, new_form(TrackForm))


@router.post(REPORT)
async def look(request: Request, _: VisitorForm) -> Response:
    async def perform(sent: TrackForm) -> Response:
        found = await reporting.track(
            sent.number,
            sent.code,
            reporter=reporter_of(request),
            now=now(),
            db=request.app.state.db,
        )
        return state_page(request, found, sent.code)

    return await answered(
        await read_form(request, TrackForm),
        perform,
        lambda form, status: _track_page(request, form, status),
    )


@router.get(REPORT + "/{code}")
async def ask(request: Request, code: TypedCode) -> Response:
    token = reporting.new_token(reporter_of(request), _about(request, code), now())
    verdict = request.query_params.get("v", "")[:30]
    return _report_page(request, code, new_form(ReportForm, verdict=verdict, token=token))


@router.post(REPORT + "/{code}")
async def send(request: Request, code: TypedCode, _: VisitorForm) -> Response:
    about, reporter, db = _about(request, code), reporter_of(request), request.app.state.db

    async def perform(sent: ReportForm) -> Response:
        await reporting.admitted(reporter, about, sent.token, now=now(), db=db)
        photo, _ = await reporting.drawn_photos(sent.photo, None)
        filed = await reporting.file(
            sent.told(photo),
            about,
            sent.token,
            reporter=reporter,
            settings=request.app.state.web.settings,
            now=now(),
            db=db,
        )
        return render(
            request,
            "desk/report_done.html",
            headers=PRIVATE,
            one=filed.complaint,
            code=filed.code,
            stamp=normalise(code),
        )

    def show(form: Form[ReportForm], status: int) -> Response:
        if isinstance(form.refusal, FormTooOld):
            form = form.with_raw(token=reporting.new_token(reporter, about, now()))
        return _report_page(request, code, form, status)

    return await answered(await read_form(request, ReportForm), perform, show)


@router.get(CONSOLE + "/{complaint_id}")
async def show_private(request: Request, who: PagePrincipal, complaint_id: ComplaintId) -> Response:
    """Phone number and photo, which only scan keeps."""
    db = request.app.state.db
    found, private = await reporting.private_of(who, complaint_id, now=now(), db=db)
    photos = [reporting.photo_address(found.id)] if private.photo else []
    if found.has_label and found.private_until > now():
        photos.append(reporting.label_address(found.id))
    return render(
        request,
        "desk/report_private.html",
        headers=PRIVATE,
        one=found,
        private=private,
        photos=photos,
    )


@router.get(CONSOLE + "/{complaint_id}/photo")
async def show_photo(request: Request, who: PagePrincipal, complaint_id: ComplaintId) -> Response:
    return await _photo(request, who, complaint_id)


@api.get("/{complaint_id}/photo", response_class=Response)
async def get_photo(request: Request, who: ApiPrincipal, complaint_id: ComplaintId) -> Response:
    """The reporter's photo as JPEG, until it is deleted."""
    return await _photo(request, who, complaint_id)


@api.get("/{complaint_id}/photos/{name}", response_class=Response)
async def get_further(
    request: Request, who: ApiPrincipal, complaint_id: ComplaintId, name: PhotoName
) -> Response:
    """A further photo as JPEG, until it is deleted: `label`, or `q` with the number of the question
    that it was sent with."""
    return await _photo(request, who, complaint_id, name)


@router.get(CONSOLE + "/{complaint_id}/photos/{name}")
async def show_further(
    request: Request, who: PagePrincipal, complaint_id: ComplaintId, name: PhotoName
) -> Response:
    """Of the label, or sent with an answer to what was asked."""
    return await _photo(request, who, complaint_id, name)


async def _photo(
    request: Request, who: PagePrincipal, complaint_id: str, name: str = ""
) -> Response:
    db = request.app.state.db
    photo = await reporting.photo_of(who, complaint_id, name, now=now(), db=db)
    return Response(photo, media_type="image/jpeg", headers=PRIVATE)


def state_page(
    request: Request,
    found: Complaint,
    code: str,
    form: Form[ReplyForm] | None = None,
    status: int = 200,
    *,
    said: bool = False,
) -> Response:
    """What became of a report, to who holds its code; with what officials ask, if they do."""
    asked = found.open_question
    waits = asked if asked is not None and asked.is_open(now()) else None
    number = waits.number if waits else 0
    if form is not None:
        # What is asked now may be another question than the one that was on the page.
        form = form.with_raw(question=str(number))
    return render(
        request,
        "desk/report_state.html",
        status=status,
        headers=PRIVATE,
        one=found,
        state=translate(words.REPORT_STATES[found.state]),
        tone=words.REPORT_TONES[found.state],
        kind=translate(words.PROBLEMS[found.kind][0]),
        asked=waits,
        before=[one for one in found.questions if one != waits],
        form=form or new_form(ReplyForm, number=found.number, code=code, question=number),
        said=said,
        private_days=request.app.state.web.settings.complaint_private_days,
    )


def reporter_of(request: Request) -> Reporter:
    return Reporter(client_address(request), web(request).keys.csrf)


def _about(request: Request, code: str) -> About:
    """A code that is no stamp's can be reported as well, by a form that does not tell it apart."""
    return About.of(decode(request.app.state.stamp_keys.current(), code), code)


def _track_page(request: Request, form: Form[TrackForm], status: int = 200) -> Response:
    return render(request, "desk/report_track.html", status=status, headers=PRIVATE, form=form)


def _report_page(
    request: Request, code: str, form: Form[ReportForm], status: int = 200
) -> Response:
    plain = normalise(code) or ""
    shown = group(plain) if plain else _about(request, code).typed
    settings = request.app.state.web.settings
    return render(
        request,
        "desk/report.html",
        status=status,
        headers=PRIVATE,
        form=form,
        here=f"{REPORT}/{plain or quote(code, safe='')}",
        stamp=plain,
        shown_code=shown,
        kinds=words.problems(),
        communes=words.communes_here(),
        private_days=settings.complaint_private_days,
        kept_days=settings.complaint_days,
    )
