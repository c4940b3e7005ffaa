"""The second step of a sign-in on pages: a code, or enrolling with a QR code for the first time."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.identity.actions import second_step
from services.identity.actions.grants import Grant
from services.identity.actions.second_step import Shown
from services.identity.domain.accounts import Account
from services.identity.domain.factors import read_digits
from services.identity.domain.tickets import Purpose, StepIsOver
from services.identity.fields.signing_in import SecondStepForm
from services.identity.guard import Guard
from services.identity.pages import cookies
from services.identity.pages.qr import qr_image
from services.identity.pages.session import SECOND_STEP, landing
from services.identity.request import Db, GuardOf, OriginOf
from services.identity.store import accounts, factors
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import VisitorForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render

router = APIRouter()


@router.get(SECOND_STEP)
async def ask(request: Request, db: Db, guard: GuardOf) -> Response:
    form = new_form(SecondStepForm, next=landing(request.query_params.get("next")))
    return await _page(request, db, guard, form)


@router.get(SECOND_STEP + "/qr.svg")
async def qr_code(request: Request, db: Db, guard: GuardOf) -> Response:
    """The new seed as a picture, for the browser that holds the ticket."""
    ticket = cookies.ticket(request)
    told = await second_step.enrolling(ticket, Purpose.ENROL, db=db, guard=guard, now=now())
    return qr_image(told.address)


@router.post(SECOND_STEP)
async def finish(
    request: Request, sent: VisitorForm, db: Db, guard: GuardOf, origin: OriginOf
) -> Response:
    async def perform(given: SecondStepForm) -> Response:
        ticket, target = cookies.ticket(request), landing(given.next)
        shown = Shown(ticket, given.code, origin, cookies.known_device(request))
        if await second_step.purpose_of(ticket, db=db, now=now()) is Purpose.ENROL:
            enrolled = await second_step.enrol(shown, db=db, guard=guard, now=now())
            grant = enrolled.grant
            response: Response = render(
                request, "recovery_codes.html", codes=enrolled.recovery_codes, next=target
            )
        else:
            grant = await second_step.finish(shown, db=db, guard=guard, now=now())
            response = await _go_on(request, target, given.code, grant, db)
        account = await accounts.get(db, grant.principal.account_id)
        return _signed_in(request, response, grant, guard, account)

    return await answered(
        await read_form(request, SecondStepForm),
        perform,
        lambda form, status: _page(request, db, guard, form, status),
    )


def _signed_in(
    request: Request, response: Response, grant: Grant, guard: Guard, account: Account
) -> Response:
    cookies.give(request, response, grant)
    cookies.remember_device(request, response, guard, account.username)
    cookies.forget_ticket(request, response)
    return response


async def _go_on(request: Request, target: str, typed: str, grant: Grant, db: Database) -> Response:
    """To where the person was going; told how many are left if it was with a recovery code."""
    left = len((await factors.find(db, grant.principal.account_id)).recovery)
    if read_digits(typed) is not None:
        return RedirectResponse(target, 303)
    message = N_("Bạn còn {count} mã dự phòng. Hãy tạo mã mới ở trang Tài khoản của tôi.")
    return redirect(request, target, message, tone="caution", count=left)


async def _page(
    request: Request,
    db: Database,
    guard: Guard,
    form: Form[SecondStepForm],
    status: int = 200,
) -> Response:
    ticket = cookies.ticket(request)
    purpose = await second_step.purpose_of(ticket, db=db, now=now())
    if purpose is Purpose.CODE:
        return render(request, "second_factor.html", form=form, status=status)
    if purpose is not Purpose.ENROL:
        return redirect(request, "/sign-in", StepIsOver.message, tone="caution")
    told = await second_step.enrolling(ticket, purpose, db=db, guard=guard, now=now())
    return render(
        request,
        "enrol_factor.html",
        form=form,
        told=told,
        qr=f"{SECOND_STEP}/qr.svg",
        action=SECOND_STEP,
        layout="base.html",
        cancel="/sign-in",
        status=status,
    )
