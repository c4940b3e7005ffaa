"""The console: what waits for me, lists, one record with its history, and decisions on it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.registry import catalogue
from services.registry.actions import facilities, products, review
from services.registry.actions.rights import RIGHTS, may, require_for
from services.registry.domain.diary import local_day
from services.registry.domain.quality import judged
from services.registry.domain.records import Aggregate, Record
from services.registry.missing import missing_link
from services.registry.pages import detail, work
from services.registry.pages.forms import AcceptForm, ReasonForm, RecordForm, StepForm, SubmitForm
from services.registry.pages.showing import WORDS, show
from services.registry.store import (
    articles,
    console_lists,
    expiries,
    facts,
    inquiries,
    inspections,
    lists,
    markets,
    records,
)
from services.registry.store.search.seen import Seen
from shared.auth import Principal
from shared.errors import NotFound, Refusal
from shared.ids import now
from shared.mongo import Database
from shared.web.csrf import PageForm
from shared.web.forms import Form, form_status, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry", include_in_schema=False)

Asked = Annotated[str, Query(max_length=200)]
Word = Annotated[str, Query(max_length=64)]
AGGREGATES = {word: aggregate for aggregate, word in WORDS.items()}


@router.get("")
@router.get("/review")
async def waiting(request: Request, who: PagePrincipal) -> Response:
    """What waits for this account, with counts and the oldest of each."""
    own = who.facility_id is not None and who.may("inquiry.read")
    found = await inquiries.counts(request.app.state.db, who, reported=False) if own else {}
    return show(
        request,
        "console/work.html",
        tasks=await work.tasks(request.app.state.db, who),
        ending=await expiries.counts(request.app.state.db, who, local_day(now())),
        codes=await markets.counts(request.app.state.db, who, local_day(now()), country=""),
        failures=await work.failures(request.app.state.db, who),
        to_examine=await work.to_examine(request.app.state.db, who),
        overdue=await inspections.count_overdue(request.app.state.db, who, local_day(now())),
        unread=found.get("unread", 0),
        articles=await _articles(request.app.state.db, who),
        may_enter=[a for a in Aggregate if who.may(RIGHTS[a].enter)],
    )


@router.get("/{word}")
async def list_records(
    request: Request,
    who: PagePrincipal,
    word: str,
    q: Asked = "",
    state: Word = "",
    waiting: Word = "",
    facility_id: Word = "",
    quality: Word = "",
) -> Response:
    aggregate = aggregate_of(word)
    db: Database = request.app.state.db
    asked: dict[str, Any] = {
        "q": q,
        "state": state if state in catalogue.STATES else "",
        "facility_id": facility_id,
        "wanted": {**work.filter_of(waiting, who), **work.quality_filter(quality)},
    }
    seen = await Seen.now(request.app.state.catalogue)
    worst = quality == "worst"
    listed = await console_lists.find(db, seen, aggregate, who, worst_first=worst, **asked)
    paging = Paging.of(request, listed.total, size=lists.PAGE_SIZE, most=listed.most)
    found = await listed.page(paging.number)
    return show(
        request,
        "console/list.html",
        quality=quality,
        judged=lambda content: judged(content, local_day(now())),
        quality_options=work.quality_options(),
        aggregate=aggregate,
        word=word,
        records=found,
        paging=paging,
        recalled=await detail.recalled(db, aggregate, found),
        may_enter=who.may(RIGHTS[aggregate].enter) and not _is_own_facility(aggregate, who),
        names=await detail.names_of_lots(db, found),
        q=q,
        state=state,
        waiting=waiting,
        facility_id=facility_id,
        state_options=detail.state_options(),
    )


@router.get("/{word}/{record_id}")
async def read(request: Request, who: PagePrincipal, word: str, record_id: str) -> Response:
    record = await _record(request, who, word, record_id)
    return await _page(request, who, record, new_form(RecordForm, version=record.version))


@router.get("/{word}/{record_id}/versions/{number}")
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


@router.post("/{word}/{record_id}/submit")
async def submit(
    request: Request, who: PagePrincipal, word: str, record_id: str, _: PageForm
) -> Response:
    form = await read_form(request, SubmitForm)
    record = await _record(request, who, word, record_id)
    if form.value is None:
        raise NotFound()
    try:
        await review.submit(
            record.aggregate,
            record_id,
            version=form.value.version,
            explanation=form.value.explanation,
            who=who,
            now=now(),
            db=request.app.state.db,
        )
    except Refusal as refusal:
        return await _refused(request, who, record, refusal, explanation=form.value.explanation)
    return redirect(request, _address(word, record_id), N_("Đã gửi kiểm tra."))


@router.post("/{word}/{record_id}/{decision}")
async def decide(
    request: Request, who: PagePrincipal, word: str, record_id: str, decision: str, _: PageForm
) -> Response:
    """accept, publish, reject; stop, resume (facilities); withdraw (products)."""
    record = await _record(request, who, word, record_id)
    act = _ACTS.get((record.aggregate, decision)) or _ACTS.get((None, decision))
    if act is None:
        raise NotFound()
    models = {"accept": AcceptForm, "publish": StepForm}
    form: Form[Any] = await read_form(request, models.get(decision, ReasonForm))
    if form.value is None:
        return await _page(request, who, record, form, 422)
    try:
        message = await act(request, record, form.value, who)
    except Refusal as refusal:
        return await _refused(request, who, record, refusal, override=form.text("override"))
    return redirect(request, _address(word, record_id), message)


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


async def _articles(db: Database, who: Principal) -> int:
    """How many articles wait for this account's approval."""
    return await articles.count_waiting(db, who) if who.may("article.publish") else 0


