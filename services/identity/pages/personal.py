"""Personal data on pages: what is kept about me, editing from above, erasing (R4, R10)."""

import json

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.identity.actions import personal as actions
from services.identity.actions import telling
from services.identity.domain.access import KEPT_DAYS
from services.identity.domain.management import require_managed
from services.identity.domain.personal import of_account
from services.identity.fields.accounts import Because, Personal
from services.identity.request import Db, Id, OriginOf
from services.identity.store import accesses, accounts, applications, papers
from services.identity.store import sessions as session_store
from shared.auth import Principal
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter()

CONSOLE = "/console/identity/accounts"
SHOWN_READERS = 50


@router.get("/account/data")
async def my_data(request: Request, who: PagePrincipal, db: Db) -> Response:
    account = await accounts.get(db, who.account_id)
    return render(
        request,
        "my_data.html",
        account=account,
        kept_days=KEPT_DAYS,
        erased_after=request.app.state.web.settings.erase_after_years,
        accesses=await accesses.count(db, account.id),
        papers=len(await papers.of_account(db, account.id)),
        application=await applications.of_account(db, account.id),
        readers=await telling.readers_of(db, account, SHOWN_READERS),
        readers_kept=await telling.count_readers(db, account),
        sessions=len(await session_store.alive(db, account.id, now())),
    )


@router.get("/account/data.json")
async def my_data_file(who: PagePrincipal, db: Db) -> Response:
    told = await telling.told(who, db=db, now=now())
    text = json.dumps(told, ensure_ascii=False, indent=2)
    headers = {"Content-Disposition": 'attachment; filename="my-data.json"'}
    return Response(text, media_type="application/json", headers=headers)


@router.get(CONSOLE + "/{account_id}/person")
async def ask(request: Request, account_id: Id, who: PagePrincipal, db: Db) -> Response:
    return await _page(request, account_id, who, db)


@router.post(CONSOLE + "/{account_id}/person")
async def edit(
    request: Request, account_id: Id, who: PagePrincipal, sent: PageForm, db: Db, origin: OriginOf
) -> Response:
    async def perform(given: Personal) -> Response:
        await actions.edit(account_id, given.data(), who=who, origin=origin, db=db, now=now())
        return redirect(request, f"{CONSOLE}/{account_id}", N_("Đã lưu thông tin cá nhân."))

    return await answered(
        await read_form(request, Personal),
        perform,
        lambda form, status: _page(request, account_id, who, db, form=form, status=status),
    )


@router.post(CONSOLE + "/{account_id}/erasure")
async def erase(
    request: Request, account_id: Id, who: PagePrincipal, sent: PageForm, db: Db, origin: OriginOf
) -> Response:
    async def perform(given: Because) -> Response:
        await actions.erase(account_id, given.reason, who=who, origin=origin, db=db, now=now())
        return redirect(request, f"{CONSOLE}/{account_id}", N_("Đã xóa thông tin cá nhân."))

    return await answered(
        await read_form(request, Because),
        perform,
        lambda form, status: _page(request, account_id, who, db, erasure=form, status=status),
    )


async def _page(
    request: Request,
    account_id: str,
    who: Principal,
    db: Database,
    *,
    form: Form[Personal] | None = None,
    erasure: Form[Because] | None = None,
    status: int = 200,
) -> Response:
    account = await accounts.get(db, account_id)
    require_managed(who, actions.EDIT, account)
    return render(
        request,
        "person.html",
        status=status,
        account=account,
        form=form or new_form(Personal, of_account(account)),
        erasure=erasure or new_form(Because),
    )
