"""The officer's side of handing an account over: the word that its person reads to them."""

from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.identity import labels
from services.identity.actions import claiming as actions
from services.identity.actions.issue import Issued
from services.identity.domain.management import require_managed
from services.identity.fields.claims import ConfirmClaim
from services.identity.pages import cookies
from services.identity.pages.qr import qr_image
from services.identity.request import Db, GuardOf, Id, OriginOf
from services.identity.store import accounts, claims, credentials
from shared.auth import Principal
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/identity/accounts/{account_id}/handing")

DONE = {
    "issued": N_("Đã cấp tài khoản. Hãy trao cho người dùng."),
    "reissued": N_("Đã cấp lại: mật khẩu cũ hết hiệu lực. Hãy trao cho người dùng."),
    "factor_removed": N_("Đã gỡ thiết bị xác thực; mật khẩu cũ hết hiệu lực. Hãy trao lại."),
}


def handed(request: Request, issued: Issued, done: str) -> Response:
    """Where issuing leads: to the handing over, or, where the installation says so, to the one
    page that shows a setup code."""
    if issued.setup_code:
        status = 200 if done == "reissued" else 201
        return render(request, "issued.html", status=status, issued=issued, done=done)
    return redirect(request, f"/console/identity/accounts/{issued.account.id}/handing", DONE[done])


@router.get("")
async def ask(request: Request, account_id: Id, who: PagePrincipal, db: Db) -> Response:
    return await _page(request, account_id, who, db, new_form(ConfirmClaim))


@router.get("/qr.svg")
async def qr_code(request: Request, account_id: Id, who: PagePrincipal, db: Db) -> Response:
    """The address for the person's phone; there is no secret in it."""
    account = await accounts.get(db, account_id)
    require_managed(who, actions.ISSUE, account)
    return qr_image(_address(request, account.username))


@router.post("")
async def confirm(
    request: Request,
    account_id: Id,
    who: PagePrincipal,
    sent: PageForm,
    db: Db,
    guard: GuardOf,
    origin: OriginOf,
) -> Response:
    async def perform(given: ConfirmClaim) -> Response:
        await actions.confirm(
            account_id,
            given.word,
            given.seen,
            who=who,
            origin=origin,
            db=db,
            guard=guard,
            now=now(),
            own_claim=cookies.claim(request),
        )
        told = N_("Đã xác nhận. Người nhận bấm Tiếp tục trên thiết bị của mình và đặt mật khẩu.")
        return redirect(request, request.url.path, told)

    async def show(form: Form[ConfirmClaim], status: int) -> Response:
        return await _page(request, account_id, who, db, form, status)

    return await answered(await read_form(request, ConfirmClaim), perform, show)


async def _page(
    request: Request,
    account_id: str,
    who: Principal,
    db: Database,
    form: Form[ConfirmClaim],
    status: int = 200,
) -> Response:
    account = await accounts.get(db, account_id)
    require_managed(who, actions.ISSUE, account)
    if account.revoked:
        return RedirectResponse(f"/console/identity/accounts/{account_id}", 303)
    return render(
        request,
        "handing.html",
        status=status,
        form=form,
        account=account,
        address=_address(request, ""),
        has_password=bool((await credentials.find(db, account_id)).password_hash),
        claim=await claims.confirmed(db, account_id),
        seen_options=[(name, translate(label)) for name, label in labels.SEEN.items()],
    )


def _address(request: Request, username: str) -> str:
    origin = request.app.state.web.settings.public_origin.rstrip("/")
    asked = f"?{urlencode({'username': username})}" if username else ""
    return f"{origin}/sign-in/claim{asked}"
