"""The console's list of reported problems, and the page of each with its answer."""

from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from services.recall.actions import asking, joining, suspicions
from services.recall.actions import complaints as acts
from services.recall.complaint_inputs import (
    AnswerBody,
    AskBody,
    Asked,
    HandOverBody,
    JoinBody,
    Narrowing,
)
from services.recall.domain.asking import LONGEST_DAYS, may_ask
from services.recall.domain.complaint import STATES
from services.recall.pages import complaint_table, labels
from services.recall.pages.complaint_words import (
    LABELS,
    OUTCOMES,
    PROBLEMS,
    QUESTIONS,
    WHOSE,
    words,
)
from services.recall.pages.issuing import HERE
from services.recall.pages.suspicion_words import words as suspicion_words
from services.recall.queries import complaints
from services.recall.queries import suspicions as suspected
from services.recall.store.complaints import PAGE_SIZE
from shared.auth import require
from shared.commune_places import communes_of, names
from shared.days import local_day
from shared.ids import now
from shared.web.answering import answered_among
from shared.web.csrf import PageForm
from shared.web.fields import Input
from shared.web.forms import Form, new_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal
from shared.web.table_file import table_file

router = APIRouter(include_in_schema=False)
HOME = "/console/recall/complaints"
ONE = HOME + "/{complaint_id}"
# That the form proposes for an answer to a question.
USUAL_TIME = timedelta(days=7)
_EVER_SO_MANY = 10**9


@router.get(HOME)
async def show_list(request: Request, who: PagePrincipal, asked: Narrowing) -> Response:
    db, at = request.app.state.db, now()
    if asked.state not in STATES:
        asked = replace(asked, state="")
    page = Paging.of(request, _EVER_SO_MANY, size=PAGE_SIZE).number
    narrowed = asked.narrowed()
    rows, numbers, total = await complaints.listed(who, narrowed, db=db, page=page, at=at)
    paging = Paging.of(request, total, size=PAGE_SIZE)
    if paging.number != page:
        rows, numbers, _ = await complaints.listed(who, narrowed, db=db, page=paging.number, at=at)
    return render(
        request,
        "complaints.html",
        rows=rows,
        paging=paging,
        asked=asked,
        tabs=_tabs(asked, numbers),
        query=_query(asked),
        options=_options(),
        picture=complaint_table.picture(await complaints.by_day(who, narrowed, db=db, at=at), at),
        at=at,
        **words(),
    )


@router.get(HOME + ".csv")
@router.get(HOME + ".xlsx")
async def export(request: Request, who: PagePrincipal, asked: Narrowing) -> Response:
    """The list as it is narrowed. No cell becomes a formula, no phone number is in it."""
    require(who, complaints.READ)
    db, at = request.app.state.db, now()
    await acts.note_export(who, db=db)
    found = complaints.every(who, asked.narrowed(), db=db, at=at)
    return table_file(
        request, "phan-anh", complaint_table.headers(), complaint_table.rows(found, at)
    )


@router.get(ONE)
async def show_one(request: Request, who: PagePrincipal, complaint_id: str) -> Response:
    return await _page(request, who, complaint_id)


@router.post(ONE + "/seen")
async def take_up(request: Request, who: PagePrincipal, _: PageForm, complaint_id: str) -> Response:
    async def perform(sent: Input) -> Response:
        await acts.take_up(complaint_id, who=who, db=request.app.state.db, at=now())
        done = N_("Đã nhận xem xét. Người báo đọc được điều đó.")
        return redirect(request, f"{HOME}/{complaint_id}", done)

    return await answered_among(request, "seen", Input, perform, _page, who, complaint_id)


@router.post(ONE + "/answer")
async def answer(request: Request, who: PagePrincipal, _: PageForm, complaint_id: str) -> Response:
    async def perform(sent: AnswerBody) -> Response:
        await acts.close(
            complaint_id,
            sent.answer,
            version=sent.version,
            who=who,
            db=request.app.state.db,
            at=now(),
            outcome=sent.outcome,
        )
        return redirect(request, f"{HOME}/{complaint_id}", N_("Đã trả lời người báo."))

    return await answered_among(request, "answer", AnswerBody, perform, _page, who, complaint_id)


@router.post(ONE + "/ask")
async def ask(request: Request, who: PagePrincipal, _: PageForm, complaint_id: str) -> Response:
    async def perform(sent: AskBody) -> Response:
        await asking.ask(
            complaint_id,
            sent.text,
            sent.until,
            version=sent.version,
            who=who,
            db=request.app.state.db,
            at=now(),
        )
        done = N_("Đã gửi câu hỏi. Người báo đọc được bằng số và mã tra cứu của họ.")
        return redirect(request, f"{HOME}/{complaint_id}", done)

    return await answered_among(request, "ask", AskBody, perform, _page, who, complaint_id)


