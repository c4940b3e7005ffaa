"""Differences explained before a recall is closed, by two people where they are large."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.recall.actions import explaining
from services.recall.pages.console import HOME
from services.recall.pages.recovery import PATH, overview
from services.recall.recovery_inputs import DecideForm, ExplainForm
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)


@router.post(PATH + "/explanations")
async def explain(case_id: str, request: Request, who: PagePrincipal, sent: PageForm) -> Response:
    async def perform(sent: ExplainForm) -> Response:
        lots = (sent.lot_id,) if sent.lot_id else ()
        one = await explaining.explain(
            case_id,
            lots,
            sent.reason,
            who=who,
            files=await sent.given(),
            key=sent.key,
            db=request.app.state.db,
            at=now(),
        )
        waits = N_("Đã ghi giải trình. Chênh lệch lớn: cần người thứ hai đồng ý.")
        done = N_("Đã ghi giải trình.")
        return redirect(request, f"{HOME}/{case_id}/recovery", waits if one.waits else done)

    async def show(form: Form[Any], status: int) -> Response:
        return await overview(request, who, case_id, None, status, {"explain": form})

    return await answered(await read_form(request, ExplainForm), perform, show)


@router.post(PATH + "/explanations/{explanation_id}")
async def decide(
    case_id: str, explanation_id: str, request: Request, who: PagePrincipal, sent: PageForm
) -> Response:
    async def perform(sent: DecideForm) -> Response:
        db = request.app.state.db
        await explaining.decide(
            case_id, explanation_id, agreed=sent.decision == "agree", who=who, db=db, at=now()
        )
        return redirect(request, f"{HOME}/{case_id}/recovery", N_("Đã ghi ý kiến của bạn."))

    return await answered(
        await read_form(request, DecideForm),
        perform,
        lambda form, status: overview(request, who, case_id, form, status),
    )
