"""Drills in the console: their list, how one begins, and the page of one while it runs."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from services.recall.actions import drills as acts
from services.recall.domain.drill import MOST_LOTS, State
from services.recall.drill_inputs import DrillForm, WhyBody
from services.recall.pages import labels
from services.recall.pages.console import FIELDS, target_in
from services.recall.pages.drill_picture import picture
from services.recall.pages.drill_words import STATES, words
from services.recall.queries import drill_page, drill_target
from services.recall.queries import drills as queries
from services.recall.store.drills import PAGE_SIZE
from shared.auth import require
from shared.errors import NotFound, Refusal
from shared.ids import new_id, now
from shared.web.answering import answered, answered_among
from shared.web.csrf import PageForm
from shared.web.fields import Input
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)
HOME: Final = "/console/recall/drills"
ONE: Final = HOME + "/{drill_id}"
# While it runs, an official's page looks again by itself; a facility's has something to fill in.
REFRESH_SECONDS: Final = 20
# Of facilities, and of the lots that one is asked about.
PAGE: Final = drill_page.PLACES_A_PAGE
assert PAGE == drill_page.LOTS_A_PAGE


@router.get(HOME)
async def listed(request: Request, who: PagePrincipal) -> Response:
    db = request.app.state.db
    asked = request.query_params.get("state", "")
    state = asked if asked in set(State) else ""
    _, total = await queries.listed(who, db=db, state=state, size=1)
    paging = Paging.of(request, total, size=PAGE_SIZE)
    rows, _ = await queries.listed(who, db=db, state=state, skip=paging.skip, size=paging.size)
    tabs = [("", translate(N_("Tất cả")), HOME)]
    tabs += [(str(key), translate(name), f"{HOME}?state={key}") for key, name in STATES.items()]
    return render(
        request,
        "drills.html",
        rows=rows,
        paging=paging,
        state=state,
        tabs=tabs,
        waiting=await queries.waiting(who, db=db),
        due=await queries.due(who, db=db, at=now()),
        may_begin=who.may(acts.DRILL),
        **words(),
    )


@router.get(HOME + "/new")
async def plan(request: Request, who: PagePrincipal) -> Response:
    """The form for the target in the address. Raises NotFound where that names none."""
    require(who, acts.DRILL)
    aim = target_in(request)
    if aim.value is None:
        raise NotFound()
    form = new_form(DrillForm, aim.value, hours=24, key=new_id(), scenario="")
    return await _plan_page(request, who, form, 200)


@router.post(HOME + "/new")
async def begin(request: Request, who: PagePrincipal, _: PageForm) -> Response:
    async def perform(sent: DrillForm) -> Response:
        app = request.app.state
        try:
            drill = await acts.begin(
                sent.wanted(),
                who=who,
                cap=app.settings.cap,
                key=sent.key,
                feeds=app.settings.feeds,
                db=app.db,
                at=now(),
            )
        except Refusal as refusal:
            refusal.field = FIELDS.get(refusal.field or "", refusal.field)
            raise
        said = N_("Cuộc diễn tập đã bắt đầu. Các cơ sở liên quan thấy nó ở trang Thu hồi của mình.")
        waits = N_("Đã ghi đề nghị. Phạm vi lớn: cần người thứ hai đồng ý.")
        return redirect(request, f"{HOME}/{drill.id}", said if drill.is_running else waits)

    require(who, acts.DRILL)
    return await answered(
        await read_form(request, DrillForm),
        perform,
        lambda form, status: _plan_page(request, who, form, status),
    )


async def _plan_page(
    request: Request, who: PagePrincipal, form: Form[DrillForm], status: int
) -> Response:
    found = await drill_target.named(
        form.text("target_kind"), form.text("target"), form.text("number"), who,
        db=request.app.state.db,
    )  # fmt: skip
    return render(
        request, "drill_new.html", status=status, form=form, target=found, labels=labels, **words()
    )


@router.get(ONE)
async def show(request: Request, who: PagePrincipal, drill_id: str) -> Response:
    return await page(request, who, drill_id)


@router.post(ONE + "/acknowledge")
async def acknowledge(request: Request, who: PagePrincipal, _: PageForm, drill_id: str) -> Response:
    async def perform(sent: Input) -> Response:
        db = request.app.state.db
        is_new = await acts.acknowledge(drill_id, who=who, db=db, at=now())
        said = N_("Đã ghi: cơ sở đã nhận tin diễn tập. Hãy khai từng lô dưới đây.")
        again = N_("Cơ sở đã xác nhận từ trước; lần xác nhận đầu được giữ.")
        return redirect(request, f"{HOME}/{drill_id}", said if is_new else again)

    return await answered_among(request, "moot", Input, perform, page, who, drill_id)


@router.post(ONE + "/confirm")
async def confirm(request: Request, who: PagePrincipal, _: PageForm, drill_id: str) -> Response:
    async def perform(sent: Input) -> Response:
        app = request.app.state
        await acts.confirm(drill_id, who=who, feeds=app.settings.feeds, db=app.db, at=now())
        said = N_("Cuộc diễn tập đã bắt đầu. Các cơ sở liên quan thấy nó ở trang Thu hồi của mình.")
        return redirect(request, f"{HOME}/{drill_id}", said)

    return await answered_among(request, "moot", Input, perform, page, who, drill_id)


@router.post(ONE + "/decline")
async def decline(request: Request, who: PagePrincipal, _: PageForm, drill_id: str) -> Response:
    async def perform(sent: WhyBody) -> Response:
        await acts.decline(drill_id, sent.reason, who=who, db=request.app.state.db, at=now())
        return redirect(request, f"{HOME}/{drill_id}", N_("Đã ghi: cuộc diễn tập không diễn ra."))

    return await answered_among(request, "decline", WhyBody, perform, page, who, drill_id)


async def page(
    request: Request,
    who: PagePrincipal,
    drill_id: str,
    sent: dict[str, Form[Any]] | None = None,
    status: int = 200,
) -> Response:
    """The page of one drill; `sent` are the forms that come back with what was typed."""
    db = request.app.state.db
    asked = Paging.of(request, MOST_LOTS, size=PAGE)
    shown = await drill_page.shown(who, drill_id, db=db, page=asked.number)
    drill, own = shown.drill, shown.own
    total = own.count if own is not None else shown.total_places
    paging = Paging.of(request, total, size=PAGE)
    if paging.number < asked.number:
        shown = await drill_page.shown(who, drill_id, db=db, page=paging.number)
    may = queries.may_manage(who, drill)
    forms: dict[str, Form[Any] | None] = {
        "moot": None,
        "decline": new_form(WhyBody),
        **(sent or {}),
    }
    watched = drill.is_running and who.facility_id is None and sent is None
    return render(
        request,
        "drill.html",
        status=status,
        drill=drill,
        shown=shown,
        figures=shown.figures,
        paging=paging,
        chart=picture(shown) if drill.ordered_at and who.facility_id is None else None,
        refresh=REFRESH_SECONDS if watched else None,
        may_end=may and drill.is_running,
        may_decide=may and drill.state is State.AWAITING,
        may_confirm=may and drill.by.account_id != who.account_id,
        may_answer=drill.is_running and own is not None and who.may(acts.ANSWER),
        forms=forms,
        labels=labels,
        **words(),
    )
