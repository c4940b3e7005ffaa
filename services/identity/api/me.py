"""One's own account by API: what one may, sessions, access history, password."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.identity.actions import passwords, sessions, telling
from services.identity.api.views import (
    AccessesView,
    AccessView,
    MeView,
    PageView,
    SessionsView,
    SessionView,
)
from services.identity.fields.signing_in import ChangePassword
from services.identity.request import Db, GuardOf, Id, OriginOf
from services.identity.store import accesses
from services.identity.store import sessions as session_store
from shared.ids import now
from shared.permissions import matrix
from shared.web.paging import Paging
from shared.web.session import ApiPrincipal

router = APIRouter(tags=["me"])


@router.get("/me")
async def me(who: ApiPrincipal) -> MeView:
    """The account as its token says."""
    return MeView.of(who, [action for action in matrix() if who.may(action)])


@router.get("/me/data")
async def my_data(who: ApiPrincipal, db: Db) -> dict[str, Any]:
    """Everything that is kept about the asker's account, at most 10,000 accesses of it."""
    return await telling.told(who, db=db, now=now())


@router.get("/sessions")
async def my_sessions(who: ApiPrincipal, db: Db) -> SessionsView:
    """One's living sessions."""
    found = await session_store.alive(db, who.account_id, now())
    return SessionsView(items=[SessionView.of(session, who) for session in found])


@router.delete("/sessions/{session_id}", status_code=204)
async def end_session(session_id: Id, who: ApiPrincipal, db: Db, origin: OriginOf) -> Response:
    """End one of one's own sessions; its tokens are void everywhere within seconds."""
    if session_id == who.session_id:
        await sessions.sign_out(who, origin=origin, db=db, now=now())
    else:
        await sessions.end_own(session_id, who=who, origin=origin, db=db, now=now())
    return Response(status_code=204)


@router.get("/accesses")
async def my_accesses(who: ApiPrincipal, db: Db, request: Request) -> AccessesView:
    """One's own access history, newest first."""
    paging = Paging.of(request, await accesses.count(db, who.account_id))
    found = await accesses.of_account(db, who.account_id, skip=paging.skip, limit=paging.size)
    return AccessesView(
        items=[AccessView.of(access) for access in found], **PageView.numbers(paging)
    )


@router.post("/password/change", status_code=204)
async def change_password(
    given: ChangePassword, who: ApiPrincipal, db: Db, guard: GuardOf, origin: OriginOf
) -> Response:
    """Replace one's own password; all other sessions end."""
    await passwords.change_password(
        given.old, given.password, who=who, origin=origin, db=db, guard=guard, now=now()
    )
    return Response(status_code=204)
