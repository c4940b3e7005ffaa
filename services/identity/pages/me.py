"""One's own account: what it is, its sessions, its password, its access history."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.identity import labels
from services.identity.actions import passwords, sessions
from services.identity.fields.signing_in import ChangePasswordForm
from services.identity.pages.passwords import PasswordsDiffer
from services.identity.pages.seeking import sought_of
from services.identity.request import Db, GuardOf, Id, OriginOf
from services.identity.store import accesses, accounts, facilities, factors, units
from services.identity.store import sessions as session_store
from services.identity.tiers import tiers
from shared.auth import Principal
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, language_of
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter()

SHOWN_ACCESSES = 8


@router.get("/account")
async def my_account(request: Request, who: PagePrincipal, db: Db) -> Response:
    return await _page(request, who, db, new_form(ChangePasswordForm))


@router.post("/account/password")
async def change_password(
    request: Request, who: PagePrincipal, sent: PageForm, db: Db, guard: GuardOf, origin: OriginOf
) -> Response:
    async def perform(given: ChangePasswordForm) -> Response:
        if given.password != given.again:
            raise PasswordsDiffer("again")
        await passwords.change_password(
            given.old, given.password, who=who, origin=origin, db=db, guard=guard, now=now()
        )
        return redirect(request, "/account", N_("Đã đổi mật khẩu. Các phiên khác đã kết thúc."))

    return await answered(
        await read_form(request, ChangePasswordForm),
        perform,
        lambda form, status: _page(request, who, db, form, status),
    )


@router.post("/account/sessions/{session_id}/end")
async def end_session(
    request: Request, session_id: Id, who: PagePrincipal, sent: PageForm, db: Db, origin: OriginOf
) -> Response:
    await sessions.end_own(session_id, who=who, origin=origin, db=db, now=now())
    return redirect(request, "/account", N_("Đã kết thúc phiên đăng nhập đó."))


@router.post("/account/sessions/end-others")
async def end_others(
    request: Request, who: PagePrincipal, sent: PageForm, db: Db, origin: OriginOf
) -> Response:
    count = await sessions.end_others(who, origin=origin, db=db, now=now())
    return redirect(request, "/account", N_("Đã kết thúc {count} phiên khác."), count=count)


@router.get("/account/accesses")
async def my_accesses(request: Request, who: PagePrincipal, db: Db) -> Response:
    sought, size = sought_of(request), 50
    paging = Paging.of(request, await accesses.count(db, who.account_id, sought), size=size)
    found = await accesses.of_account(db, who.account_id, sought, skip=paging.skip, limit=size)
    return render(
        request,
        "my_accesses.html",
        accesses=found,
        paging=paging,
        sought=sought,
        labels=labels,
        names=await accounts.names(db, {access.by for access in found}),
    )


async def _page(
    request: Request,
    who: Principal,
    db: Database,
    form: Form[ChangePasswordForm],
    status: int = 200,
) -> Response:
    account = await accounts.get(db, who.account_id)
    facility = await facilities.find(db, account.facility_id) if account.facility_id else None
    found = await accesses.of_account(db, account.id, skip=0, limit=SHOWN_ACCESSES)
    factor = await factors.find(db, account.id)
    people = {access.by for access in found} | ({factor.removal.by} if factor.removal else set())
    return render(
        request,
        "account.html",
        status=status,
        form=form,
        account=account,
        tier=tiers()[account.tier].label(language_of()),
        unit=await units.get(db, account.unit_id),
        facility=facility,
        sessions=await session_store.alive(db, account.id, now()),
        accesses=found,
        names=await accounts.names(db, people),
        factor=factor,
        stale_codes=request.app.state.guard.stale_codes(factor),
        required=tiers()[account.tier].second_factor,
        labels=labels,
        least=tiers()[account.tier].password,
    )
