"""Video, sound and documents of products (R28, R46)."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Request, UploadFile
from pydantic import BaseModel
from starlette.responses import Response

from services.registry.actions import articles, converting
from services.registry.actions import recordings as acts
from services.registry.actions.rights import require_for
from services.registry.api.entering import facility_of
from services.registry.api.views import RecordId
from services.registry.domain.article import owner_of
from services.registry.domain.conversion import Conversion
from services.registry.domain.recording import Recording
from services.registry.domain.records import Aggregate
from services.registry.fields.recordings import uploaded
from services.registry.passports import captions_address, image_address, recording_address
from services.registry.store import conversions, records
from services.registry.store import recordings as store
from services.registry.uploads.opened import digest
from shared.ids import new_id, now
from shared.once import once
from shared.web.i18n import translate
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


class ConversionView(BaseModel):
    """A recording to come: it has this id then. `state` waiting, working or failed.

    `percent` is how far the work is; `message` says what was wrong. What is done is gone from
    here, and found among the recordings.
    """

    id: str
    facility_id: str
    title: str
    source: str
    size: int
    state: str
    percent: int
    code: str
    message: str
    by: str
    at: datetime

    @classmethod
    def of(cls, one: Conversion) -> "ConversionView":
        failure = one.failure or {}
        return cls(
            id=one.id,
            facility_id=one.facility_id,
            title=one.title,
            source=one.source,
            size=one.size,
            state=one.state.value,
            percent=one.percent,
            code=failure.get("code", ""),
            message=translate(failure["msgid"], **failure["params"]) if failure else "",
            by=one.by_name,
            at=one.at,
        )


class OfArticleView(BaseModel):
    """`coming` are still converted, or could not be."""

    items: list[RecordingView]
    coming: list[ConversionView]


@router.post("/recordings", status_code=201, responses={202: {"model": ConversionView}})
async def upload(
    file: Annotated[UploadFile, File()],
    title: Annotated[str, Form(min_length=3, max_length=150)],
    description: Annotated[str, Form(min_length=20, max_length=5000)],
    who: ApiPrincipal,
    request: Request,
    response: Response,
    poster: Annotated[UploadFile | None, File()] = None,
    captions: Annotated[UploadFile | None, File()] = None,
    facility_id: Annotated[str, Form(max_length=64)] = "",
    article_id: Annotated[str, Form(max_length=64)] = "",
    key: IdempotencyKey = None,
) -> RecordingView | ConversionView:
    """MP4 (H.264, AAC) up to 40 MB and 5 minutes; MP3 or M4A up to 15 MB and 15 minutes; PDF up to
    8 MB: for a facility's products, or with `article_id` for one article. `description` says in
    words what is shown or said; `captions` are WebVTT.

    Other films and sounds (MOV, HEVC, WebM, AVI, WAV, Ogg …) up to 100 MB are converted in the
    background: 202, and the recording has the same id when it is done."""
    sent = await uploaded(file, " ".join(title.split()), description, poster, captions)
    owner = owner_of(article_id) if article_id else facility_of(who, facility_id)
    asked = (owner, sent.title, sent.description, await asyncio.to_thread(digest, sent.file))
    recording = await acts.upload(
        sent,
        facility_id=owner,
        recording_id=new_id(),
        who=who,
        now=now(),
        db=request.app.state.db,
        once=once(who, key, "recording", *asked),
    )
    if isinstance(recording, Conversion):
        response.status_code = 202
        return ConversionView.of(recording)
    return RecordingView.of(recording)


@router.get("/facilities/{record_id}/conversions")
async def conversions_of(
    record_id: RecordId, who: ApiPrincipal, request: Request
) -> list[ConversionView]:
    """What waits, is worked on or failed; newest first."""
    db = request.app.state.db
    facility = await records.get(db, Aggregate.FACILITY, record_id)
    require_for(who, "product.read", facility)
    return [ConversionView.of(one) for one in await conversions.of_facility(db, record_id)]


@router.post("/conversions/{conversion_id}/remove", status_code=204)
async def remove_conversion(
    conversion_id: RecordingId, who: ApiPrincipal, request: Request
) -> Response:
    """Take back one that waits, or put away one that failed."""
    await converting.remove(conversion_id, who=who, db=request.app.state.db)
    return Response(status_code=204)


@router.get("/facilities/{record_id}/recordings")
async def recordings_of(
    record_id: RecordId, who: ApiPrincipal, request: Request
) -> list[RecordingView]:
    db = request.app.state.db
    facility = await records.get(db, Aggregate.FACILITY, record_id)
    require_for(who, "product.read", facility)
    return [RecordingView.of(one) for one in await store.of_facility(db, record_id)]


@router.get("/articles/{article_id}/recordings")
async def recordings_of_article(
    article_id: RecordingId, who: ApiPrincipal, request: Request
) -> OfArticleView:
    """An article's own, newest first, and those to come; name their ids in its `recordings`."""
    db = request.app.state.db
    article = await articles.read(article_id, who=who, db=db)
    owner = owner_of(article.id)
    return OfArticleView(
        items=[RecordingView.of(one) for one in await store.of_facility(db, owner)],
        coming=[ConversionView.of(one) for one in await conversions.of_facility(db, owner)],
    )


@router.post("/recordings/{recording_id}/remove", status_code=204)
async def remove(recording_id: RecordingId, who: ApiPrincipal, request: Request) -> Response:
    """One that no product and no article names."""
    await acts.remove(recording_id, who=who, db=request.app.state.db)
    return Response(status_code=204)
