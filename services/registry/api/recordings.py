"""Video, sound and documents of products (R28, R46)."""

from datetime import datetime
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Request, UploadFile
from pydantic import BaseModel
from starlette.responses import Response

from services.registry.actions import recordings as acts
from services.registry.actions.rights import require_for
from services.registry.api.entering import facility_of
from services.registry.api.views import RecordId
from services.registry.domain.recording import Recording
from services.registry.domain.records import Aggregate
from services.registry.passports import captions_address, image_address, recording_address
from services.registry.recording_fields import uploaded
from services.registry.store import recordings as store
from services.registry.store import records
from shared.ids import new_id, now
from shared.once import once
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()
RecordingId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z-]+$")]


class RecordingView(BaseModel):
    """Name `id` in a product's `recordings`; public once the product is published with it."""

    id: str
    kind: str
    title: str
    description: str
    media_type: str
    size: int
    seconds: int
    url: str
    poster: str
    captions: str
    public: bool
    by: str
    at: datetime

    @classmethod
    def of(cls, one: Recording) -> "RecordingView":
        return cls(
            id=one.id,
            kind=one.kind,
            title=one.title,
            description=one.description,
            media_type=one.media_type,
            size=one.size,
            seconds=one.seconds,
            url=recording_address(one),
            poster=image_address(one.poster, kind="jpg") if one.poster else "",
            captions=captions_address(one),
            public=one.public,
            by=one.by_name,
            at=one.at,
        )


@router.post("/recordings", status_code=201)
async def upload(
    file: Annotated[UploadFile, File()],
    title: Annotated[str, Form(min_length=3, max_length=150)],
    description: Annotated[str, Form(min_length=20, max_length=5000)],
    who: ApiPrincipal,
    request: Request,
    poster: Annotated[UploadFile | None, File()] = None,
    captions: Annotated[UploadFile | None, File()] = None,
    facility_id: Annotated[str, Form(max_length=64)] = "",
    key: IdempotencyKey = None,
) -> RecordingView:
    """MP4 (H.264, AAC) up to 40 MB and 5 minutes; MP3 or M4A up to 15 MB and 15 minutes; PDF up to
    8 MB. `description` says in words what is shown or said; `captions` are WebVTT."""
    sent = await uploaded(file, " ".join(title.split()), description, poster, captions)
    asked = (facility_id, sent.title, sent.description, sha256(sent.data).digest())
    recording = await acts.upload(
        sent,
        facility_id=facility_of(who, facility_id),
        recording_id=new_id(),
        who=who,
        now=now(),
        db=request.app.state.db,
        once=once(who, key, "recording", *asked),
    )
    return RecordingView.of(recording)


@router.get("/facilities/{record_id}/recordings")
async def recordings_of(
    record_id: RecordId, who: ApiPrincipal, request: Request
) -> list[RecordingView]:
    db = request.app.state.db
    facility = await records.get(db, Aggregate.FACILITY, record_id)
    require_for(who, "product.read", facility)
    return [RecordingView.of(one) for one in await store.of_facility(db, record_id)]


@router.post("/recordings/{recording_id}/remove", status_code=204)
async def remove(recording_id: RecordingId, who: ApiPrincipal, request: Request) -> Response:
    """One that no product names."""
    await acts.remove(recording_id, who=who, db=request.app.state.db)
    return Response(status_code=204)
