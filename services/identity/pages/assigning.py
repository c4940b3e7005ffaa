"""The assignment document of an account: entered with its scan, read in scope (R6)."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from services.identity.actions import assigning as actions
from services.identity.domain.management import require_managed, require_seen
from services.identity.inputs import DocumentNumber
from services.identity.pages.files import file_answer
from services.identity.papers import MAX_BYTES
from services.identity.request import Db, Id
from services.identity.store import accounts
from services.identity.store import papers as store
from services.identity.store.papers import Kept
from shared.auth import Principal
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.fields import Input, upload
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter()

CONSOLE = "/console/identity/accounts/{account_id}"
Scan = Annotated[UploadFile, upload(max_bytes=MAX_BYTES, kinds=("pdf", "jpg", "png"))]


class AssignForm(Input):
    number: DocumentNumber
    date: date
    file: Scan | None = None


@router.get(CONSOLE + "/assignment")
async def ask(request: Request, account_id: Id, who: PagePrincipal, db: Db) -> Response:
    account = await accounts.get(db, account_id)
    return await _page(request, account_id, who, db, new_form(AssignForm, account.assignment))


@router.post(CONSOLE + "/assignment")
async def assign(
    request: Request, account_id: Id, who: PagePrincipal, sent: PageForm, db: Db
) -> Response:
    async def perform(given: AssignForm) -> Response:
        file = await given.file.read() if given.file else None
        await actions.assign(account_id, given.number, given.date, file, who=who, db=db, now=now())
        path = CONSOLE.format(account_id=account_id)
        return redirect(request, f"{path}/assignment", N_("Đã lưu văn bản phân công."))

    return await answered(
        await read_form(request, AssignForm),
        perform,
        lambda form, status: _page(request, account_id, who, db, form, status),
    )


@router.get(CONSOLE + "/papers/{paper_id}")
async def paper(account_id: Id, paper_id: Id, who: PagePrincipal, db: Db) -> Response:
    require_seen(who, "account.read", await accounts.get(db, account_id))
    return await _file(db, await store.get(db, paper_id, account_id))


@router.get("/account/papers/{paper_id}")
async def my_paper(paper_id: Id, who: PagePrincipal, db: Db) -> Response:
    return await _file(db, await store.get(db, paper_id, who.account_id))


async def _file(db: Database, kept: Kept) -> Response:
    data = await store.read_file(db, kept)
    return file_answer("van-ban-phan-cong", kept.media_type, data)


async def _page(
    request: Request,
    account_id: str,
    who: Principal,
    db: Database,
    form: Form[AssignForm],
    status: int = 200,
) -> Response:
    account = await accounts.get(db, account_id)
    require_managed(who, actions.EDIT, account)
    papers = await store.of_account(db, account_id)
    return render(
        request, "assignment.html", status=status, account=account, form=form, papers=papers
    )
