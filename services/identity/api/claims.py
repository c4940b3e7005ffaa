"""Taking an account over by API: the device's side is public, confirming is not (R3)."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel

from services.identity.actions import claiming
from services.identity.domain.claims import ClaimIsOver
from services.identity.fields.claims import AskClaim, ConfirmClaim, SetClaimedPassword, ShownClaim
from services.identity.request import Db, GuardOf, Id, OriginOf
from shared.ids import now
from shared.web.session import ApiPrincipal

router = APIRouter(tags=["claims"])


class AskedView(BaseModel):
    """`claim` is a secret of the device; `word` is what its person reads to the officer."""

    claim: str
    word: str


class StandingView(BaseModel):
    """Whether the officer has confirmed the word, and until when the claim is good."""

    confirmed: bool
    expires_at: datetime


class ConfirmedView(BaseModel):
    """The device that may now set the password."""

    device: str
    place: str
    asked_at: datetime


@router.post("/claims", status_code=201)
async def ask(given: AskClaim, db: Db, guard: GuardOf, origin: OriginOf) -> AskedView:
    """Begin to take an account over on this device; the same answer for every user name."""
    asked = await claiming.ask(given.username, origin=origin, db=db, guard=guard, now=now())
    return AskedView(claim=asked.secret, word=asked.word)


@router.post("/claims/standing")
async def standing(given: ShownClaim, db: Db) -> StandingView:
    found = await claiming.standing(given.claim, db=db, now=now())
    if found is None:
        raise ClaimIsOver()
    return StandingView(confirmed=found.confirmed, expires_at=found.expires_at)


@router.post("/claims/password", status_code=204)
async def set_password(
    given: SetClaimedPassword, db: Db, guard: GuardOf, origin: OriginOf
) -> Response:
    """Set the password from the device whose word was confirmed; once."""
    await claiming.set_password(
        given.claim, given.password, origin=origin, db=db, guard=guard, now=now()
    )
    return Response(status_code=204)


@router.post("/accounts/{account_id}/claim")
async def confirm(
    account_id: Id,
    given: ConfirmClaim,
    who: ApiPrincipal,
    db: Db,
    guard: GuardOf,
    origin: OriginOf,
) -> ConfirmedView:
    """Confirm the word that the account's person reads from their device."""
    claim = await claiming.confirm(
        account_id, given.word, given.seen, who=who, origin=origin, db=db, guard=guard, now=now()
    )
    return ConfirmedView(device=claim.device, place=claim.place, asked_at=claim.at)
