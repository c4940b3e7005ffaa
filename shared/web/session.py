"""Who is calling: Bearer tokens for APIs, the session cookie for pages."""

from typing import Annotated
from urllib.parse import quote, urlsplit

import structlog
from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from shared.auth import Principal
from shared.errors import Unauthenticated
from shared.web.context import web
from shared.web.cookies import ACCESS, HOPS, cookie_name, set_cookie

REFRESH_PATH = "/session/refresh"
_MAX_HOPS = 3
_HOP_SECONDS = 15
_bearer = HTTPBearer(auto_error=False, description="Mã truy cập của tài khoản hoặc phần mềm.")


class SessionNeeded(Exception):
    """A page was asked for without a valid session; the browser is sent to get a new one."""


async def api_principal(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Principal:
    """Bearer only: a cookie never opens an API, so an API needs no CSRF token."""
    if credentials is None:
        raise Unauthenticated()
    principal = await _verified(request, credentials.credentials)
    request.state.reader = principal
    return principal


async def page_principal(request: Request) -> Principal:
    """The signed-in person, or a redirect by which the session is renewed."""
    principal = await visitor_principal(request)
    if principal is None:
        raise SessionNeeded()
    request.state.reader = principal
    return principal


async def visitor_principal(request: Request) -> Principal | None:
    """The signed-in person if there is one; for pages open to everybody."""
    token = request.cookies.get(cookie_name(ACCESS, secure=web(request).settings.secure))
    if not token:
        return None
    try:
        return await _verified(request, token)
    except Unauthenticated:
        return None


async def _verified(request: Request, token: str) -> Principal:
    principal: Principal = await request.app.state.verifier.verify(token)
    request.state.principal = principal
    structlog.contextvars.bind_contextvars(account=principal.account_id)
    return principal


ApiPrincipal = Annotated[Principal, Depends(api_principal)]
PagePrincipal = Annotated[Principal, Depends(page_principal)]
VisitorPrincipal = Annotated[Principal | None, Depends(visitor_principal)]


def ask_for_session(request: Request) -> Response | None:
    """307 to identity, which renews the session and sends the browser back in the same way.

    Method and body survive both hops. None once it has been tried a few times within seconds:
    identity then trusts a session that this service does not (yet), and going on would circle.
    """
    secure = web(request).settings.secure
    hops = request.cookies.get(cookie_name(HOPS, secure=secure), "0")
    tried = int(hops) if hops.isdecimal() and len(hops) < 3 else 0
    if tried >= _MAX_HOPS:
        return None
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    target = f"{REFRESH_PATH}?next={quote(safe_next(here), safe='/')}"
    response = RedirectResponse(target, 307, headers={"Cache-Control": "no-store"})
    set_cookie(response, HOPS, str(tried + 1), secure=secure, max_age=_HOP_SECONDS)
    return response


def safe_next(path: str | None, default: str = "/console") -> str:
    """`path` if it is an address on this very site, else `default`: no open redirects."""
    if not path or len(path) > 2000 or not path.startswith("/") or path.startswith("//"):
        return default
    # Browsers read a backslash as a slash and drop tabs and line breaks.
    if "\\" in path or any(character <= " " or character == "\x7f" for character in path):
        return default
    parts = urlsplit(path)
    return default if parts.scheme or parts.netloc else path
