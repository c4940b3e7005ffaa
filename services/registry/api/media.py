"""Uploading pictures."""

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile

from services.registry.actions import media
from services.registry.api.entering import facility_of
from services.registry.api.views import PictureView
from services.registry.passports import image_address
from services.registry.store.media import Picture
from shared.ids import new_id, now
from shared.once import once
from shared.pictures.limits import MAX_BYTES
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()


def view(picture: Picture) -> PictureView:
    return PictureView(
        id=picture.id,
        url=image_address(picture.id),
        width=picture.width,
        height=picture.height,
        public=picture.public,
    )


@router.post("/media", status_code=201)
async def upload(
    file: Annotated[UploadFile, File()],
    who: ApiPrincipal,
    request: Request,
    facility_id: Annotated[str, Form(max_length=64)] = "",
    key: IdempotencyKey = None,
) -> PictureView:
    """JPEG, PNG, WebP or HEIC by content, up to 8 MB; kept in our own sizes, without metadata."""
    # One byte more than allowed is enough to know that it is too much.
    data = await file.read(MAX_BYTES + 1)
    picture = await media.upload(
        data,
        facility_id=facility_of(who, facility_id),
        picture_id=new_id(),
        who=who,
        now=now(),
        db=request.app.state.db,
        once=once(who, key, "media", facility_id, sha256(data).digest()),
    )
    return view(picture)
