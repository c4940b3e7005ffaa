"""The session's cookies.

Lax, the refresh cookie too: a link from an e-mail to a console page must find the session, and
its first stop may be the refresh. A cross-site POST carries neither.
"""

from starlette.requests import Request
from starlette.responses import Response

from services.identity.actions.grants import Grant
from services.identity.domain.claims import LIFE as CLAIM_LIFE
from services.identity.domain.tickets import LIFE
from services.identity.guard import Guard
from shared.web.context import web
from shared.web.cookies import ACCESS, REFRESH, clear_cookie, cookie_name, set_cookie

KNOWN_DEVICE = "txng_device"
STEP = "txng_step"
CLAIM = "txng_claim"
_DEVICE_SECONDS = 365 * 24 * 3600


def give(request: Request, response: Response, grant: Grant) -> None:
    """The tokens of a session, as long as they last."""
    secure = web(request).settings.secure
    set_cookie(response, ACCESS, grant.access_token, secure=secure, max_age=grant.access_seconds)
    set_cookie(response, REFRESH, grant.refresh_token, secure=secure, max_age=grant.refresh_seconds)


def give_access(request: Request, response: Response, grant: Grant) -> None:
    """A newer access token of the same session."""
    secure = web(request).settings.secure
    set_cookie(response, ACCESS, grant.access_token, secure=secure, max_age=grant.access_seconds)


def give_ticket(request: Request, response: Response, ticket: str) -> None:
    """The ticket to the next step: in no page and in no address, so it cannot be passed on."""
    secure = web(request).settings.secure
    set_cookie(response, STEP, ticket, secure=secure, max_age=int(LIFE.total_seconds()))


def ticket(request: Request) -> str:
    sent = request.cookies.get(cookie_name(STEP, secure=web(request).settings.secure), "")
    return sent if len(sent) <= 100 else ""


def forget_ticket(request: Request, response: Response) -> None:
    clear_cookie(response, STEP, secure=web(request).settings.secure)


def give_claim(request: Request, response: Response, secret: str) -> None:
    """What alone may set the password once the officer has confirmed this browser's word."""
    secure = web(request).settings.secure
    # Two lives: one to be confirmed, one to set the password.
    seconds = 2 * int(CLAIM_LIFE.total_seconds())
    set_cookie(response, CLAIM, secret, secure=secure, max_age=seconds)


def claim(request: Request) -> str:
    sent = request.cookies.get(cookie_name(CLAIM, secure=web(request).settings.secure), "")
    return sent if len(sent) <= 100 else ""


def forget_claim(request: Request, response: Response) -> None:
    clear_cookie(response, CLAIM, secure=web(request).settings.secure)


def take_back(request: Request, response: Response) -> None:
    """The browser forgets the session."""
    secure = web(request).settings.secure
    for name in (ACCESS, REFRESH):
        clear_cookie(response, name, secure=secure)


def refresh_token(request: Request) -> str:
    return request.cookies.get(cookie_name(REFRESH, secure=web(request).settings.secure), "")


def remember_device(request: Request, response: Response, guard: Guard, username: str) -> None:
    """Failures at this browser count apart from those of strangers elsewhere."""
    secure = web(request).settings.secure
    mark = guard.know_device(username)
    set_cookie(response, KNOWN_DEVICE, mark, secure=secure, max_age=_DEVICE_SECONDS)


def known_device(request: Request) -> str:
    sent = request.cookies.get(cookie_name(KNOWN_DEVICE, secure=web(request).settings.secure), "")
    return sent if len(sent) <= 200 else ""
