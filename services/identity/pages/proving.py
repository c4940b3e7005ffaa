"""The step that asks for a fresh proof in the midst of a form, and sends the form on."""

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.identity.actions import proof
from services.identity.actions.proof import Given
from services.identity.pages import cookies
from services.identity.pages.session import landing
from services.identity.request import Db, GuardOf, OriginOf
from services.identity.store import carried as store
from services.identity.store import factors
from services.identity.store.carried import Carried
from shared.auth import Principal
from shared.errors import InvalidInput, Refusal, Unauthenticated
from shared.ids import new_id, now
from shared.mongo import Database
from shared.web.csrf import PageForm
from shared.web.formdata import Submitted
from shared.web.forms import form_status
from shared.web.i18n import translate
from shared.web.problems import retry_after
from shared.web.proof import PROOF_PATH, ask_for_proof
from shared.web.session import PagePrincipal

router = APIRouter()


@router.get(PROOF_PATH)
async def nothing_to_go_on_with(who: PagePrincipal) -> Response:
    return RedirectResponse("/account", 303)


@router.post(PROOF_PATH)
async def prove(
    request: Request, who: PagePrincipal, sent: PageForm, db: Db, guard: GuardOf, origin: OriginOf
) -> Response:
    target = landing(request.query_params.get("next"))
    typed: str = request.state.proof_code.strip()
    by_code = (await factors.find(db, who.account_id)).enrolled
    if not typed and now().timestamp() <= who.fresh_until:
        # The session ended on this very page; signing in again was proof enough.
        return RedirectResponse(target, 307)
    given = Given(
        origin,
        code=typed[:20] if by_code else "",
        password="" if by_code else typed[:256],
        known_device=cookies.known_device(request),
    )
    try:
        if not typed:
            raise InvalidInput()
        grant = await proof.prove(given, who=who, db=db, guard=guard, now=now())
    except Unauthenticated:
        raise
    except Refusal as refusal:
        return ask_for_proof(
            request,
            going_to=target,
            by_code=by_code,
            error=translate(refusal.message, **refusal.params),
            status=form_status(refusal),
            headers=retry_after(refusal),
        )
    if by_code:
        # The browser sends the form on as it stands; the code in it is used up.
        response = RedirectResponse(target, 307)
    else:
        # A password goes to no other service: the form waits here for one more press.
        response = RedirectResponse(await _keep(sent, target, who, db), 303)
    cookies.give_access(request, response, grant)
    return response


async def _keep(sent: Submitted, target: str, who: Principal, db: Database) -> str:
    fields = tuple((name, value) for name, value in sent.pairs if not isinstance(value, UploadFile))
    carried_id = new_id()
    await store.insert(db, carried_id, Carried(who.account_id, target, fields), now())
    return f"/account/carried/{carried_id}"
