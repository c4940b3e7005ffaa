"""Forms come from our own pages: a token bound to the session, and the browser's own word."""

import hmac
from collections.abc import AsyncIterator
from hashlib import sha256
from secrets import token_urlsafe
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.requests import Request

from shared.auth import Principal
from shared.web.context import web
from shared.web.cookies import VISIT, cookie_name
from shared.web.formdata import Submitted, receive_form
from shared.web.refusals import CrossSiteForm
from shared.web.session import PagePrincipal, VisitorPrincipal

FIELD = "csrf"
# What was typed to prove oneself travels with the form it interrupted (shared/web/proof.py).
PROOF = "proof_code"


async def page_form(request: Request, who: PagePrincipal) -> AsyncIterator[Submitted]:
    """A form of a signed-in person. An expired session is renewed before anything is judged."""
    async with receive_form(request) as submitted:
        _check(request, submitted, _accepted(request, who)[:1])
        request.state.proof_code = submitted.take(PROOF)
        yield submitted


async def visitor_form(request: Request, who: VisitorPrincipal) -> AsyncIterator[Submitted]:
    """A form open to everybody, signed in or not; before sign-in a random cookie stands in."""
    async with receive_form(request) as submitted:
        _check(request, submitted, _accepted(request, who))
        yield submitted


async def passing_form(request: Request) -> None:
    """A form on its way elsewhere, such as through the renewal of a session.

    Its token is judged where it arrives; here, where nothing is done with it, only its origin is.
    """
    if not _from_here(request):
        raise CrossSiteForm()


PageForm = Annotated[Submitted, Depends(page_form)]
VisitorForm = Annotated[Submitted, Depends(visitor_form)]
PassingForm = Annotated[None, Depends(passing_form)]
GUARDS = (page_form, visitor_form, passing_form)


def session_token(key: bytes, principal: Principal) -> str:
    """The token of a signed-in person's forms; it outlives a renewed access token."""
    return _mac(key, "session", principal.session_id)


def visit_token(key: bytes, visit: str) -> str:
    """The token of a visitor's forms, bound to the value of their cookie."""
    return _mac(key, "visit", visit)


def new_visit() -> str:
    """The value of a visitor's cookie."""
    return token_urlsafe(24)


def visit_of(request: Request) -> str | None:
    """The visitor's cookie as sent."""
    sent = request.cookies.get(cookie_name(VISIT, secure=web(request).settings.secure))
    return sent if sent and len(sent) <= 64 else None


def _mac(key: bytes, purpose: str, value: str) -> str:
    return hmac.new(key, f"{purpose}:{value}".encode(), sha256).hexdigest()


def _accepted(request: Request, who: Principal | None) -> list[str]:
    """The tokens that are right here, a signed-in person's own first."""
    key = web(request).keys.csrf
    tokens = [session_token(key, who)] if who is not None else []
    visit = visit_of(request)
    return tokens + ([visit_token(key, visit)] if visit else [])


def _check(request: Request, submitted: Submitted, accepted: list[str]) -> None:
    if not _from_here(request):
        raise CrossSiteForm()
    # What comes from elsewhere is never shown as if the reader had typed it (shared/web/kept.py).
    request.state.from_here = True
    sent = submitted.take(FIELD).encode("utf-8", "replace")
    # All are compared, in constant time, whichever fits.
    fits = [hmac.compare_digest(sent, token.encode()) for token in accepted]
    if not any(fits):
        raise CrossSiteForm()


def _from_here(request: Request) -> bool:
    """What the browser says about the origin; old browsers say nothing, then the token decides."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    # A test or an operator may reach the service by another name than the public one: then the
    # Host that the browser itself put into the request is as good.
    host = request.headers.get("host")
    return origin == web(request).settings.public_origin.rstrip("/") or (
        host is not None and urlsplit(origin).netloc == host
    )