@router.post(ONE + "/hand-over")
async def hand_over(
    request: Request, who: PagePrincipal, _: PageForm, complaint_id: str
) -> Response:
    async def perform(sent: HandOverBody) -> Response:
        await acts.hand_over(
            complaint_id,
            sent.unit_id,
            sent.reason,
            version=sent.version,
            who=who,
            db=request.app.state.db,
            at=now(),
        )
        return redirect(request, f"{HOME}/{complaint_id}", N_("Đã chuyển cho đơn vị khác."))

    return await answered_among(
        request, "hand_over", HandOverBody, perform, _page, who, complaint_id
    )


@router.post(ONE + "/join")
async def join(request: Request, who: PagePrincipal, _: PageForm, complaint_id: str) -> Response:
    async def perform(sent: JoinBody) -> Response:
        db = request.app.state.db
        await joining.join(complaint_id, sent.other, who=who, db=db, at=now())
        done = N_("Đã gộp. Mỗi người báo vẫn đọc trả lời bằng mã của mình.")
        return redirect(request, f"{HOME}/{complaint_id}", done)

    return await answered_among(request, "join", JoinBody, perform, _page, who, complaint_id)


@router.post(ONE + "/part")
async def part(request: Request, who: PagePrincipal, _: PageForm, complaint_id: str) -> Response:
    async def perform(sent: Input) -> Response:
        await joining.part(complaint_id, who=who, db=request.app.state.db, at=now())
        done = N_("Đã tách: phản ánh này được trả lời riêng.")
        return redirect(request, f"{HOME}/{complaint_id}", done)

    return await answered_among(request, "part", Input, perform, _page, who, complaint_id)


async def _page(
    request: Request,
    who: PagePrincipal,
    complaint_id: str,
    sent: dict[str, Form[Any]] | None = None,
    status: int = 200,
) -> Response:
    db, at = request.app.state.db, now()
    row = await complaints.one(who, complaint_id, db=db, at=at)
    one = row.complaint
    forms: dict[str, Form[Any]] = {
        "answer": new_form(AnswerBody, version=one.version),
        "hand_over": new_form(HandOverBody, version=one.version),
        "ask": new_form(
            AskBody, version=one.version, until=(local_day(at) + USUAL_TIME).isoformat()
        ),
    }
    for name, form in (sent or {}).items():
        versioned = "version" in form.model.model_fields
        forms[name] = form.caught_up(one.version) if versioned else form
    still_open = one.state != "closed"
    beside = await complaints.beside(who, one, db=db, at=at)
    around = await suspected.around(who, one, db=db)
    return render(
        request,
        "complaint.html",
        status=status,
        row=row,
        one=one,
        forms=forms,
        beside=beside,
        line=dict(zip(("here", "further", "cases"), around, strict=True)),
        may_suspect=who.may(suspicions.SUSPECT) and not beside.elsewhere,
        recall_labels=labels,
        unit_options=[(unit.id, unit.name) for unit in beside.units if unit.id != one.unit_id],
        outcome_options=[(key, translate(label)) for key, label in OUTCOMES.items()],
        commune=names().get(one.commune, one.commune),
        private=one.private_until > at,
        late=one.overdue(at),
        at=at,
        longest_days=LONGEST_DAYS,
        may_answer=who.may(acts.ANSWER) and still_open,
        may_ask=who.may(acts.ANSWER) and may_ask(one, beside.questions, at),
        may_hand_over=who.may(acts.HAND_OVER) and still_open,
        may_join=who.may(joining.JOIN) and still_open,
        **suspicion_words(),
    )


def _tabs(asked: Asked, numbers: dict[str, int]) -> list[tuple[str, str, str, int]]:
    def href(state: str) -> str:
        query = _query(replace(asked, state=state))
        return f"{HOME}?{query}" if query else HOME

    tabs = [("", translate(N_("Tất cả")), href(""), sum(numbers.values()))]
    return tabs + [(one, translate(LABELS[one]), href(one), numbers[one]) for one in STATES]


def _query(asked: Asked) -> str:
    return urlencode({name: value for name, value in asdict(asked).items() if value})


def _options() -> dict[str, list[tuple[str, str]]]:
    """What the list can be narrowed to."""
    return {
        "question": [(key, translate(label)) for key, label in QUESTIONS.items()],
        "kind": [(key, translate(label)) for key, label in PROBLEMS.items()],
        "whose": [(key, translate(label)) for key, label in WHOSE.items()],
        "commune": list(communes_of(HERE)),
        "sort": [("urgent", translate(N_("Cần trả lời trước")))],
    }
