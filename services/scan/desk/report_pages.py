"""Reporting a problem with a stamp: the public form, and the page that tells what became of it."""

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.scan.desk import reporting, words
from services.scan.desk.report_inputs import ComplaintId, ReportForm, TrackForm, TypedCode
from services.scan.desk.reporting import Reporter
from services.scan.domain.complaint import About, FormTooOld
from shared.errors import NotFound
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
        return render(
            request,
            "desk/report_state.html",
            headers=PRIVATE,
            one=found,
            state=translate(words.REPORT_STATES[found.state]),
            tone=words.REPORT_TONES[found.state],
            kind=translate(words.PROBLEMS[found.kind][0]),
        )

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
        photo = await sent.photo.read() if sent.photo is not None else b""
        filed = await reporting.file(
            sent.told(await reporting.drawn_anew(photo) if photo else None),
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
    found, phone, photo = await reporting.private_of(who, complaint_id, now=now(), db=db)
    return render(
        request,
        "desk/report_private.html",
        headers=PRIVATE,
        one=found,
        phone=phone,
        photo=reporting.photo_address(found.id) if photo else "",
    )


@router.get(CONSOLE + "/{complaint_id}/photo")
async def show_photo(request: Request, who: PagePrincipal, complaint_id: ComplaintId) -> Response:
    return await _photo(request, who, complaint_id)


@api.get("/{complaint_id}/photo", response_class=Response)
async def get_photo(request: Request, who: ApiPrincipal, complaint_id: ComplaintId) -> Response:
    """The reporter's photo as JPEG, until it is deleted."""
    return await _photo(request, who, complaint_id)


async def _photo(request: Request, who: PagePrincipal, complaint_id: str) -> Response:
    db = request.app.state.db
    _, _, photo = await reporting.private_of(who, complaint_id, now=now(), db=db)
    if photo is None:
        raise NotFound()
    return Response(photo, media_type="image/jpeg", headers=PRIVATE)


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
        kinds=[
            (key, translate(label), translate(hint))
            for key, (label, hint) in words.PROBLEMS.items()
        ],
        communes=words.communes_here(),
        private_days=settings.complaint_private_days,
        kept_days=settings.complaint_days,
    )
