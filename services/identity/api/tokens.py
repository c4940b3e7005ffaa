"""Tokens by API: signing in, renewing, the first password, the public keys."""

from fastapi import APIRouter, Response

from services.identity.actions import passwords, sessions, sign_in
from services.identity.actions.attempts import Attempt
from services.identity.api.views import KeysView, TokensView
from services.identity.forms import Credentials, RefreshToken, SetPassword
from services.identity.request import Db, GuardOf, OriginOf
from shared.ids import now

router = APIRouter(tags=["tokens"])


@router.post("/tokens")
async def open_session(given: Credentials, db: Db, guard: GuardOf, origin: OriginOf) -> TokensView:
    """Sign in with a user name and a password."""
    attempt = Attempt(given.username, origin)
    grant = await sign_in.sign_in(attempt, given.password, db=db, guard=guard, now=now())
    return TokensView.of(grant)


@router.post("/tokens/refresh")
async def renew(given: RefreshToken, db: Db, guard: GuardOf, origin: OriginOf) -> TokensView:
    """New tokens for a refresh token, which is used up by it."""
    grant = await sessions.refresh(
        given.refresh_token, origin=origin, db=db, guard=guard, now=now()
    )
    return TokensView.of(grant)


@router.post("/password", status_code=204)
async def set_password(given: SetPassword, db: Db, guard: GuardOf, origin: OriginOf) -> Response:
    """Set the password with the one-time setup code."""
    attempt = Attempt(given.username, origin)
    await passwords.set_password(
        attempt, given.setup_code, given.password, db=db, guard=guard, now=now()
    )
    return Response(status_code=204)


@router.get("/jwks")
async def public_keys(guard: GuardOf, response: Response) -> KeysView:
    """The keys that verify access tokens (RFC 7517); services learn them by event."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return KeysView(keys=list(guard.keys.public()))
