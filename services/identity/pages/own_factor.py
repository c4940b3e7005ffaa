"""One's own second factor on pages: its state, a new device, recovery codes, on and off."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.identity.actions import own_factor, second_step
from services.identity.actions.proof import Given
from services.identity.actions.second_step import Shown
from services.identity.domain.tickets import Purpose, StepIsOver
from services.identity.fields.signing_in import EnrolledFactorForm, OwnFactorForm, SecondStepForm
from services.identity.guard import Guard
from services.identity.pages import cookies
from services.identity.pages.qr import qr_image
from services.identity.request import Db, GuardOf, OriginOf
from services.identity.store import accounts, factors
from services.identity.tiers import tiers
from shared.auth import Principal
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter()

HOME = "/account/second-factor"
NEW = f"{HOME}/new"


@router.get(HOME)
async def state(request: Request, who: PagePrincipal, db: Db) -> Response:
    return await _page(request, who, db, new_form(await _form(who, db)))


@router.post(HOME)
async def change(
    request: Request, who: PagePrincipal, sent: PageForm, db: Db, guard: GuardOf, origin: OriginOf
) -> Response:
    async def perform(form: OwnFactorForm) -> Response:
        given = Given(origin, form.code or "", form.password, cookies.known_device(request))
        return await _do(request, form.act, given, who, db, guard)

    return await answered(
        await read_form(request, await _form(who, db)),
        perform,
        lambda form, status: _page(request, who, db, form, status),
    )


async def _form(who: Principal, db: Database) -> type[OwnFactorForm]:
    """A code is asked for where there is a device that shows one."""
    is_enrolled = (await factors.find(db, who.account_id)).enrolled
    return EnrolledFactorForm if is_enrolled else OwnFactorForm


async def _do(
    request: Request, act: str, given: Given, who: Principal, db: Database, guard: Guard
) -> Response:
    if act == "recovery_codes":
        codes = await own_factor.renew_recovery(given, who=who, db=db, guard=guard, now=now())
        return render(request, "recovery_codes.html", codes=codes, next="/account")
    if act == "off":
        grant = await own_factor.turn_off(given, who=who, db=db, guard=guard, now=now())
        response: Response = redirect(request, HOME, N_("Đã tắt xác thực hai bước."))
        cookies.give_access(request, response, grant)
        return response
    ticket = await own_factor.begin(given, who=who, db=db, guard=guard, now=now())
    response = RedirectResponse(NEW, 303)
    cookies.give_ticket(request, response, ticket)
    return response


@router.get(NEW)
async def new_device(request: Request, who: PagePrincipal, db: Db, guard: GuardOf) -> Response:
    return await _enrolling(request, db, guard, new_form(SecondStepForm))


@router.get(NEW + "/qr.svg")
async def qr_code(request: Request, who: PagePrincipal, db: Db, guard: GuardOf) -> Response:
    ticket = cookies.ticket(request)
    told = await second_step.enrolling(ticket, Purpose.SETUP, db=db, guard=guard, now=now())
    return qr_image(told.address)


@router.post(NEW)
async def confirm(
    request: Request, who: PagePrincipal, sent: PageForm, db: Db, guard: GuardOf, origin: OriginOf
) -> Response:
    async def perform(given: SecondStepForm) -> Response:
        ticket, device = cookies.ticket(request), cookies.known_device(request)
        shown = Shown(ticket, given.code, origin, device)
        enrolled = await own_factor.finish(shown, who=who, db=db, guard=guard, now=now())
        codes = enrolled.recovery_codes
        response = render(request, "recovery_codes.html", codes=codes, next="/account")
        cookies.give_access(request, response, enrolled.grant)
        cookies.forget_ticket(request, response)
        return response

    return await answered(
        await read_form(request, SecondStepForm),
        perform,
        lambda form, status: _enrolling(request, db, guard, form, status),
    )


async def _enrolling(
    request: Request,
    db: Database,
    guard: Guard,
    form: Form[SecondStepForm],
    status: int = 200,
) -> Response:
    ticket = cookies.ticket(request)
    try:
        told = await second_step.enrolling(ticket, Purpose.SETUP, db=db, guard=guard, now=now())
    except StepIsOver as over:
        return redirect(request, HOME, over.message, tone="caution")
    return render(
        request,
        "enrol_factor.html",
        form=form,
        told=told,
        qr=f"{NEW}/qr.svg",
        action=NEW,
        layout="console.html",
        cancel=HOME,
        status=status,
    )


async def _page(
    request: Request, who: Principal, db: Database, form: Form[OwnFactorForm], status: int = 200
) -> Response:
    factor = await factors.find(db, who.account_id)
    by = {factor.removal.by} if factor.removal else set()
    return render(
        request,
        "own_factor.html",
        form=form,
        factor=factor,
        required=tiers()[who.tier].second_factor,
        names=await accounts.names(db, by),
        stale_codes=request.app.state.guard.stale_codes(factor),
        status=status,
    )