def aggregate_of(word: str) -> Aggregate:
    """The kind of record that a word of an address names; raises NotFound."""
    if word not in AGGREGATES:
        raise NotFound()
    return AGGREGATES[word]


def _address(word: str, record_id: str) -> str:
    return f"/console/registry/{word}/{record_id}"


def _is_own_facility(aggregate: Aggregate, who: Principal) -> bool:
    """A facility's account has its facility already and enters no other."""
    return aggregate is Aggregate.FACILITY and who.facility_id is not None


async def _record(request: Request, who: Principal, word: str, record_id: str) -> Record[Any]:
    aggregate = aggregate_of(word)
    record = await records.get(request.app.state.db, aggregate, record_id)
    require_for(who, RIGHTS[aggregate].read, record)
    return record


async def _refused(
    request: Request,
    who: Principal,
    record: Record[Any],
    refusal: Refusal,
    **typed: str,
) -> Response:
    """The record as it stands now, with what was refused and what was typed."""
    fresh = await records.get(request.app.state.db, record.aggregate, record.id)
    form: Form[Any] = new_form(RecordForm, version=fresh.version, **typed)
    return await _page(request, who, fresh, form.refused(refusal), form_status(refusal))


async def _page(
    request: Request, who: Principal, record: Record[Any], form: Form[Any], status: int = 200
) -> Response:
    db: Database = request.app.state.db
    return show(
        request,
        "console/record.html",
        status=status,
        record=record,
        word=WORDS[record.aggregate],
        form=form,
        may=lambda right: may(who, right, record),
        rights=RIGHTS[record.aggregate],
        entered_by_me=any(e.account_id == who.account_id for e in record.editors),
        checked_by_me=record.checked_by is not None
        and record.checked_by.account_id == who.account_id,
        notices=await detail.notices(db, record),
        doubles=await lists.same_tax_number(db, who, record)
        if record.aggregate is Aggregate.FACILITY
        else [],
        quality=judged(record.content, local_day(now())),
        missing_link=missing_link,
        units=await facts.unit_names(db, [e.unit_id for e in record.editors]),
        **await detail.context(db, record),
    )
