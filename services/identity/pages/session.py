"""Signing in and out on pages, and the hop by which every console renews an expired session."""

from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.identity.actions import sessions, sign_in
from services.identity.actions.attempts import Attempt
from services.identity.actions.sign_in import Step
from services.identity.fields.signing_in import SignInForm
from services.identity.pages import cookies
from services.identity.pages.carrying import carry
from services.identity.request import Db, GuardOf, OriginOf, origin_of
from shared.errors import Kind, Refusal
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm, VisitorForm
from shared.web.forms import new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal, VisitorPrincipal, safe_next

router = APIRouter()

HOME = "/console"
SECOND_STEP = "/sign-in/second-factor"
# Nobody wants to land where sessions begin and end.
_NO_LANDING = ("/sign-in", "/sign-out", "/session")


def landing(wanted: str | None) -> str:
    """Where to go after signing in: an address of this site, else the console."""
    path = safe_next(wanted, HOME)
    return HOME if path.startswith(_NO_LANDING) else path


@router.get("/sign-in")
async def ask(request: Request, who: VisitorPrincipal) -> Response:
    target = landing(request.query_params.get("next"))
    if who is not None:
        return RedirectResponse(target, 303)
    return render(request, "sign_in.html", form=new_form(SignInForm, next=target))


@router.post("/sign-in")
async def enter(
    request: Request, sent: VisitorForm, db: Db, guard: GuardOf, origin: OriginOf
) -> Response:
    async def perform(given: SignInForm) -> Response:
        attempt = Attempt(given.username, origin, cookies.known_device(request))
        done = await sign_in.sign_in(attempt, given.password, db=db, guard=guard, now=now())
        if isinstance(done, Step):
            step = urlencode({"next": landing(given.next)})
            response = RedirectResponse(f"{SECOND_STEP}?{step}", 303)
            cookies.give_ticket(request, response, done.ticket)
            return response
        response = RedirectResponse(landing(given.next), 303)
        cookies.give(request, response, done)
        cookies.remember_device(request, response, guard, given.username)
        return response

    return await answered(
        await read_form(request, SignInForm),
        perform,
        lambda form, status: render(request, "sign_in.html", form=form, status=status),
    )


@router.post("/sign-out")
async def leave(
    request: Request, who: PagePrincipal, sent: PageForm, db: Db, origin: OriginOf
) -> Response:
    await sessions.sign_out(who, origin=origin, db=db, now=now())
    response = redirect(request, "/", N_("Bạn đã đăng xuất."))
    cookies.take_back(request, response)
    return response


async def renew(request: Request) -> Response:
    """307 back to where the browser came from, method and body kept, with a renewed session.

    Without a session that can be renewed: 303 to the sign-in page, which keeps the address and
    what was typed.
    It changes nothing but the session's own tokens, so it needs no CSRF token.
    """
    target = landing(request.query_params.get("next"))
    token = cookies.refresh_token(request)
    state = request.app.state
    try:
        grant = await sessions.refresh(
            token, origin=origin_of(request), db=state.db, guard=state.guard, now=now()
        )
    except Refusal as refusal:
        if refusal.kind not in (Kind.UNAUTHENTICATED, Kind.FORBIDDEN):
            raise
        kept = await carry(request, target, state.db)
        return _to_sign_in(request, kept or target, refusal if token else None)
    response = RedirectResponse(target, 307)
    cookies.give(request, response, grant)
    return response


router.add_route("/session/refresh", renew, methods=["GET", "POST"])


def _to_sign_in(request: Request, target: str, refusal: Refusal | None) -> Response:
    address = f"/sign-in?{urlencode({'next': target})}"
    message = refusal.message if refusal else ""
    response = redirect(request, address, message, tone="caution")
    cookies.take_back(request, response)
    return response
