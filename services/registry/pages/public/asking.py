"""Asking a facility: the public form, and the page behind the asker's code (R29)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi import Path as PathOf
from starlette.responses import RedirectResponse, Response

from services.registry.actions import asking
from services.registry.actions.asking import Visitor, network_of
from services.registry.catalogue import INQUIRY_STATES, INQUIRY_TOPICS
from services.registry.domain.inquiry import (
    KEPT_CLOSED,
    KEPT_OPEN,
    FacilityTakesNone,
    Inquiry,
    InquiryUnknown,
)
from services.registry.domain.records import Aggregate, Record
from services.registry.fields.inquiries import CodeForm, InquiryForm, MessageForm, ReportForm
from services.registry.pages.showing import show
from services.registry.store import records
from shared.errors import NotFound
from shared.ids import new_id, now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.context import web
from shared.web.csrf import VisitorForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect
from shared.web.proxy import client_address

router = APIRouter(include_in_schema=False)
Code = Annotated[str, PathOf(min_length=16, max_length=40)]
# What stands behind somebody's code is theirs alone. Other sites are told nothing of the address; a
# browser that told nothing to nobody would send the page's own forms without saying from where.
PRIVATE = {"Cache-Control": "private, no-store", "Referrer-Policy": "same-origin"}


@router.get("/facilities/{record_id}/inquiry")
async def ask(
    request: Request, record_id: str, product: Annotated[str, Query(max_length=64)] = ""
) -> Response:
    facility, about = await _about(request, record_id, product)
    topic = "buy" if about else "question"
    form = new_form(InquiryForm, key=new_id(), product_id=product, topic=topic)
    return _form(request, facility, about, form)


@router.post("/facilities/{record_id}/inquiry")
async def send(request: Request, record_id: str, _: VisitorForm) -> Response:
    form = await read_form(request, InquiryForm)
    facility, about = await _about(request, record_id, form.text("product_id"))

    async def perform(sent: InquiryForm) -> Response:
        made = await asking.send(
            sent.asked(record_id),
            form=sent.key,
            inquiry_id=new_id(),
            visitor=visitor_of(request),
            now=now(),
            db=request.app.state.db,
        )
        done = N_("Đã gửi lời nhắn. Hãy ghi lại mã tra cứu {code} để đọc trả lời.")
        return redirect(request, f"/inquiries/{made.code}", done, code=made.code)

    return await answered(
        form, perform, lambda form, status: _form(request, facility, about, form, status)
    )


@router.get("/inquiries")
async def ask_code(request: Request) -> Response:
    return _track_form(request, new_form(CodeForm))


@router.post("/inquiries")
async def find(request: Request, _: VisitorForm) -> Response:
    async def perform(sent: CodeForm) -> Response:
        await _tracked(request, sent.code)
        return RedirectResponse(f"/inquiries/{sent.code.replace(' ', '-')}", 303)

    return await answered(
        await read_form(request, CodeForm),
        perform,
        lambda form, status: _track_form(request, form, status),
    )


@router.get("/inquiries/{code}")
async def read(request: Request, code: Code) -> Response:
    try:
        found = await _tracked(request, code)
    except InquiryUnknown as refusal:
        return _track_form(request, new_form(CodeForm, code=code).refused(refusal), 404)
    return _page(request, code, found)


@router.post("/inquiries/{code}/messages")
async def say_more(request: Request, code: Code, _: VisitorForm) -> Response:
    found = await _tracked(request, code)

    async def perform(sent: MessageForm) -> Response:
        visitor, db = visitor_of(request), request.app.state.db
        await asking.ask_again(code, sent.text, visitor=visitor, now=now(), db=db)
        return redirect(request, f"/inquiries/{code}", N_("Đã gửi tin."))

    return await answered(
        await read_form(request, MessageForm),
        perform,
        lambda form, status: _page(request, code, found, form=form, status=status),
    )


@router.post("/inquiries/{code}/report")
async def report(request: Request, code: Code, _: VisitorForm) -> Response:
    found = await _tracked(request, code)

    async def perform(sent: ReportForm) -> Response:
        visitor, db = visitor_of(request), request.app.state.db
        await asking.report_by_asker(code, sent.reason, visitor=visitor, now=now(), db=db)
        return redirect(request, f"/inquiries/{code}", N_("Đã báo cho cơ quan quản lý."))

    return await answered(
        await read_form(request, ReportForm),
        perform,
        lambda form, status: _page(request, code, found, complaint=form, status=status),
    )


@router.post("/inquiries/{code}/erase")
async def erase(request: Request, code: Code, _: VisitorForm) -> Response:
    await asking.erase_by_asker(
        code, visitor=visitor_of(request), now=now(), db=request.app.state.db
    )
    return redirect(request, "/inquiries", N_("Đã xóa lời nhắn và mọi thông tin trong đó."))


def visitor_of(request: Request) -> Visitor:
    return Visitor(network_of(client_address(request)), web(request).keys.csrf)


async def _tracked(request: Request, code: str) -> Inquiry:
    return await asking.track(code, visitor=visitor_of(request), now=now(), db=request.app.state.db)


async def _about(
    request: Request, facility_id: str, product_id: str
) -> tuple[Record[Any], Record[Any] | None]:
    """The facility, and the product that is asked about: both as the public sees them."""
    db: Database = request.app.state.db
    facility = await records.find(db, Aggregate.FACILITY, facility_id[:64])
    if facility is None or facility.published is None:
        raise NotFound()
    if not facility.is_public:
        raise FacilityTakesNone()
    product = await records.find(db, Aggregate.PRODUCT, product_id[:64]) if product_id else None
    if product_id and (product is None or not product.is_public):
        raise NotFound()
    if product is not None and product.owner.facility_id != facility.id:
        raise NotFound()
    return facility, product


def _track_form(request: Request, form: Form[CodeForm], status: int = 200) -> Response:
    return show(request, "public/inquiry_track.html", status=status, form=form)


def _form(
    request: Request,
    facility: Record[Any],
    product: Record[Any] | None,
    form: Form[Any],
    status: int = 200,
) -> Response:
    return show(
        request,
        "public/inquiry_form.html",
        status=status,
        facility=facility,
        product=product,
        form=form,
        topic_options=[(key, translate(label)) for key, label in INQUIRY_TOPICS.items()],
        kept_months=KEPT_OPEN.days // 30,
        kept_closed_days=KEPT_CLOSED.days,
    )


def _page(
    request: Request,
    code: str,
    inquiry: Inquiry,
    *,
    form: Form[Any] | None = None,
    complaint: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    return show(
        request,
        "public/inquiry.html",
        status=status,
        headers=PRIVATE,
        here=f"/inquiries/{code}",
        code=code,
        one=inquiry,
        form=form or new_form(MessageForm),
        complaint=complaint or new_form(ReportForm),
        topics=INQUIRY_TOPICS,
        states=INQUIRY_STATES,
    )
