"""Tokens by API: signing in, renewing, the first password, the public keys."""

from fastapi import APIRouter, Response

from services.identity.actions import passwords, proof, second_step, sessions, sign_in
from services.identity.actions.attempts import Attempt
from services.identity.actions.proof import Given
from services.identity.actions.second_step import Shown
from services.identity.actions.sign_in import Step
from services.identity.api.factor_views import EnrolledView, EnrollingView, ProofView, StepView
from services.identity.api.views import KeysView, TokensView
from services.identity.domain.tickets import Purpose
from services.identity.fields.signing_in import (
    Credentials,
    Proof,
    RefreshToken,
    SetPassword,
    ShownCode,
    ShownTicket,
)
from services.identity.request import Db, GuardOf, OriginOf
from shared.ids import now
from shared.web.session import ApiPrincipal

router = APIRouter(tags=["tokens"])


@router.post("/tokens")
async def open_session(
    given: Credentials, db: Db, guard: GuardOf, origin: OriginOf
) -> TokensView | StepView:
    """Sign in with a user name and a password.

    Where a second factor is needed the answer holds no tokens but a `ticket`, good for one
    `step`: `code` (POST /tokens/code) or `enrol` (POST /tokens/enrolment, then …/confirm).
    """
    attempt = Attempt(given.username, origin)
    done = await sign_in.sign_in(attempt, given.password, db=db, guard=guard, now=now())
    return StepView.of(done) if isinstance(done, Step) else TokensView.of(done)


@router.post("/tokens/code")
async def second_step_by_code(
    given: ShownCode, db: Db, guard: GuardOf, origin: OriginOf
) -> TokensView:
    """The second step: the six digits of the app, or a recovery code, which works once."""
    shown = Shown(given.ticket, given.code, origin)
    return TokensView.of(await second_step.finish(shown, db=db, guard=guard, now=now()))


@router.post("/tokens/enrolment")
async def see_new_factor(given: ShownTicket, db: Db, guard: GuardOf) -> EnrollingView:
    """The new seed, for an authenticator app."""
    told = await second_step.enrolling(given.ticket, Purpose.ENROL, db=db, guard=guard, now=now())
    return EnrollingView.of(told)


@router.post("/tokens/enrolment/confirm")
async def enrol_factor(given: ShownCode, db: Db, guard: GuardOf, origin: OriginOf) -> EnrolledView:
    """A first code of the new seed: tokens, and the recovery codes, told this once."""
    shown = Shown(given.ticket, given.code, origin)
    enrolled = await second_step.enrol(shown, db=db, guard=guard, now=now())
    return EnrolledView.of_enrolled(enrolled)


@router.post("/tokens/proof")
async def prove_again(
    given: Proof, who: ApiPrincipal, db: Db, guard: GuardOf, origin: OriginOf
) -> ProofView:
    """An access token of the same session with a fresh proof, for acts that need one.

    `code` for who has a second factor, `password` for who has none. The refresh token stays.
    """
    typed = Given(origin, code=given.code or "", password=given.password or "")
    return ProofView.of(await proof.prove(typed, who=who, db=db, guard=guard, now=now()))


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
