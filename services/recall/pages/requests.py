"""What the owner of recalled goods asks of the authority, and the answers, on a page of its own."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.recall.actions import owner_requests as acts
from services.recall.domain.case import Case
from services.recall.domain.owner_request import About, Answer, OwnerRequest
from services.recall.domain.terms import Kind, State
from services.recall.pages import labels
from services.recall.pages.console import HOME
from services.recall.queries import recovery
from services.recall.queries import requests as reading
from services.recall.request_inputs import AnswerForm, HandlingBody, WordsBody
from services.recall.store import owner_requests
from services.recall.store.cases import scope_of
from shared.auth import Principal
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)
PATH = HOME + "/{case_id}/requests"

ABOUT = {
    About.HANDLING: N_("Đề nghị cách xử lý hàng"),
    About.CLOSING: N_("Báo cáo kết quả, đề nghị kết thúc"),
}
STATES = {
    Answer.WAITING: N_("Chờ cơ quan trả lời"),
    Answer.AGREED: N_("Được đồng ý"),
    Answer.RETURNED: N_("Trả lại"),
    Answer.ENDED: N_("Hết theo vụ việc"),
}
TONES = {
    Answer.WAITING: "caution",
    Answer.AGREED: "good",
    Answer.RETURNED: "bad",
    Answer.ENDED: "neutral",
}


@router.get(PATH)
async def show(case_id: str, request: Request, who: PagePrincipal) -> Response:
    return await _page(request, who, case_id)


@router.post(PATH + "/handling")
async def propose_handling(
    case_id: str, request: Request, who: PagePrincipal, sent: PageForm
) -> Response:
    async def perform(sent: HandlingBody) -> Response:
        db = request.app.state.db
        await acts.propose_handling(case_id, sent.handling, sent.words, who=who, db=db, at=now())
        said = N_("Đã gửi đề nghị. Cơ quan có thẩm quyền trả lời trong 3 ngày làm việc.")
        return redirect(request, f"{HOME}/{case_id}/requests", said)

    async def again(form: Form[Any], status: int) -> Response:
        return await _page(request, who, case_id, status, {"handling": form})

    return await answered(await read_form(request, HandlingBody), perform, again)


@router.post(PATH + "/closing")
async def ask_for_closing(
    case_id: str, request: Request, who: PagePrincipal, sent: PageForm
) -> Response:
    async def perform(sent: WordsBody) -> Response:
        db = request.app.state.db
        await acts.ask_for_closing(case_id, sent.words, who=who, db=db, at=now())
        said = N_("Đã đề nghị kết thúc. Cơ quan có thẩm quyền sẽ quyết định.")
        return redirect(request, f"{HOME}/{case_id}/requests", said)

    async def again(form: Form[Any], status: int) -> Response:
        return await _page(request, who, case_id, status, {"closing": form})

    return await answered(await read_form(request, WordsBody), perform, again)


@router.post(PATH + "/{request_id}")
async def answer(
    case_id: str, request_id: str, request: Request, who: PagePrincipal, sent: PageForm
) -> Response:
    async def perform(sent: AnswerForm) -> Response:
        await acts.answer(
            case_id,
            request_id,
            agreed=sent.decision == "agree",
            words=sent.words,
            who=who,
            db=request.app.state.db,
            at=now(),
        )
        return redirect(request, f"{HOME}/{case_id}/requests", N_("Đã trả lời chủ hàng."))

    async def again(form: Form[Any], status: int) -> Response:
        return await _page(request, who, case_id, status, {request_id: form})

    return await answered(await read_form(request, AnswerForm), perform, again)


async def _page(
    request: Request,
    who: Principal,
    case_id: str,
    status: int = 200,
    back: dict[str, Form[Any]] | None = None,
) -> Response:
    """`back` is the form that comes back, by what it asks, or by the request that it answers."""
    forms = back or {}
    case, found = await reading.seen_by(who, case_id, db=request.app.state.db)
    may = _may(who, case, found)
    shown = {
        one.id: forms.get(one.id, new_form(AnswerForm)).named(one.id)
        for one in found
        if one.waits and may["answer"]
    }
    if may["handling"]:
        shown["handling"] = forms.get("handling", new_form(HandlingBody)).named("handling")
    if may["closing"]:
        shown["closing"] = forms.get("closing", new_form(WordsBody)).named("closing")
    return render(
        request,
        "requests.html",
        status=status,
        case=case,
        words=labels.in_language(case.wording),
        found=list(reversed(found)),
        forms=shown,
        # Of an act that is not offered any more there is no form to show its words in.
        moot=next((form for name, form in forms.items() if name not in shown), None),
        may=may,
        labels=labels,
        about=ABOUT,
        states=STATES,
        tones=TONES,
    )


def _may(who: Principal, case: Case, found: list[OwnerRequest]) -> dict[str, bool]:
    """What this person is offered; each act asks again itself."""
    runs = case.kind is not Kind.WARNING and case.state is State.ORDERED
    own = who.facility_id is not None and who.facility_id == case.owner.facility_id
    waiting = {one.about for one in found if one.waits}
    asks = runs and own and who.may(recovery.REPORT)
    return {
        "handling": asks and About.HANDLING not in waiting,
        "closing": asks and About.CLOSING not in waiting,
        "answer": runs and who.may(acts.CLOSE) and who.covers(acts.CLOSE, scope_of(case.owner)),
    }


async def load(db: Database, who: Principal, case: Case) -> dict[str, Any] | None:
    """On the case's page, first: what waits for this person's answer, or came back to its owner."""
    if case.state is not State.ORDERED or not reading.read_by(who, case):
        return None
    found = await owner_requests.of_case(db, case.id)
    may = _may(who, case, found)
    latest = {one.about: one for one in found}.values()
    state = Answer.RETURNED if who.facility_id is not None else Answer.WAITING
    shown = [one for one in latest if one.state is state]
    if not shown or not (may["answer"] or may["handling"] or may["closing"]):
        return None
    return {"case": case, "shown": shown, "about": ABOUT, "own": who.facility_id is not None}
