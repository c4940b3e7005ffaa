"""Removing the second factor of somebody who lost their device and has come in person."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.identity.actions import factor_removal
from services.identity.domain.management import may_manage, require_seen
from services.identity.fields.accounts import InPerson
from services.identity.pages.handing import handed
from services.identity.request import Db, Id, OriginOf, codes_shown
from services.identity.store import accounts, factors
from services.identity.tiers import tiers
from shared.auth import Principal
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.pages import render
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/identity/accounts/{account_id}/second-factor")


@router.get("")
async def state(request: Request, account_id: Id, who: PagePrincipal, db: Db) -> Response:
    return await _page(request, account_id, who, db, new_form(InPerson))


@router.post("")
async def remove(
    request: Request, account_id: Id, who: PagePrincipal, sent: PageForm, db: Db, origin: OriginOf
) -> Response:
    async def perform(given: InPerson) -> Response:
        issued = await factor_removal.remove(
            account_id,
            given.reason,
            who=who,
            origin=origin,
            db=db,
            now=now(),
            shown=codes_shown(request),
        )
        return handed(request, issued, "factor_removed")

    return await answered(
        await read_form(request, InPerson),
        perform,
        lambda form, status: _page(request, account_id, who, db, form, status),
    )


async def _page(
    request: Request,
    account_id: str,
    who: Principal,
    db: Database,
    form: Form[InPerson],
    status: int = 200,
) -> Response:
    account = await accounts.get(db, account_id)
    require_seen(who, "account.read", account)
    factor = await factors.find(db, account_id)
    by = {factor.removal.by} if factor.removal else set()
    return render(
        request,
        "account_factor.html",
        account=account,
        factor=factor,
        required=tiers()[account.tier].second_factor,
        removes=may_manage(who, factor_removal.REMOVE, account),
        names=await accounts.names(db, by),
        form=form,
        status=status,
    )
