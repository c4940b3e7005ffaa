"""Accounts by API, for system accounts in their scope."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request

from services.identity.actions import issue, life, personal
from services.identity.api.views import (
    AccessesView,
    AccessView,
    AccountsView,
    AccountView,
    IssuedView,
    ListedView,
    PageView,
)
from services.identity.domain.management import require_seen
from services.identity.fields.accounts import Because, IssueAccount, Personal
from services.identity.request import CodesShown, Db, Id, OriginOf
from services.identity.store import accesses, accounts
from services.identity.store.accounts import Wanted
from shared.auth import require
from shared.ids import now
from shared.web.idempotency import IdempotencyKey
from shared.web.paging import Paging
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/accounts", tags=["accounts"])


@router.get("")
async def list_accounts(
    who: ApiPrincipal,
    db: Db,
    request: Request,
    q: Annotated[str, Query(max_length=100)] = "",
    status: Literal["", "active", "suspended", "revoked"] = "",
    never: bool = False,
    idle_days: Annotated[int | None, Query(ge=1, le=3650)] = None,
) -> AccountsView:
    """Accounts in scope; `never`: never signed in, `idle_days`: not used for so many days."""
    require(who, "account.read")
    wanted = Wanted(text=q, status=status, never=never, idle_days=idle_days)
    at = now()
    paging = Paging.of(request, await accounts.count(db, who, wanted, at))
    found = await accounts.page(db, who, wanted, at, skip=paging.skip, limit=paging.size)
    return AccountsView(
        items=[ListedView.of_listed(one) for one in found], **PageView.numbers(paging)
    )


@router.post("", status_code=201)
async def issue_account(
    given: IssueAccount,
    who: ApiPrincipal,
    db: Db,
    origin: OriginOf,
    shown: CodesShown,
    key: IdempotencyKey = None,
) -> IssuedView:
    """Issue an account; its person takes it over on their own device."""
    issued = await issue.issue_account(
        given.order(), who=who, origin=origin, db=db, now=now(), shown=shown, repeat_key=key
    )
    return IssuedView.of(issued)


@router.get("/{account_id}")
async def one_account(account_id: Id, who: ApiPrincipal, db: Db) -> ListedView:
    found = await accounts.listed(db, account_id)
    require_seen(who, "account.read", found.account)
    return ListedView.of_listed(found)


@router.get("/{account_id}/accesses")
async def account_accesses(
    account_id: Id, who: ApiPrincipal, db: Db, request: Request
) -> AccessesView:
    """The access history of an account in scope, newest first."""
    require_seen(who, "account.read", await accounts.get(db, account_id))
    paging = Paging.of(request, await accesses.count(db, account_id))
    found = await accesses.of_account(db, account_id, skip=paging.skip, limit=paging.size)
    return AccessesView(
        items=[AccessView.of(access) for access in found], **PageView.numbers(paging)
    )


@router.put("/{account_id}/person")
async def edit_person(
    account_id: Id, given: Personal, who: ApiPrincipal, db: Db, origin: OriginOf
) -> AccountView:
    """Correct the personal data of an account below one's own."""
    changed = await personal.edit(
        account_id, given.data(), who=who, origin=origin, db=db, now=now()
    )
    return AccountView.of(changed)


@router.post("/{account_id}/erasure")
async def erase(
    account_id: Id, given: Because, who: ApiPrincipal, db: Db, origin: OriginOf
) -> AccountView:
    """Erase the personal data of a revoked account for good."""
    changed = await personal.erase(
        account_id, given.reason, who=who, origin=origin, db=db, now=now()
    )
    return AccountView.of(changed)


@router.post("/{account_id}/suspend")
async def suspend(
    account_id: Id, given: Because, who: ApiPrincipal, db: Db, origin: OriginOf
) -> AccountView:
    """Suspend: the account is out of every service within seconds."""
    changed = await life.suspend(account_id, given.reason, who=who, origin=origin, db=db, now=now())
    return AccountView.of(changed)


@router.post("/{account_id}/activate")
async def activate(
    account_id: Id, given: Because, who: ApiPrincipal, db: Db, origin: OriginOf
) -> AccountView:
    """Activate a suspended account."""
    changed = await life.activate(
        account_id, given.reason, who=who, origin=origin, db=db, now=now()
    )
    return AccountView.of(changed)


@router.post("/{account_id}/revoke")
async def revoke(
    account_id: Id, given: Because, who: ApiPrincipal, db: Db, origin: OriginOf
) -> AccountView:
    """Revoke for good."""
    changed = await life.revoke(account_id, given.reason, who=who, origin=origin, db=db, now=now())
    return AccountView.of(changed)


@router.post("/{account_id}/setup-codes", status_code=201)
async def reissue(
    account_id: Id,
    given: Because,
    who: ApiPrincipal,
    db: Db,
    origin: OriginOf,
    shown: CodesShown,
) -> IssuedView:
    """Issue anew: the old password and all sessions are void at once; the person takes it over."""
    issued = await issue.reissue(
        account_id, given.reason, who=who, origin=origin, db=db, now=now(), shown=shown
    )
    return IssuedView.of(issued)
