"""What was typed when a session ended is kept over the sign-in, and sent again by one press."""

import hmac

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.identity.actions.sessions import owner_of
from services.identity.pages import cookies
from services.identity.request import Db, Id
from services.identity.store import carried as store
from services.identity.store.carried import Carried
from shared.auth import Principal
from shared.errors import Refusal
from shared.ids import new_id, now
from shared.mongo import Database
from shared.web.context import web
from shared.web.csrf import FIELD, session_token
from shared.web.formdata import Submitted, is_secret, receive_form
from shared.web.pages import render
from shared.web.session import PagePrincipal

router = APIRouter()

LARGEST = 200_000


async def carry(request: Request, target: str, db: Database) -> str | None:
    """Keep the posted form if it is one of our own; where its sender finds it after signing in.

    It is ours if it bears the token of the session that ended, and the browser holds that
    session's last refresh token: another site can make neither.
    """
    length = request.headers.get("content-length", "")
    if request.method != "POST" or not length.isdecimal() or int(length) > LARGEST:
        return None
    ended = await owner_of(cookies.refresh_token(request), db=db)
    if ended is None:
        return None
    try:
        async with receive_form(request) as sent:
            if not _is_ours(request, sent, ended):
                return None
            fields = _fields(sent, target)
    except Refusal:
        return None
    carried_id = new_id()
    await store.insert(db, carried_id, Carried(ended.account_id, target, fields), now())
    return f"/account/carried/{carried_id}"


def _is_ours(request: Request, sent: Submitted, ended: Principal) -> bool:
    expected = session_token(web(request).keys.csrf, ended)
    return hmac.compare_digest(sent.take(FIELD).encode("utf-8", "replace"), expected.encode())


def _fields(sent: Submitted, target: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, value)
        for name, value in sent.pairs
        if not isinstance(value, UploadFile) and not is_secret(name, target)
    )


@router.get("/account/carried/{carried_id}")
async def offer(request: Request, carried_id: Id, who: PagePrincipal, db: Db) -> Response:
    """The form as it was typed, for its own sender, to be sent again."""
    carried = await store.get(db, carried_id, who.account_id)
    return render(request, "carried.html", carried=carried)
