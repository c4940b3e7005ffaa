"""How a facility gets an account: the public form, and the page behind its tracking code (R5)."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.identity import labels
from services.identity.actions import applications as actions
from services.identity.application_inputs import ApplyForm, Reply, TrackForm
from services.identity.domain.applications import KEPT_AFTER_DECISION, Application
from services.identity.request import Db, GuardOf, OriginOf, TrackingCodeInPath
from services.identity.store import units
from shared.errors import NotFound, Refusal
from shared.ids import new_id, now
from shared.mongo import Database
from shared.web.csrf import VisitorForm
from shared.web.forms import Form, form_status, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.session import VisitorPrincipal

router = APIRouter()


@router.get("/apply")
async def ask(request: Request, who: VisitorPrincipal, db: Db) -> Response:
    return await _form(request, db, new_form(ApplyForm, wish="new", repeat_key=new_id()))


@router.post("/apply")
async def apply(
    request: Request, sent: VisitorForm, db: Db, guard: GuardOf, origin: OriginOf
) -> Response:
    form = await read_form(request, ApplyForm)
    if form.value is None:
        return await _form(request, db, form, 422)
    given = form.value
    try:
        handed = await actions.submit(
            given.filled(),
            origin=origin,
            db=db,
            guard=guard,
            now=now(),
            repeat_key=given.repeat_key,
        )
    except Refusal as refusal:
        return await _form(request, db, form.refused(refusal), form_status(refusal))
    return redirect(
        request,
        f"/apply/{handed.code}",
        N_("Đã nhận bản đăng ký. Hãy ghi lại mã tra cứu {code}."),
        code=handed.code,
    )


@router.get("/apply/track")
async def ask_code(request: Request, who: VisitorPrincipal) -> Response:
    return render(request, "apply_track.html", form=new_form(TrackForm))


@router.post("/apply/track")
async def find(
    request: Request, sent: VisitorForm, db: Db, guard: GuardOf, origin: OriginOf
) -> Response:
    form = await read_form(request, TrackForm)
    if form.value is None:
        return render(request, "apply_track.html", status=422, form=form)
    code = form.value.code
    try:
        await actions.track(code, origin=origin, db=db, guard=guard, now=now())
    except NotFound:
        refused = form.refused(CodeUnknown("code"))
        return render(request, "apply_track.html", status=404, form=refused)
    except Refusal as refusal:
        refused, status = form.refused(refusal), form_status(refusal)
        return render(request, "apply_track.html", status=status, form=refused)
    return RedirectResponse(f"/apply/{code.replace(' ', '-')}", 303)


class CodeUnknown(NotFound):
    code = "tracking_code_unknown"
    message = "Không có bản đăng ký nào mang mã này. Hãy kiểm tra lại từng ký tự của mã."


@router.get("/apply/{code}")
async def state(
    request: Request,
    code: TrackingCodeInPath,
    who: VisitorPrincipal,
    db: Db,
    guard: GuardOf,
    origin: OriginOf,
) -> Response:
    found = await actions.track(code, origin=origin, db=db, guard=guard, now=now())
    return await _state(request, db, code, found, new_form(Reply))


@router.post("/apply/{code}")
async def reply(
    request: Request,
    code: TrackingCodeInPath,
    sent: VisitorForm,
    db: Db,
    guard: GuardOf,
    origin: OriginOf,
) -> Response:
    form = await read_form(request, Reply)
    try:
        if form.value is None:
            found = await actions.track(code, origin=origin, db=db, guard=guard, now=now())
            return await _state(request, db, code, found, form, 422)
        await actions.reply(code, form.value.text, origin=origin, db=db, guard=guard, now=now())
    except NotFound:
        raise
    except Refusal as refusal:
        found = await actions.track(code, origin=origin, db=db, guard=guard, now=now())
        status = form_status(refusal)
        return await _state(request, db, code, found, form.refused(refusal), status)
    return redirect(request, f"/apply/{code}", N_("Đã gửi phần bổ sung."))


async def _form(
    request: Request, db: Database, form: Form[ApplyForm], status: int = 200
) -> Response:
    communes = await units.of_tier(db, "commune")
    return render(
        request,
        "apply.html",
        status=status,
        form=form,
        communes=[(code, unit.name) for unit in communes for code in unit.reach.communes],
        offices=await units.of_tier(db, "unit"),
        wishes=[(name, translate(label)) for name, label in labels.WISHES.items()],
        sectors=[(name, translate(label)) for name, label in labels.SECTOR_CHOICES.items()],
        kinds=[(name, translate(label)) for name, label in labels.FACILITY_KINDS.items()],
        kept_days=KEPT_AFTER_DECISION.days,
    )


async def _state(
    request: Request,
    db: Database,
    code: str,
    found: Application,
    form: Form[Reply],
    status: int = 200,
) -> Response:
    communes = await units.of_tier(db, "commune")
    desks = [unit.name for unit in communes if found.first.commune in unit.reach.communes]
    return render(
        request,
        "apply_state.html",
        status=status,
        code=code,
        found=found,
        form=form,
        desks=desks,
        labels=labels,
    )
