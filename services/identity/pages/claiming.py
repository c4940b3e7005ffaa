"""The person's side of taking an account over: a user name, a word to read out, a password."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.identity.actions import claiming as actions
from services.identity.domain.claims import ClaimIsOver, word_of
from services.identity.fields.claims import AskClaim, SetClaimedPasswordForm
from services.identity.pages import cookies
from services.identity.pages.passwords import PasswordsDiffer
from services.identity.request import Db, GuardOf, OriginOf
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import VisitorForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.session import VisitorPrincipal

router = APIRouter(prefix="/sign-in/claim")


@router.get("")
async def ask(request: Request, who: VisitorPrincipal, db: Db) -> Response:
    asked = request.query_params.get("username", "")[:64]
    return await _page(request, db, new_form(AskClaim, username=asked))


@router.post("")
async def begin(
    request: Request, sent: VisitorForm, db: Db, guard: GuardOf, origin: OriginOf
) -> Response:
    async def perform(given: AskClaim) -> Response:
        asked = await actions.ask(
            given.username,
            origin=origin,
            db=db,
            guard=guard,
            now=now(),
            known_device=cookies.known_device(request),
        )
        response = RedirectResponse(router.prefix, 303)
        cookies.give_claim(request, response, asked.secret)
        return response

    async def show(form: Form[AskClaim], status: int) -> Response:
        return render(request, "claim_ask.html", status=status, form=form)

    return await answered(await read_form(request, AskClaim), perform, show)


@router.post("/password")
async def set_password(
    request: Request, sent: VisitorForm, db: Db, guard: GuardOf, origin: OriginOf
) -> Response:
    async def perform(given: SetClaimedPasswordForm) -> Response:
        if given.password != given.again:
            raise PasswordsDiffer("again")
        secret = cookies.claim(request)
        await actions.set_password(
            secret, given.password, origin=origin, db=db, guard=guard, now=now()
        )
        told = N_("Đã đặt mật khẩu. Bạn có thể đăng nhập ngay.")
        response = redirect(request, "/sign-in", told)
        cookies.forget_claim(request, response)
        return response

    async def show(form: Form[SetClaimedPasswordForm], status: int) -> Response:
        return await _page(request, db, new_form(AskClaim), form, status)

    return await answered(await read_form(request, SetClaimedPasswordForm), perform, show)


@router.post("/over")
async def begin_again(request: Request, sent: VisitorForm) -> Response:
    """Another user name, or another person at this device."""
    response = RedirectResponse(router.prefix, 303)
    cookies.forget_claim(request, response)
    return response


async def _page(
    request: Request,
    db: Database,
    asking: Form[AskClaim],
    setting: Form[SetClaimedPasswordForm] | None = None,
    status: int = 200,
) -> Response:
    """What this browser's claim has come to: nothing yet, waiting, or confirmed."""
    secret = cookies.claim(request)
    claim = await actions.standing(secret, db=db, now=now())
    if claim is None:
        if setting is not None:
            asking = asking.refused(ClaimIsOver())
        return render(request, "claim_ask.html", status=status, form=asking)
    if claim.confirmed:
        form = setting or new_form(SetClaimedPasswordForm)
        return render(request, "claim_password.html", status=status, form=form, claim=claim)
    return render(request, "claim_word.html", status=status, claim=claim, word=word_of(secret))
