"""One's own second factor by API, and its removal in person by who manages the account."""

from fastapi import APIRouter

from services.identity.actions import factor_removal, own_factor, second_step
from services.identity.actions.proof import Given
from services.identity.actions.second_step import Shown
from services.identity.api.factor_views import (
    ConfirmedView,
    FactorView,
    ProofView,
    RecoveryCodesView,
    SetupView,
)
from services.identity.api.views import IssuedView
from services.identity.domain.tickets import Purpose
from services.identity.fields.accounts import InPerson
from services.identity.fields.signing_in import OwnFactor, ShownCode
from services.identity.request import CodesShown, Db, GuardOf, Id, OriginOf
from services.identity.store import accounts, factors
from services.identity.tiers import tiers
from shared.ids import now
from shared.web.session import ApiPrincipal

router = APIRouter(tags=["second factor"])


@router.get("/second-factor")
async def my_factor(who: ApiPrincipal, db: Db) -> FactorView:
    """The state of one's own second factor."""
    # A program has no account, so there is nothing of its own here (NotFound).
    account = await accounts.get(db, who.account_id)
    factor = await factors.find(db, account.id)
    return FactorView.of(factor, required=tiers()[account.tier].second_factor)


@router.post("/second-factor/setup", status_code=201)
async def begin_setup(
    given: OwnFactor, who: ApiPrincipal, db: Db, guard: GuardOf, origin: OriginOf
) -> SetupView:
    """Begin to turn it on, or to move it to a new device: a new seed, not yet in use."""
    at = now()
    ticket = await own_factor.begin(_given(given, origin), who=who, db=db, guard=guard, now=at)
    told = await second_step.enrolling(ticket, Purpose.SETUP, db=db, guard=guard, now=at)
    return SetupView(ticket=ticket, secret=told.seed, uri=told.address)


@router.post("/second-factor/setup/confirm")
async def confirm_setup(
    given: ShownCode, who: ApiPrincipal, db: Db, guard: GuardOf, origin: OriginOf
) -> ConfirmedView:
    """A first code of the new seed puts it in use; every other session ends."""
    shown = Shown(given.ticket, given.code, origin)
    enrolled = await own_factor.finish(shown, who=who, db=db, guard=guard, now=now())
    return ConfirmedView.of_enrolled(enrolled)


@router.post("/second-factor/recovery-codes", status_code=201)
async def renew_recovery_codes(
    given: OwnFactor, who: ApiPrincipal, db: Db, guard: GuardOf, origin: OriginOf
) -> RecoveryCodesView:
    """Ten new recovery codes; those before are void."""
    typed = _given(given, origin)
    made = await own_factor.renew_recovery(typed, who=who, db=db, guard=guard, now=now())
    return RecoveryCodesView.of(made)


@router.post("/second-factor/off")
async def turn_off(
    given: OwnFactor, who: ApiPrincipal, db: Db, guard: GuardOf, origin: OriginOf
) -> ProofView:
    """Back to the password alone, where the tier leaves the choice; every other session ends."""
    typed = _given(given, origin)
    return ProofView.of(await own_factor.turn_off(typed, who=who, db=db, guard=guard, now=now()))


@router.post("/accounts/{account_id}/second-factor/removal", status_code=201)
async def remove_factor(
    account_id: Id,
    given: InPerson,
    who: ApiPrincipal,
    db: Db,
    origin: OriginOf,
    shown: CodesShown,
) -> IssuedView:
    """Remove the factor of somebody who lost their device and stands before you. The old password
    is void with it: they take the account over anew on their new device."""
    issued = await factor_removal.remove(
        account_id, given.reason, who=who, origin=origin, db=db, now=now(), shown=shown
    )
    return IssuedView.of(issued)


def _given(typed: OwnFactor, origin: OriginOf) -> Given:
    return Given(origin, code=typed.code or "", password=typed.password)
