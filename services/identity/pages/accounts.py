"""The console's accounts: a list in scope with filters, one account and its life."""

from enum import StrEnum

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.identity import labels
from services.identity.actions import issue, life, personal
from services.identity.domain.management import hold_of, liftable, may_manage, require_seen
from services.identity.fields.accounts import Because
from services.identity.pages.handing import handed
from services.identity.pages.places import places_of
from services.identity.pages.seeking import sought_of
from services.identity.request import Db, Id, OriginOf, codes_shown
from services.identity.store import accesses, accounts, credentials
from services.identity.store import sessions as session_store
from services.identity.store.accounts import Wanted
from services.identity.tiers import tiers
from shared.auth import Principal, require
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, language_of, translate
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/identity")


class Act(StrEnum):
    """What the buttons of an account's page do to it, as their addresses name it."""

    SUSPEND = "suspend"
    ACTIVATE = "activate"
    REVOKE = "revoke"


ACTS = {
    Act.SUSPEND: (life.suspend, N_("Đã tạm ngừng tài khoản.")),
    Act.ACTIVATE: (life.activate, N_("Đã kích hoạt tài khoản.")),
    Act.REVOKE: (life.revoke, N_("Đã thu hồi tài khoản.")),
}


@router.get("")
async def entrance(who: PagePrincipal) -> Response:
    return RedirectResponse("/console/identity/accounts", 303)


@router.get("/accounts")
async def list_accounts(request: Request, who: PagePrincipal, db: Db) -> Response:
    require(who, "account.read")
    wanted, at = _wanted(request), now()
    paging = Paging.of(request, await accounts.count(db, who, wanted, at))
    found = await accounts.page(db, who, wanted, at, skip=paging.skip, limit=paging.size)
    return render(
        request,
        "accounts.html",
        found=found,
        paging=paging,
        wanted=wanted,
        idle=request.query_params.get("idle", ""),
        places=await places_of(db, [one.account for one in found]),
        tiers={name: tier.label(language_of()) for name, tier in tiers().items() if tier.enabled},
        status_options=[(name, translate(label)) for name, (label, _) in labels.STATUSES.items()],
        idle_options=[(name, translate(label)) for name, label in labels.IDLE.items()],
        labels=labels,
    )


@router.get("/accesses")
async def newest_accesses(request: Request, who: PagePrincipal, db: Db) -> Response:
    require(who, "account.read")
    sought = sought_of(request)
    query = await accesses.query_in_scope(db, who, sought)
    paging = Paging.of(request, await accesses.count_in_scope(db, query), size=50)
    found = await accesses.page_in_scope(db, query, skip=paging.skip, limit=paging.size)
    ids = {access.account_id for access in found if access.account_id}
    names = await accounts.names(db, ids | {access.by for access in found})
    return render(
        request,
        "accesses.html",
        accesses=found,
        names=names,
        paging=paging,
        sought=sought,
        labels=labels,
    )


@router.get("/accounts/{account_id}")
async def one_account(request: Request, account_id: Id, who: PagePrincipal, db: Db) -> Response:
    return await _page(request, account_id, who, db, new_form(Because))


@router.post("/accounts/{account_id}/setup-code")
async def reissue(
    request: Request, account_id: Id, who: PagePrincipal, sent: PageForm, db: Db, origin: OriginOf
) -> Response:
    async def perform(given: Because) -> Response:
        issued = await issue.reissue(
            account_id,
            given.reason,
            who=who,
            origin=origin,
            db=db,
            now=now(),
            shown=codes_shown(request),
        )
        return handed(request, issued, "reissued")

    return await answered(
        await read_form(request, Because),
        perform,
        lambda form, status: _page(request, account_id, who, db, form, "setup-code", status),
    )


@router.post("/accounts/{account_id}/{act}")
async def change(
    request: Request,
    account_id: Id,
    act: Act,
    who: PagePrincipal,
    sent: PageForm,
    db: Db,
    origin: OriginOf,
) -> Response:
    act_on, done = ACTS[act]

    async def perform(given: Because) -> Response:
        await act_on(account_id, given.reason, who=who, origin=origin, db=db, now=now())
        return redirect(request, f"/console/identity/accounts/{account_id}", done)

    return await answered(
        await read_form(request, Because),
        perform,
        lambda form, status: _page(request, account_id, who, db, form, act, status),
    )


async def _page(
    request: Request,
    account_id: str,
    who: Principal,
    db: Database,
    form: Form[Because],
    act: str = "",
    status: int = 200,
) -> Response:
    """One account; `act` names the form that comes back with `form`'s errors."""
    listed = await accounts.listed(db, account_id)
    account = listed.account
    require_seen(who, "account.read", account)
    paging = Paging.of(request, await accesses.count(db, account_id), size=15)
    found = await accesses.of_account(db, account_id, skip=paging.skip, limit=paging.size)
    people = {access.by for access in found} | {account.issued_by}
    return render(
        request,
        "account_one.html",
        status=status,
        listed=listed,
        account=account,
        form=form,
        empty_form=new_form(Because),
        act=act,
        places=await places_of(db, [account]),
        tier=tiers()[account.tier].label(language_of()),
        sessions=await session_store.alive(db, account_id, now()),
        accesses=found,
        paging=paging,
        names=await accounts.names(db, people),
        manages=may_manage(who, life.PERMISSION, account),
        lifts=bool(account.holds & liftable(who)),
        suspends=hold_of(who) not in account.holds,
        revokes=may_manage(who, life.REVOKE, account),
        edits=may_manage(who, personal.EDIT, account),
        reissues=may_manage(who, issue.ISSUE, account),
        waiting=not (await credentials.find(db, account_id)).password_hash,
        labels=labels,
    )


def _wanted(request: Request) -> Wanted:
    """The filters of the list; whatever is not one of them is ignored."""
    asked = request.query_params
    idle = asked.get("idle", "")
    status, tier = asked.get("status", ""), asked.get("tier", "")
    return Wanted(
        text=asked.get("q", "").strip()[:100],
        status=status if status in labels.STATUSES else "",
        tier=tier if tier in tiers() else "",
        never=idle == "never",
        idle_days=int(idle) if idle in labels.IDLE and idle != "never" else None,
    )
