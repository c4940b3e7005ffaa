"""The pages of a correction: what the case says, to be changed; and the second person's word."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.recall import catalogue
from services.recall.actions import corrections as acts
from services.recall.correction_inputs import CorrectionForm
from services.recall.domain.case import Case
from services.recall.domain.target import TargetKind
from services.recall.inputs import ReasonBody
from services.recall.pages import differences, labels
from services.recall.pages.console import FIELDS, HOME
from services.recall.queries import cases
from services.recall.store.cases import scope_of
from shared.auth import Principal, require
from shared.errors import Refusal
from shared.ids import new_id, now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.fields import Input
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)

PATH = HOME + "/{case_id}/correct"


@router.get(PATH)
async def show_form(case_id: str, request: Request, who: PagePrincipal) -> Response:
    case = await _case(request, who, case_id)
    return await _page(request, who, case, _as_it_is(case))


@router.post(PATH)
async def correct(case_id: str, request: Request, who: PagePrincipal, sent: PageForm) -> Response:
    case = await _case(request, who, case_id)

    async def perform(sent: CorrectionForm) -> Response:
        state = request.app.state
        try:
            corrected = await acts.correct(
                case_id,
                sent.asked(case),
                who=who,
                cap=state.settings.cap,
                key=sent.key,
                db=state.db,
                at=now(),
            )
        except Refusal as refusal:
            refusal.field = FIELDS.get(refusal.field or "", refusal.field)
            raise
        return _done(request, corrected)

    async def show(form: Form[CorrectionForm], status: int) -> Response:
        fresh = await cases.seen_by(who, case_id, db=request.app.state.db)
        return await _page(request, who, fresh, form.caught_up(fresh.revision), status)

    return await answered(await read_form(request, CorrectionForm), perform, show)


@router.post(PATH + "/confirm")
async def confirm(case_id: str, request: Request, who: PagePrincipal, sent: PageForm) -> Response:
    async def perform(sent: Input) -> Response:
        corrected = await acts.confirm(case_id, who=who, db=request.app.state.db, at=now())
        return _done(request, corrected)

    async def show(form: Form[Input], status: int) -> Response:
        return await _decision(request, who, case_id, moot=form, status=status)

    return await answered(await read_form(request, Input), perform, show)


@router.post(PATH + "/decline")
async def decline(case_id: str, request: Request, who: PagePrincipal, sent: PageForm) -> Response:
    async def perform(sent: ReasonBody) -> Response:
        db: Database = request.app.state.db
        await acts.decline(case_id, sent.reason, who=who, db=db, at=now())
        return redirect(request, f"{HOME}/{case_id}", N_("Thông báo giữ nguyên như trước."))

    async def show(form: Form[ReasonBody], status: int) -> Response:
        return await _decision(request, who, case_id, form=form, status=status)

    return await answered(await read_form(request, ReasonBody), perform, show)


@router.get(PATH + "/waiting")
async def show_waiting(case_id: str, request: Request, who: PagePrincipal) -> Response:
    """The correction that waits for a second person, beside what the case says now."""
    await _case(request, who, case_id)
    return await _decision(request, who, case_id)


async def _case(request: Request, who: Principal, case_id: str) -> Case:
    """The case, if this person may correct one there; raises NotFound, Forbidden."""
    case = await cases.seen_by(who, case_id, db=request.app.state.db)
    require(who, acts.CORRECT, scope_of(case.owner))
    return case


def _done(request: Request, case: Case) -> Response:
    if case.correction is not None:
        message, tone = N_("Đã ghi bản đính chính. Cần người thứ hai xác nhận."), "caution"
    else:
        message, tone = (
            N_("Đã đính chính. Thông báo mới đang được đưa tới người tiêu dùng."),
            "good",
        )
    return redirect(request, f"{HOME}/{case.id}", message, tone=tone)


def _as_it_is(case: Case) -> Form[CorrectionForm]:
    words, target = case.wording, case.target
    return new_form(
        CorrectionForm,
        version=case.revision,
        key=new_id(),
        kind=case.kind,
        level=case.level,
        reason_key=case.reason_key,
        reason=words.reason,
        instruction=words.instruction,
        reason_en=words.reason_en,
        instruction_en=words.instruction_en,
        reason_zh=words.reason_zh,
        instruction_zh=words.instruction_zh,
        first=target.first,
        last=target.last,
        since=target.since,
        until=target.until,
    )


async def _page(
    request: Request, who: Principal, case: Case, form: Form[CorrectionForm], status: int = 200
) -> Response:
    offered = {one.key: one for one in catalogue.offered(who)}
    kept = catalogue.reasons().get(case.reason_key)
    if kept is not None:
        offered.setdefault(kept.key, kept)
    return render(
        request,
        "correct.html",
        status=status,
        case=case,
        words=labels.in_language(case.wording),
        form=form,
        reasons=list(offered.values()),
        has_period=case.target.kind in (TargetKind.PRODUCT, TargetKind.FACILITY),
        labels=labels,
    )


async def _decision(
    request: Request,
    who: Principal,
    case_id: str,
    *,
    form: Form[Any] | None = None,
    moot: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    db: Database = request.app.state.db
    case = await _case(request, who, case_id)
    return render(
        request,
        "correction_waiting.html",
        status=status,
        case=case,
        words=labels.in_language(case.wording),
        asked=case.correction,
        rows=await waiting_rows(db, case),
        may_confirm=case.correction is not None
        and case.correction.requested_by.account_id != who.account_id,
        form=form or new_form(ReasonBody),
        moot=moot,
        labels=labels,
    )


async def waiting_rows(db: Database, case: Case) -> list[differences.Difference]:
    """What would change, row by row; [] where nothing waits."""
    if case.correction is None:
        return []
    wanted = case.correction.correction
    lots = await cases.lots_of(db, [*wanted.add, *wanted.remove])
    codes = {row.lot.id: row.lot.code for row in lots}
    return differences.between(
        case.said,
        wanted.said,
        [codes.get(one, one) for one in wanted.add],
        [codes.get(one, one) for one in wanted.remove],
    )
