"""The page of one case: what, why, how far, who shows it since when, and what to do next."""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from services.recall import catalogue
from services.recall.actions import endings, orders
from services.recall.domain.case import Case
from services.recall.domain.terms import Kind, State
from services.recall.inputs import CloseBody, CloseForm, ReasonBody
from services.recall.pages import labels, sections, spread
from services.recall.pages.console import HOME
from services.recall.queries import cases, history, radius, recovery
from services.recall.store.cases import scope_of
from shared.auth import Principal
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.fields import Input
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)

LOTS_A_PAGE = 20
PATH = HOME + "/{case_id}"

BUTTONS = ("confirm", "confirm_lift")


@router.get(PATH)
async def show_case(case_id: str, request: Request, who: PagePrincipal) -> Response:
    return await _page(request, who, case_id)


@router.post(PATH + "/confirm")
async def confirm(case_id: str, request: Request, who: PagePrincipal, sent: PageForm) -> Response:
    async def perform(sent: Input) -> Response:
        db = request.app.state.db
        await orders.confirm_order(case_id, who=who, db=db, at=now())
        return redirect(
            request,
            f"{HOME}/{case_id}",
            N_("Đã xác nhận. Thông báo đang được đưa tới người tiêu dùng."),
        )

    return await answered(
        await read_form(request, Input),
        perform,
        lambda form, status: _page(request, who, case_id, "confirm", form, status),
    )


@router.post(PATH + "/decline")
async def decline(case_id: str, request: Request, who: PagePrincipal, sent: PageForm) -> Response:
    async def perform(sent: ReasonBody) -> Response:
        db = request.app.state.db
        await orders.decline_order(case_id, sent.reason, who=who, db=db, at=now())
        return redirect(
            request,
            f"{HOME}/{case_id}",
            N_("Đã ghi: lệnh không được xác nhận, không có gì được công bố."),
        )

    return await answered(
        await read_form(request, ReasonBody),
        perform,
        lambda form, status: _page(request, who, case_id, "decline", form, status),
    )


@router.post(PATH + "/lift")
async def request_lift(
    case_id: str, request: Request, who: PagePrincipal, sent: PageForm
) -> Response:
    async def perform(sent: ReasonBody) -> Response:
        db = request.app.state.db
        await endings.request_lift(case_id, sent.reason, who=who, db=db, at=now())
        return redirect(
            request, f"{HOME}/{case_id}", N_("Đã đề nghị dỡ bỏ. Một người khác phải xác nhận.")
        )

    return await answered(
        await read_form(request, ReasonBody),
        perform,
        lambda form, status: _page(request, who, case_id, "lift", form, status),
    )


@router.post(PATH + "/lift/confirm")
async def confirm_lift(
    case_id: str, request: Request, who: PagePrincipal, sent: PageForm
) -> Response:
    async def perform(sent: Input) -> Response:
        db = request.app.state.db
        await endings.confirm_lift(case_id, who=who, db=db, at=now())
        return redirect(request, f"{HOME}/{case_id}", N_("Đã dỡ bỏ thông báo."))

    return await answered(
        await read_form(request, Input),
        perform,
        lambda form, status: _page(request, who, case_id, "confirm_lift", form, status),
    )


@router.post(PATH + "/lift/decline")
async def decline_lift(
    case_id: str, request: Request, who: PagePrincipal, sent: PageForm
) -> Response:
    async def perform(sent: ReasonBody) -> Response:
        db = request.app.state.db
        await endings.decline_lift(case_id, sent.reason, who=who, db=db, at=now())
        return redirect(request, f"{HOME}/{case_id}", N_("Thông báo vẫn được giữ."))

    return await answered(
        await read_form(request, ReasonBody),
        perform,
        lambda form, status: _page(request, who, case_id, "decline_lift", form, status),
    )


@router.post(PATH + "/close")
async def close(case_id: str, request: Request, who: PagePrincipal, sent: PageForm) -> Response:
    db = request.app.state.db
    model = _closing(await cases.seen_by(who, case_id, db=db))

    async def perform(sent: CloseBody) -> Response:
        await endings.close_case(case_id, sent.outcome(), who=who, db=db, at=now())
        return redirect(
            request,
            f"{HOME}/{case_id}",
            N_("Đã kết thúc vụ việc. Thông báo vẫn hiển thị cho tới khi được dỡ bỏ."),
        )

    return await answered(
        await read_form(request, model),
        perform,
        lambda form, status: _page(request, who, case_id, "close", form, status),
    )


async def _page(
    request: Request,
    who: Principal,
    case_id: str,
    act: str = "",
    form: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    """The case as it stands now; `act` names the act whose form comes back."""
    db = request.app.state.db
    case = await cases.seen_by(who, case_id, db=db)
    may = _may(who, case)
    reached = await spread.shown(db, case)
    if request.method != "GET":  # Looking again would take away what was typed.
        reached |= {"refresh": None}
    paging = Paging.of(request, len(case.lots), size=LOTS_A_PAGE)
    shown = case.lots[paging.skip : paging.skip + paging.size]
    return render(
        request,
        "case.html",
        status=status,
        **reached,
        words=labels.in_language(case.wording),
        reason=catalogue.reasons().get(case.reason_key),
        history=await history.of_case(who, case_id, db=db),
        lots=await cases.lots_of(db, shown),
        accounted=bool(await recovery.named(db, case)),
        paging=paging,
        # A press of a button has no form of its own, nor has an act that is not offered any more.
        moot=form if form is not None and (act in BUTTONS or not may[act]) else None,
        may=may,
        radius_href=_radius_href(case),
        sections=await sections.shown(db, who, case),
        forms=_forms(case, {act: form} if form is not None else {}),
    )


def _radius_href(case: Case) -> str:
    """The blast radius of the case's target as it is now."""
    target = case.target
    given = {
        "target_kind": target.kind,
        "target": target.id,
        "first": target.first,
        "last": target.last,
        "since": target.since,
        "until": target.until,
        "number": target.number or None,
    }
    return f"{HOME}/radius?{urlencode({k: v for k, v in given.items() if v is not None})}"


def _closing(case: Case) -> type[CloseBody]:
    """What the form asks for: how goods were handled, but of a warning."""
    return CloseBody if case.kind is Kind.WARNING else CloseForm


def _forms(case: Case, given: dict[str, Form[Any]]) -> dict[str, Form[Any]]:
    empty: dict[str, Form[Any]] = {
        "decline": new_form(ReasonBody),
        "lift": new_form(ReasonBody),
        "decline_lift": new_form(ReasonBody),
        "close": new_form(_closing(case)),
    }
    return {**empty, **given}


def _may(who: Principal, case: Case) -> dict[str, bool]:
    """What this person is offered now: acts, and the look at the radius; each asks again itself."""

    def can(action: str) -> bool:
        return who.may(action) and who.covers(action, scope_of(case.owner))

    asked_it = who.account_id == case.ordered_by.account_id
    asked_lift = case.lift is not None and who.account_id == case.lift.requested_by.account_id
    awaiting = case.state is State.AWAITING and can(orders.ORDER)
    lift = case.is_standing and can(endings.LIFT)
    return {
        "confirm": awaiting and not asked_it,
        "decline": awaiting,
        "lift": lift and case.lift is None,
        "confirm_lift": lift and case.lift is not None and not asked_lift,
        "decline_lift": lift and case.lift is not None,
        "close": case.state is State.ORDERED and can(endings.CLOSE),
        "look": can(radius.PREVIEW),
    }
