"""How a facility gets an account: the public form, and the page behind its tracking code (R5)."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.identity import labels
from services.identity.actions import applications as actions
from services.identity.actions import collecting, enclosing, withdrawing
from services.identity.domain.applications import KEPT_AFTER_DECISION, Application
from services.identity.fields.applications import ApplyForm, EncloseForm, Reply, TrackForm
from services.identity.pages.desks import communes_of_today, desks_of
from services.identity.request import Db, GuardOf, Id, OriginOf, TrackingCodeInPath
from services.identity.store import units
from shared.errors import NotFound
from shared.ids import new_id, now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import VisitorForm
from shared.web.forms import Form, new_form, read_form
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
    async def perform(given: ApplyForm) -> Response:
        told, key = given.filled(), given.repeat_key
        handed = await actions.submit(
            told, origin=origin, db=db, guard=guard, now=now(), repeat_key=key
        )
        return redirect(
            request,
            f"/apply/{handed.code}",
            N_("Đã nhận bản đăng ký. Hãy ghi lại mã tra cứu {code}."),
            code=handed.code,
        )

    async def show(form: Form[ApplyForm], status: int) -> Response:
        return await _form(request, db, form, status)

    return await answered(await read_form(request, ApplyForm), perform, show)


@router.get("/apply/track")
async def ask_code(request: Request, who: VisitorPrincipal) -> Response:
    return render(request, "apply_track.html", form=new_form(TrackForm))


@router.post("/apply/track")
async def find(
    request: Request, sent: VisitorForm, db: Db, guard: GuardOf, origin: OriginOf
) -> Response:
    async def perform(given: TrackForm) -> Response:
        try:
            await actions.track(given.code, origin=origin, db=db, guard=guard, now=now())
        except NotFound as unknown:
            raise CodeUnknown("code") from unknown
        return RedirectResponse(f"/apply/{given.code.replace(' ', '-')}", 303)

    async def show(form: Form[TrackForm], status: int) -> Response:
        return render(request, "apply_track.html", status=status, form=form)

    return await answered(await read_form(request, TrackForm), perform, show)


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
    try:
        found = await actions.track(code, origin=origin, db=db, guard=guard, now=now())
    except NotFound:
        # Mostly a slip in copying: what was typed comes back to be looked at.
        form = new_form(TrackForm, code=code).refused(CodeUnknown("code"))
        return render(request, "apply_track.html", status=404, form=form)
    return await _state(request, db, code, found)


@router.post("/apply/{code}")
async def reply(
    request: Request,
    code: TrackingCodeInPath,
    sent: VisitorForm,
    db: Db,
    guard: GuardOf,
    origin: OriginOf,
) -> Response:
    # Whoever knows no application by this code meets a page that says so, not a form.
    found = await actions.track(code, origin=origin, db=db, guard=guard, now=now())

    async def perform(given: Reply) -> Response:
        await actions.reply(code, given.text, origin=origin, db=db, guard=guard, now=now())
        return redirect(request, f"/apply/{code}", N_("Đã gửi phần bổ sung."))

    async def show(form: Form[Reply], status: int) -> Response:
        return await _state(request, db, code, found, reply=form, status=status)

    return await answered(await read_form(request, Reply), perform, show)


@router.post("/apply/{code}/papers")
async def enclose(
    request: Request,
    code: TrackingCodeInPath,
    sent: VisitorForm,
    db: Db,
    guard: GuardOf,
    origin: OriginOf,
) -> Response:
    found = await actions.track(code, origin=origin, db=db, guard=guard, now=now())

    async def perform(given: EncloseForm) -> Response:
        data = await given.file.read()
        await enclosing.enclose(
            code, given.shows, data, origin=origin, db=db, guard=guard, now=now()
        )
        return redirect(request, f"/apply/{code}#papers", N_("Đã gửi giấy tờ."))

    async def show(form: Form[EncloseForm], status: int) -> Response:
        return await _state(request, db, code, found, enclose=form, status=status)

    return await answered(await read_form(request, EncloseForm), perform, show)


@router.post("/apply/{code}/papers/{paper_id}/take-back")
async def take_back(
    request: Request,
    code: TrackingCodeInPath,
    paper_id: Id,
    sent: VisitorForm,
    db: Db,
    guard: GuardOf,
    origin: OriginOf,
) -> Response:
    await enclosing.take_back(code, paper_id, origin=origin, db=db, guard=guard, now=now())
    return redirect(request, f"/apply/{code}#papers", N_("Đã bỏ giấy tờ."))


@router.post("/apply/{code}/setup-code")
async def collect(
    request: Request,
    code: TrackingCodeInPath,
    sent: VisitorForm,
    db: Db,
    guard: GuardOf,
    origin: OriginOf,
) -> Response:
    issued = await collecting.collect(code, origin=origin, db=db, guard=guard, now=now())
    return render(request, "apply_code.html", status=201, issued=issued)


@router.post("/apply/{code}/withdraw")
async def withdraw(
    request: Request,
    code: TrackingCodeInPath,
    sent: VisitorForm,
    db: Db,
    guard: GuardOf,
    origin: OriginOf,
) -> Response:
    await withdrawing.withdraw(code, origin=origin, db=db, guard=guard, now=now())
    return redirect(request, "/apply", N_("Đã rút bản đăng ký và xóa thông tin bạn đã gửi."))


async def _form(
    request: Request, db: Database, form: Form[ApplyForm], status: int = 200
) -> Response:
    return render(
        request,
        "apply.html",
        status=status,
        form=form,
        communes=await communes_of_today(db),
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
    *,
    reply: Form[Reply] | None = None,
    enclose: Form[EncloseForm] | None = None,
    status: int = 200,
) -> Response:
    return render(
        request,
        "apply_state.html",
        status=status,
        code=code,
        found=found,
        form=reply or new_form(Reply),
        enclosing=enclose or new_form(EncloseForm),
        papers=found.sent_with(actions.fingerprint_of(code)),
        shown=[(name, translate(label)) for name, label in labels.PAPERS.items()],
        collects=await collecting.collectable(found, code, db=db, now=now()),
        desks=await desks_of(db, found.first.commune),
        labels=labels,
    )
