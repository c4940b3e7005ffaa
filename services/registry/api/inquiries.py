"""Inquiries for a facility's own programs, and for officials those reported to them (R29)."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from services.registry.actions import inquiries as acts
from services.registry.domain.inquiry import Inquiry
from services.registry.fields.inquiries import AnswerForm, ModerationForm, ReportForm
from services.registry.inputs import Version
from services.registry.store import inquiries as store
from services.registry.store.lists import PAGE_SIZE
from shared.auth import require
from shared.ids import now
from shared.web.fields import Input
from shared.web.session import ApiPrincipal

router = APIRouter()
InquiryId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z-]+$")]


class MessageView(BaseModel):
    """`by` is the name of the facility's person, empty where the asker wrote."""

    at: datetime
    by: str
    text: str


class InquiryView(BaseModel):
    id: str
    version: int
    state: str
    seen: bool
    topic: str
    quantity: str
    product_id: str
    product_name: str
    name: str
    organisation: str
    phone: str
    email: str
    created_at: datetime
    kept_until: datetime
    reported: bool
    messages: list[MessageView]

    @classmethod
    def of(cls, one: Inquiry) -> "InquiryView":
        asker = one.asker
        return cls(
            id=one.id,
            version=one.version,
            state=one.state.value,
            seen=one.seen,
            topic=one.topic,
            quantity=one.quantity,
            product_id=one.product_id,
            product_name=one.product_name,
            name=asker.name,
            organisation=asker.organisation,
            phone=asker.phone,
            email=asker.email,
            created_at=one.created_at,
            kept_until=one.kept_until,
            reported=one.report is not None,
            messages=[MessageView(at=m.at, by=m.by, text=m.text) for m in one.messages],
        )


class InquiriesView(BaseModel):
    """`unread` counts all in scope that nobody of the facility has opened."""

    items: list[InquiryView]
    page: int
    size: int
    total: int
    unread: int


class CloseBody(Input):
    version: Version


@router.get("/inquiries")
async def listed(
    who: ApiPrincipal,
    request: Request,
    state: Literal["", "new", "answered", "closed"] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> InquiriesView:
    """Newest first: the facility's own; for officials those that were reported."""
    reported = who.facility_id is None
    require(who, "inquiry.moderate" if reported else "inquiry.read")
    db = request.app.state.db
    rows, total = await store.listed(db, who, state=state, reported=reported, page=page)
    counts = await store.counts(db, who, reported=reported)
    return InquiriesView(
        items=[InquiryView.of(one) for one in rows],
        page=page,
        size=PAGE_SIZE,
        total=total,
        unread=counts["unread"],
    )


@router.get("/inquiries/{inquiry_id}")
async def read(inquiry_id: InquiryId, who: ApiPrincipal, request: Request) -> InquiryView:
    """Reading it marks it as read."""
    return InquiryView.of(await acts.read(inquiry_id, who=who, db=request.app.state.db))


@router.post("/inquiries/{inquiry_id}/answer")
async def answer(
    inquiry_id: InquiryId, body: AnswerForm, who: ApiPrincipal, request: Request
) -> InquiryView:
    """The asker reads it behind their code."""
    return InquiryView.of(
        await acts.answer(
            inquiry_id,
            body.text,
            version=body.version,
            who=who,
            now=now(),
            db=request.app.state.db,
        )
    )


@router.post("/inquiries/{inquiry_id}/close")
async def close(
    inquiry_id: InquiryId, body: CloseBody, who: ApiPrincipal, request: Request
) -> InquiryView:
    return InquiryView.of(
        await acts.close(
            inquiry_id, version=body.version, who=who, now=now(), db=request.app.state.db
        )
    )


@router.post("/inquiries/{inquiry_id}/report")
async def report(
    inquiry_id: InquiryId, body: ReportForm, who: ApiPrincipal, request: Request
) -> InquiryView:
    """Abuse: from then on officials of the area may read it."""
    return InquiryView.of(
        await acts.report(inquiry_id, body.reason, who=who, now=now(), db=request.app.state.db)
    )


@router.post("/inquiries/{inquiry_id}/moderation", status_code=204)
async def moderate(
    inquiry_id: InquiryId, body: ModerationForm, who: ApiPrincipal, request: Request
) -> Response:
    """An official's judgement on a reported inquiry."""
    await acts.moderate(
        inquiry_id, **body.model_dump(), who=who, now=now(), db=request.app.state.db
    )
    return Response(status_code=204)
