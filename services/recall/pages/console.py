"""The console's list of cases, the search for a target, its blast radius and the order form."""

from fastapi import APIRouter, Request, Response

from services.recall import catalogue
from services.recall.actions import orders
from services.recall.domain import refusals
from services.recall.domain.case import Case
from services.recall.domain.target import Target
from services.recall.domain.terms import Kind, Order, State
from services.recall.inputs import OrderForm, TargetQuery
from services.recall.pages import (
    deadline_words,
    drill_words,
    labels,
    order_words,
    signal_words,
)
from services.recall.pages.radius_parts import parts
from services.recall.queries import (
    cases,
    deadlines,
    drills,
    outside,
    radius,
    recovery,
    search,
    signals,
    suspicions,
)
from shared.auth import require
from shared.errors import Kind as RefusalKind
from shared.errors import NotFound, Refusal
from shared.ids import new_id, now
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.formdata import Submitted
from shared.web.forms import Form, new_form, parse, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)

# The API calls a period's ends from and to; a form's names are those of its model.
FIELDS = {"from": "since", "to": "until"}
HOME = "/console/recall"


@router.get(HOME)
async def list_cases(request: Request, who: PagePrincipal) -> Response:
    db = request.app.state.db
    state = request.query_params.get("state", "")
    text = request.query_params.get("q", "")[:100]
    counts = await cases.counts_by_state(who, db=db)
    _, total = await cases.listed(who, db=db, state=state, text=text, size=1)
    paging = Paging.of(request, total)
    found, _ = await cases.listed(
        who, db=db, state=state, text=text, skip=paging.skip, size=paging.size
    )
    signals_open, signals_total = await signals.open_on_top(who, db=db)
    return render(
        request,
        "cases.html",
        signals_open=signals_open,
        signals_total=signals_total,
        signal_words=signal_words,
        rows=found,
        paging=paging,
        state=state,
        text=text,
        state_tabs=_tabs(counts),
        may_order=who.may(orders.ORDER),
        unacknowledged=await recovery.unacknowledged(db, who),
        drills=await drills.waiting(who, db=db),
        drill_due=await drills.due(who, db=db, at=now()),
        drill_words=drill_words,
        pressing=await deadlines.pressing(who, db=db, at=now()),
        at=now(),
        deadline_words=deadline_words,
        labels=labels,
    )


def _tabs(counts: dict[str, int]) -> list[tuple[str, str, str, int]]:
    all_of_them = ("", translate(N_("Tất cả")), HOME, sum(counts.values()))
    return [
        all_of_them,
        *(
            (str(state), translate(labels.STATES[state]), f"{HOME}?state={state}", counts[state])
            for state in State
            if counts.get(state)
        ),
    ]


@router.get(f"{HOME}/new")
async def find_target(request: Request, who: PagePrincipal) -> Response:
    require(who, radius.PREVIEW)
    text = request.query_params.get("q", "").strip()[:100]
    state = request.app.state
    ring = state.stamp_keys.current()
    found = await search.targets(text, who=who, keyring=ring, db=state.db) if text else []
    return render(request, "search.html", text=text, found=found, labels=labels)


@router.get(f"{HOME}/radius")
async def show_radius(request: Request, who: PagePrincipal) -> Response:
    """The blast radius of the target in the address, with the order form below."""
    form = new_form(OrderForm, kind=Kind.RECALL, key=new_id())
    if key := request.query_params.get("reason_key", ""):
        form = order_words.filled(form.with_raw(reason_key=key), who)
    asked, db = request.query_params.get("suspicion", ""), request.app.state.db
    raised = request.query_params.get("signal", "")[:64]
    if told := await suspicions.words_for_order(who, asked, db=db):
        form = form.with_raw(reason=told, suspicion=asked)
    elif told := await signals.words_for_order(who, raised, db=db):
        form = form.with_raw(reason=told, signal=raised)
    return await _radius_page(request, who, target_in(request), form)


@router.post(f"{HOME}/radius")
async def order(request: Request, who: PagePrincipal, sent: PageForm) -> Response:
    aim = target_in(request)
    form = await read_form(request, OrderForm)

    async def show(form: Form[OrderForm], status: int) -> Response:
        return await _radius_page(request, who, aim, form, status=status)

    target = aim.value
    if target is None:
        return await show(form, 422)
    if form.text("step") == "fill":
        return await show(order_words.filled(form.without_errors(), who), 200)

    async def perform(sent: OrderForm) -> Response:
        state = request.app.state
        if sent.step == "preview":
            draft = await order_words.draft(sent.asked(target.aim()), who, state.db)
            return await _radius_page(request, who, aim, form, draft=draft)
        case = await orders.order_recall(
            sent.asked(target.aim()),
            who=who,
            cap=state.settings.cap,
            key=sent.key,
            db=state.db,
            at=now(),
        )
        return _ordered(request, case)

    return await answered(form, perform, show)


def _ordered(request: Request, case: Case) -> Response:
    if case.state is State.AWAITING:
        message, tone = N_("Đã ghi đề nghị. Phạm vi lớn: cần người thứ hai xác nhận."), "caution"
    else:
        message, tone = N_("Đã ra lệnh. Dưới đây là việc thông báo tới người tiêu dùng."), "good"
    return redirect(request, f"{HOME}/{case.id}", message, tone=tone)


def target_in(request: Request) -> Form[TargetQuery]:
    """The target in the page's address; raises NotFound where the address names none."""
    pairs = request.query_params.multi_items()
    given = [(name, value) for name, value in pairs if name in TargetQuery.model_fields]
    form = parse(Submitted([*given]), TargetQuery)
    if form.error("target") or form.error("target_kind"):
        raise NotFound()
    return form


def aimed_at(request: Request) -> Target:
    """The target in the address of something that is no form; raises NotFound, InvalidTarget."""
    aim = target_in(request)
    if aim.value is None:
        raise NotFound()
    return aim.value.aim()


async def _radius_page(
    request: Request,
    who: PagePrincipal,
    aim: Form[TargetQuery],
    form: Form[OrderForm],
    *,
    status: int = 200,
    draft: Order | None = None,
) -> Response:
    if aim.value is None:
        return render(request, "narrow.html", status=422, aim=aim, labels=labels)
    state = request.app.state
    try:
        target = aim.value.aim()
        found = await radius.preview(
            target, who=who, cap=state.settings.cap, db=state.db, feeds=state.settings.feeds
        )
    except Refusal as refusal:
        if refusal.kind is not RefusalKind.INVALID:
            raise
        refusal.field = FIELDS.get(refusal.field or "", refusal.field)
        # Whoever followed a link to what has no lots yet made no mistake.
        followed = request.method == "GET" and not (aim.value.since or aim.value.until)
        status = 200 if followed and isinstance(refusal, refusals.TargetEmpty) else 422
        return render(
            request,
            "narrow.html",
            status=status,
            aim=aim.refused(refusal),
            labels=labels,
            has_no_lots=isinstance(refusal, refusals.TargetWithoutLots),
        )
    return render(
        request,
        "radius.html",
        status=status,
        aim=aim,
        **await parts(request, who, found),
        beyond=await outside.of_target(found.target, who, db=state.db),
        form=form,
        may_order=radius.may_order(who, found.subject),
        draft=draft,
        reasons=catalogue.offered(who),
        labels=labels,
    )
