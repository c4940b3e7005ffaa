"""One record in the console: what it says, its history, and the decisions on it."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from services.registry.actions import doubles, facilities, products, received, review
from services.registry.actions.rights import RIGHTS, may, require_for
from services.registry.domain.quality import judged
from services.registry.domain.records import Aggregate, Record
from services.registry.missing import missing_link
from services.registry.pages.forms import AcceptForm, ReasonForm, RecordForm, StepForm, SubmitForm
from services.registry.pages.records import detail
from services.registry.pages.records.console import aggregate_of
from services.registry.pages.showing import show
from services.registry.store import facts, records
from shared.auth import Principal
from shared.days import local_day
from shared.errors import NotFound
from shared.ids import now
from shared.mongo import Database
from shared.tiers import AUTHORITIES
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/{word}/{record_id}", include_in_schema=False)


@router.get("")
async def read(request: Request, who: PagePrincipal, word: str, record_id: str) -> Response:
    """Whoever only received a lot is led to the page of it that is meant for them."""
    db: Database = request.app.state.db
    if aggregate_of(word) is Aggregate.LOT:
        lot = await received.lot_of(db, record_id)
        if not received.is_own(lot, who) and await received.came_to(db, lot, who=who):
            return RedirectResponse(f"/console/registry/received/{record_id}", 303)
    return await _page(request, who, word, record_id)


@router.get("/versions/{number}")
async def read_version(
    request: Request, who: PagePrincipal, word: str, record_id: str, number: int
) -> Response:
    """One version of a record, and what it changed."""
    db: Database = request.app.state.db
    record = await _record(request, who, word, record_id)
    return show(
        request,
        "console/version.html",
        record=record,
        word=word,
        **await detail.version_context(db, record, number),
    )


@router.post("/submit")
async def submit(
    request: Request, who: PagePrincipal, word: str, record_id: str, _: PageForm
) -> Response:
    record = await _record(request, who, word, record_id)

    async def perform(sent: SubmitForm) -> Response:
        await review.submit(
            record.aggregate,
            record_id,
            version=sent.version,
            explanation=sent.explanation,
            who=who,
            now=now(),
            db=request.app.state.db,
        )
        return redirect(request, _address(word, record_id), N_("Đã gửi kiểm tra."))

    return await answered(
        await read_form(request, SubmitForm),
        perform,
        lambda form, status: _page(request, who, word, record_id, "submit", form, status),
    )


@router.post("/{decision}")
async def decide(
    request: Request, who: PagePrincipal, word: str, record_id: str, decision: str, _: PageForm
) -> Response:
    """accept, publish, reject; stop, resume (facilities); withdraw (products)."""
    record = await _record(request, who, word, record_id)
    act = _ACTS.get((record.aggregate, decision)) or _ACTS.get((None, decision))
    if act is None:
        raise NotFound()

    async def perform(sent: Any) -> Response:
        message = await act(request, record, sent, who)
        return redirect(request, _address(word, record_id), message)

    models = {"accept": AcceptForm, "publish": StepForm}
    return await answered(
        await read_form(request, models.get(decision, ReasonForm)),
        perform,
        lambda form, status: _page(request, who, word, record_id, decision, form, status),
    )


async def _accept(request: Request, record: Record[Any], sent: Any, who: Principal) -> str:
    await review.accept(
        record.aggregate,
        record.id,
        version=sent.version,
        override=sent.override,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    if record.aggregate is Aggregate.LOT:
        return N_("Đã kiểm tra đạt và đăng lô.")
    return N_("Đã kiểm tra đạt, chuyển duyệt đăng.")


async def _publish(request: Request, record: Record[Any], sent: Any, who: Principal) -> str:
    await review.publish(
        record.aggregate,
        record.id,
        version=sent.version,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return N_("Đã duyệt đăng. Người tiêu dùng thấy nội dung mới ngay bây giờ.")


async def _reject(request: Request, record: Record[Any], sent: Any, who: Principal) -> str:
    await review.reject(
        record.aggregate,
        record.id,
        version=sent.version,
        reason=sent.reason,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return N_("Đã trả lại cho người nhập kèm lý do.")


async def _stop(request: Request, record: Record[Any], sent: Any, who: Principal) -> str:
    await facilities.stop_facility(
        record.id, reason=sent.reason, who=who, now=now(), db=request.app.state.db
    )
    return N_("Đã dừng hoạt động cơ sở; tem của cơ sở tạm thời không có hiệu lực.")


async def _resume(request: Request, record: Record[Any], sent: Any, who: Principal) -> str:
    await facilities.resume_facility(
        record.id, reason=sent.reason, who=who, now=now(), db=request.app.state.db
    )
    return N_("Cơ sở đã hoạt động lại.")


async def _withdraw(request: Request, record: Record[Any], sent: Any, who: Principal) -> str:
    await products.withdraw_product(
        record.id, reason=sent.reason, who=who, now=now(), db=request.app.state.db
    )
    return N_("Đã ngừng sản phẩm và rút khỏi danh mục.")


_ACTS: dict[tuple[Aggregate | None, str], Any] = {
    (None, "accept"): _accept,
    (None, "publish"): _publish,
    (None, "reject"): _reject,
    (Aggregate.FACILITY, "stop"): _stop,
    (Aggregate.FACILITY, "resume"): _resume,
    (Aggregate.PRODUCT, "withdraw"): _withdraw,
}


def _address(word: str, record_id: str) -> str:
    return f"/console/registry/{word}/{record_id}"


async def _record(request: Request, who: Principal, word: str, record_id: str) -> Record[Any]:
    aggregate = aggregate_of(word)
    record = await records.get(request.app.state.db, aggregate, record_id)
    require_for(who, RIGHTS[aggregate].read, record)
    return record


async def _page(
    request: Request,
    who: Principal,
    word: str,
    record_id: str,
    act: str = "",
    form: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    """The record as it stands now; `act` names the decision whose form comes back."""
    db: Database = request.app.state.db
    record = await _record(request, who, word, record_id)
    empty = new_form(RecordForm)
    return show(
        request,
        "console/record.html",
        status=status,
        record=record,
        word=word,
        act=act,
        form=_placed(form, act) if form is not None else empty,
        empty_form=empty,
        may=lambda right: may(who, right, record),
        rights=RIGHTS[record.aggregate],
        authorities=AUTHORITIES,
        entered_by_me=any(e.account_id == who.account_id for e in record.editors),
        checked_by_me=record.checked_by is not None
        and record.checked_by.account_id == who.account_id,
        notices=await detail.notices(db, record),
        doubles=await doubles.of_record(db, who, record),
        quality=judged(record.content, local_day(now())),
        missing_link=missing_link,
        units=await facts.unit_names(db, [e.unit_id for e in record.editors]),
        **await detail.context(db, record, who),
    )


def _placed(form: Form[Any], act: str) -> Form[RecordForm]:
    """The form as the page shows it; those that ask for a reason are told apart by their act."""
    asks = act not in ("submit", "accept", "publish")
    return replace(form, model=RecordForm, at=act if asks else "")
