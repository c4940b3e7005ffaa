"""Early warning: the list of signals, each with its evidence and what to do next, and the rules."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from services.recall.actions import orders
from services.recall.actions import signals as acts
from services.recall.actions import suspicions as hazards
from services.recall.domain.signals.rules import SEVERITIES, rules
from services.recall.domain.signals.signal import STATES
from services.recall.pages import signal_words
from services.recall.queries import signals as queries
from services.recall.queries.signals import Row
from services.recall.signal_inputs import DismissForm, InspectForm, Narrowing, SuspectForm
from services.recall.store.signals import PAGE_SIZE
from shared.ids import new_id, now
from shared.once import once
from shared.web.answering import answered_among
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)
HOME: Final = "/console/recall/signals"
ONE: Final = HOME + "/{signal_id}"
SHOWN: Final = 200


@router.get(HOME)
async def listed(request: Request, who: PagePrincipal, asked: Narrowing) -> Response:
    db = request.app.state.db
    page = Paging.of(request, 10**9, size=PAGE_SIZE).number
    rows, numbers, total = await queries.listed(who, asked.narrowed(), db=db, page=page)
    tabs = [("", translate(N_("Tất cả")), HOME, sum(numbers.values()))]
    tabs += [
        (one, translate(signal_words.STATES[one]), f"{HOME}?state={one}", numbers[one])
        for one in STATES
        if numbers[one] or one == "open"
    ]
    return render(
        request,
        "signals.html",
        rows=rows,
        paging=Paging.of(request, total, size=PAGE_SIZE),
        asked=asked,
        tabs=tabs,
        rules=[(key, signal_words.name(rule)) for key, rule in rules().items()],
        grades=[(one, translate(signal_words.SEVERITIES[one])) for one in SEVERITIES],
        communes=await queries.communes(who, db=db),
        since=await queries.since(db),
        **signal_words.words(),
    )


@router.get(HOME + "/rules")
async def list_rules(request: Request, who: PagePrincipal) -> Response:
    db = request.app.state.db
    return render(
        request,
        "signal_rules.html",
        used=await queries.by_rule(who, db=db),
        since=await queries.since(db),
        **signal_words.words(),
    )


@router.get(ONE)
async def show(request: Request, who: PagePrincipal, signal_id: str) -> Response:
    return await _page(request, who, signal_id)


@router.post(ONE + "/dismissal")
async def dismiss(request: Request, who: PagePrincipal, _: PageForm, signal_id: str) -> Response:
    async def perform(sent: DismissForm) -> Response:
        db, version = request.app.state.db, sent.version
        await acts.dismiss(signal_id, sent.why, version=version, who=who, db=db, at=now())
        done = N_("Đã bỏ qua. Chỉ bằng chứng mới, tính lại từ đầu, mới làm cảnh báo hiện lại.")
        return redirect(request, f"{HOME}/{signal_id}", done)

    return await answered_among(request, "dismiss", DismissForm, perform, _page, who, signal_id)


@router.post(ONE + "/suspicion")
async def suspect(request: Request, who: PagePrincipal, _: PageForm, signal_id: str) -> Response:
    async def perform(sent: SuspectForm) -> Response:
        made = await acts.suspect(
            signal_id,
            sent.what,
            sent.goods,
            version=sent.version,
            who=who,
            db=request.app.state.db,
            at=now(),
            asked=once(who, sent.key, "signal", signal_id, sent.what, sent.goods),
        )
        return _led(request, made.decision, N_("Đã lập hồ sơ nghi ngờ."))

    return await answered_among(request, "suspect", SuspectForm, perform, _page, who, signal_id)


@router.post(ONE + "/inspection")
async def inspect(request: Request, who: PagePrincipal, _: PageForm, signal_id: str) -> Response:
    async def perform(sent: InspectForm) -> Response:
        made = await acts.suspect(
            signal_id,
            sent.reason,
            sent.goods,
            version=sent.version,
            until=sent.until,
            who=who,
            db=request.app.state.db,
            at=now(),
            asked=once(who, sent.key, "signal", signal_id, sent.reason, sent.goods, sent.until),
        )
        done = N_(
            "Đã đề nghị kiểm tra. Đoàn kiểm tra trong địa bàn thấy việc này ở trang Kiểm tra."
        )
        return _led(request, made.decision, done)

    return await answered_among(request, "inspect", InspectForm, perform, _page, who, signal_id)


def _led(request: Request, decision: Any, done: str) -> Response:
    return redirect(request, f"/console/recall/suspicions/{decision.suspicion_id}", done)


async def _page(
    request: Request,
    who: PagePrincipal,
    signal_id: str,
    sent: dict[str, Form[Any]] | None = None,
    status: int = 200,
) -> Response:
    row = await queries.one(who, signal_id, db=request.app.state.db)
    forms = _forms(row)
    for name, form in (sent or {}).items():
        forms[name] = form.caught_up(row.signal.version)
    may_decide = queries.may_decide(who, row)
    return render(
        request,
        "signal.html",
        status=status,
        row=row,
        one=row.signal,
        rule=row.signal.rule,
        shown=list(reversed(row.signal.facts))[:SHOWN],
        forms=forms,
        goods=signal_words.goods(row),
        pictures=signal_words.pictures(row),
        may_decide=may_decide,
        may_suspect=may_decide and who.may(hazards.SUSPECT),
        may_ask=may_decide and who.may(hazards.INSPECT),
        order_href=signal_words.order_href(row.signal)
        if row.signal.is_open and who.may(orders.ORDER)
        else "",
        **signal_words.words(),
    )


def _forms(row: Row) -> dict[str, Form[Any]]:
    version, begun, key = row.signal.version, queries.begun(row), new_id()
    return {
        "dismiss": new_form(DismissForm, version=version).named("dismiss"),
        "suspect": new_form(SuspectForm, version=version, what=begun, key=key).named("suspect"),
        "inspect": new_form(InspectForm, version=version, reason=begun[:500], key=key).named(
            "inspect"
        ),
    }
