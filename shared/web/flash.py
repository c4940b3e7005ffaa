"""One short message for the next page after a redirect, in a signed cookie of a minute."""

from dataclasses import dataclass

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

from shared.web.context import web
from shared.web.cookies import FLASH, clear_cookie, cookie_name, set_cookie

_SECONDS = 60
# Browsers drop cookies above 4 KB, and a Vietnamese letter may take eight bytes in one.
_LETTERS = 300


@dataclass(frozen=True)
class Flash:
    tone: str
    text: str


def _signer(request: Request) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(web(request).keys.flash, salt="flash")


def leave(request: Request, response: Response, flash: Flash) -> None:
    """Leaves a message for the next page."""
    signed = _signer(request).dumps([flash.tone, flash.text[:_LETTERS]])
    secure = web(request).settings.secure
    set_cookie(response, FLASH, str(signed), secure=secure, max_age=_SECONDS)


def find(request: Request) -> Flash | None:
    """The message left for this page; whatever was not signed by us does not exist."""
    sent = request.cookies.get(cookie_name(FLASH, secure=web(request).settings.secure))
    if not sent:
        return None
    try:
        tone, text = _signer(request).loads(sent, max_age=_SECONDS)
    except (BadData, ValueError, TypeError):
        return None
    return Flash(str(tone), str(text))


def forget(request: Request, response: Response) -> None:
    """Once shown, it is gone."""
    clear_cookie(response, FLASH, secure=web(request).settings.secure)
