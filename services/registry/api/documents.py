"""Scanned documents, and certificates that end."""

from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from pydantic import BaseModel
from starlette.responses import Response

from services.registry.actions import documents
from services.registry.actions.rights import require_for
from services.registry.api.bodies import Because
from services.registry.api.entering import facility_of
from services.registry.api.views import RecordId
from services.registry.domain.certificates import Standing
from services.registry.domain.documents import MAX_BYTES, Document
from services.registry.domain.records import Aggregate
from services.registry.store import documents as kept
from services.registry.store import expiries, records
from shared.auth import require
from shared.days import local_day
from shared.ids import now
from shared.once import once
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()
DocumentKind = Literal["certificate", "signed", "inspection"]


class DocumentView(BaseModel):
    id: str
    facility_id: str
    kind: str
    title: str
    media_type: str
    size: int
    public: bool
    by: str
    at: datetime

    @classmethod
    def of(cls, it: Document) -> "DocumentView":
        return cls(
            id=it.id,
            facility_id=it.facility_id,
            kind=it.kind,
            title=it.title,
            media_type=it.media_type,
            size=it.size,
            public=it.public,
            by=it.by_name,
            at=it.at,
        )


class EndView(BaseModel):
    facility_id: str
    facility_name: str
    commune: str
    kind: str
    number: str
    expires_on: date
    food_safety: bool
    end_missing: bool


class EndsView(BaseModel):
    """`expiring`, `expired` and `unended` count all in scope; `items` are one page of the asked
    standing. `expires_on` of one with `end_missing` is what the law says."""

    expiring: int
    expired: int
    unended: int
    items: list[EndView]


@router.post("/documents", status_code=201)
async def upload(
    file: Annotated[UploadFile, File()],
    who: ApiPrincipal,
    request: Request,
    kind: Annotated[DocumentKind, Form()] = "signed",
    title: Annotated[str, Form(min_length=2, max_length=200)] = "Bản quét",
    facility_id: Annotated[str, Form(max_length=64)] = "",
    key: IdempotencyKey = None,
) -> DocumentView:
    """PDF, JPEG or PNG by content, up to 8 MB. Name its id as a certificate's `scan`."""
    data = await file.read(MAX_BYTES + 1)
    document = await documents.upload(
        data,
        facility_id=facility_of(who, facility_id),
        kind=kind,
        title=" ".join(title.split()),
        who=who,
        now=now(),
        db=request.app.state.db,
        once=once(who, key, "document", facility_id, kind, title, sha256(data).digest()),
    )
    return DocumentView.of(document)


@router.get("/documents/{document_id}/file")
async def file_of(document_id: RecordId, who: ApiPrincipal, request: Request) -> Response:
    found = await documents.read(document_id, who=who, db=request.app.state.db)
    name = f'attachment; filename="{found.document.file_name}"'
    headers = {"Content-Disposition": name, "Cache-Control": "private, no-store"}
    return Response(found.body, media_type=found.document.media_type, headers=headers)


@router.post("/documents/{document_id}/remove", status_code=204)
async def remove(
    document_id: RecordId, body: Because, who: ApiPrincipal, request: Request
) -> Response:
    """A signed paper that was attached by mistake."""
    await documents.remove_signed(
        document_id, reason=body.reason, who=who, now=now(), db=request.app.state.db
    )
    return Response(status_code=204)


@router.get("/facilities/{record_id}/documents")
async def documents_of(
    record_id: RecordId, who: ApiPrincipal, request: Request, kind: DocumentKind = "signed"
) -> list[DocumentView]:
    db = request.app.state.db
    facility = await records.get(db, Aggregate.FACILITY, record_id)
    require_for(who, documents.READ[kind], facility)
    return [DocumentView.of(one) for one in await kept.of_facility(db, record_id, kind)]


@router.get("/certificates")
async def ending(
    who: ApiPrincipal,
    request: Request,
    standing: Literal["expiring", "expired", "unended"] = "expired",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> EndsView:
    """Published certificates in scope that run out within 30 days, have run out, or (`unended`)
    are food-safety certificates whose end was never written down."""
    require(who, "facility.read")
    db = request.app.state.db
    today = local_day(now())
    counts = await expiries.counts(db, who, today)
    found = await expiries.listed(db, who, Standing(standing), today, page=page)
    return EndsView(
        expiring=counts[Standing.EXPIRING],
        expired=counts[Standing.EXPIRED],
        unended=counts[Standing.UNENDED],
        items=[
            EndView(
                facility_id=end.facility_id,
                facility_name=end.facility_name,
                commune=end.commune,
                kind=end.kind,
                number=end.number,
                expires_on=end.on,
                food_safety=end.food_safety,
                end_missing=end.end_missing,
            )
            for end in found
        ],
    )
