"""The console's work list of applications for accounts, and the decision on each (R5)."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.identity import labels
from services.identity.actions import applications as actions
from services.identity.actions import enclosing
from services.identity.actions.issue import Issued
from services.identity.domain.applications import Application, State, Wish
from services.identity.fields.applications import (
    AcceptNewForm,
    AcceptReissueForm,
    AskForMore,
    Hand,
    RejectForm,
)
from services.identity.guard import Guard
from services.identity.pages.desks import communes
from services.identity.pages.files import file_answer
from services.identity.pages.handing import handed
from services.identity.request import Db, Id, OriginOf, codes_shown
from services.identity.store import accounts, facilities
from services.identity.store import applications as store
from services.identity.store import made as entered
from services.identity.tiers import tiers
from shared.auth import Principal, require
from shared.ids import new_id, now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/identity/applications")

OFFERED = 50


@router.get("")
async def work_list(request: Request, who: PagePrincipal, db: Db) -> Response:
    require(who, actions.READ)
    asked = request.query_params.get("state", State.WAITING.value)
    state = asked if asked in labels.APPLICATION_STATES else State.WAITING.value
    counts = {name: await store.count(db, who, name) for name in labels.APPLICATION_STATES}
    paging = Paging.of(request, counts[state])
    return render(
        request,
        "applications.html",
        found=await store.page(db, who, state, skip=paging.skip, limit=paging.size),
        paging=paging,
        state=state,
        counts=counts,
        communes=dict(await communes(db)),
        labels=labels,
    )


@router.get("/{application_id}")
async def one(request: Request, application_id: Id, who: PagePrincipal, db: Db) -> Response:
    return await _page(request, application_id, who, db, {})


@router.post("/{application_id}/ask")
async def ask(
    request: Request, application_id: Id, who: PagePrincipal, sent: PageForm, db: Db
) -> Response:
    async def perform(given: AskForMore) -> Response:
        await actions.ask_for_more(application_id, given.what, who=who, db=db, now=now())
        return redirect(request, str(router.prefix), N_("Đã yêu cầu cơ sở bổ sung."))

    show = _showing(request, application_id, who, db, "ask")
    return await answered(await read_form(request, AskForMore), perform, show)


@router.post("/{application_id}/reject")
async def reject(
    request: Request, application_id: Id, who: PagePrincipal, sent: PageForm, db: Db
) -> Response:
    async def perform(given: RejectForm) -> Response:
        await actions.reject(application_id, given.reason, who=who, db=db, now=now())
        return redirect(request, str(router.prefix), N_("Đã trả lời không chấp nhận."))

    show = _showing(request, application_id, who, db, "reject")
    return await answered(await read_form(request, RejectForm), perform, show)


@router.post("/{application_id}/accept")
async def accept(
    request: Request,
    application_id: Id,
    who: PagePrincipal,
    sent: PageForm,
    db: Db,
    origin: OriginOf,
) -> Response:
    async def perform(given: AcceptNewForm) -> Response:
        issued = await actions.accept(
            application_id,
            given.order(),
            who=who,
            origin=origin,
            db=db,
            now=now(),
            shown=codes_shown(request),
            repeat_key=given.repeat_key,
            by_page=given.hand == "page",
        )
        return _issued(request, application_id, issued, given.hand, "issued")

    show = _showing(request, application_id, who, db, "accept")
    return await answered(await read_form(request, AcceptNewForm), perform, show)


@router.post("/{application_id}/accept-reissue")
async def accept_reissue(
    request: Request,
    application_id: Id,
    who: PagePrincipal,
    sent: PageForm,
    db: Db,
    origin: OriginOf,
) -> Response:
    async def perform(given: AcceptReissueForm) -> Response:
        issued = await actions.accept_reissue(
            application_id,
            given.account_id,
            who=who,
            origin=origin,
            db=db,
            now=now(),
            shown=codes_shown(request),
            repeat_key=given.repeat_key,
            by_page=given.hand == "page",
        )
        return _issued(request, application_id, issued, given.hand, "reissued")

    show = _showing(request, application_id, who, db, "reissue")
    return await answered(await read_form(request, AcceptReissueForm), perform, show)


@router.get("/{application_id}/papers/{paper_id}")
async def paper(application_id: Id, paper_id: Id, who: PagePrincipal, db: Db) -> Response:
    found, data = await enclosing.read(application_id, paper_id, who=who, db=db)
    return file_answer(f"{found.shows.value}-{found.id[-6:]}", found.media_type, data)


def _issued(
    request: Request, application_id: str, issued: Issued, hand: Hand, done: str
) -> Response:
    """To the handing over, unless its sender collects the code by the page."""
    if hand == "desk":
        return handed(request, issued, done)
    told = N_("Đã cấp. Người nộp tự nhận mã thiết lập ở trang tra cứu.")
    return redirect(request, f"{router.prefix}/{application_id}", told)


def _showing(
    request: Request, application_id: str, who: Principal, db: Database, name: str
) -> Callable[[Form[Any], int], Awaitable[Response]]:
    async def show(form: Form[Any], status: int) -> Response:
        return await _page(request, application_id, who, db, {name: form}, status)

    return show


async def _page(
    request: Request,
    application_id: str,
    who: Principal,
    db: Database,
    forms: dict[str, Form[Any]],
    status: int = 200,
) -> Response:
    """One application; `forms` holds what comes back with errors, by the name of its act."""
    found = await store.get(db, application_id)
    require(who, actions.READ, found.scope)
    search = request.query_params.get("q", "").strip()[:100]
    made = await entered.of(db, found.id)
    known = await facilities.by_code(db, who, made.code if made else found.newest.facility_code)
    offered = await facilities.search(db, who, search or found.newest.facility_name, limit=OFFERED)
    if known is not None:
        offered = [known, *(one for one in offered if one.id != known.id)]
    if "accept" in forms:
        # What was chosen stays chosen, by whatever search it was found.
        chosen = await facilities.in_scope(db, who, forms["accept"].text("facility_id"))
        offered += [chosen] if chosen is not None and chosen not in offered else []
    owned = await accounts.of_facility(db, known.id) if known else []
    kinds = tiers()["facility"].kinds
    shown = {**_new_forms(found, known.id if known else ""), **forms}
    return render(
        request,
        "application_one.html",
        status=status,
        found=found,
        forms={act: form.named(act) for act, form in shown.items()},
        opened=next(iter(forms), ""),
        search=search,
        offered=[(one.id, _label(one.name, one.code)) for one in offered if not one.stopped],
        owned=[(one.id, f"{one.name} · {one.username}") for one in owned if not one.revoked],
        hands=_hands(found),
        reissue=found.newest.wish is Wish.REISSUE,
        made=made,
        made_published=made is not None and known is not None,
        handed=handed_over(request, found, who) if who.may("facility.enter") else "",
        enters=who.may("facility.enter"),
        decides=who.may(actions.DECIDE),
        names=await accounts.names(db, {found.decided_by}),
        communes=dict(await communes(db)),
        kinds_options=[(kind, translate(labels.KINDS[kind])) for kind in kinds],
        labels=labels,
    )


def _new_forms(found: Application, facility_id: str) -> dict[str, Form[Any]]:
    """One for each act on it, filled in with what the applicant told."""
    told = found.newest
    return {
        "ask": new_form(AskForMore),
        "reject": new_form(RejectForm),
        "accept": new_form(
            AcceptNewForm,
            facility_id=facility_id,
            name=told.representative,
            position=told.position,
            kinds=["operate"],
            repeat_key=new_id(),
        ),
        "reissue": new_form(AcceptReissueForm, repeat_key=new_id()),
    }


def handed_over(request: Request, found: Application, who: Principal) -> str:
    """What this officer hands over to registry's form, signed: personal facts too (R18)."""
    told = found.newest
    guard: Guard = request.app.state.guard
    facts = {
        "name": told.facility_name,
        "tax_number": told.tax_number,
        "address": told.address,
        "commune": told.commune,
        "sector": told.sector,
        "kinds": list(told.kinds),
        "representative": told.representative,
        "phone": told.phone,
        "email": told.email,
    }
    return guard.keys.hand_over(found.id, facts, account_id=who.account_id, now=now())


def _label(name: str, code: str) -> str:
    return f"{name} · {code}" if code else name


def _hands(found: Application) -> list[tuple[str, str, str]]:
    """How the setup code reaches the person; by the page only where one sender alone has one."""
    beside = N_(
        "Người đó đọc mã nhận trên máy của mình cho bạn, gặp trực tiếp hoặc qua điện thoại."
    )
    desk = ("desk", translate(N_("Tôi trao cho người nộp")), translate(beside))
    told = N_("Mã hiện cho người giữ mã tra cứu; không cán bộ nào thấy. Hãy xác minh người nộp.")
    page = ("page", translate(N_("Người nộp tự nhận ở trang tra cứu")), translate(told))
    return [desk, page] if len(found.submissions) == 1 else [desk]
