"""Files that registry serves: pictures of products, and its own stylesheet."""

import re

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.actions import documents, media
from services.registry.pages.showing import (
    DRAWING,
    OUTBOX,
    SCRIPT,
    STYLE,
    drawing_name,
    outbox_name,
    script_name,
    style_name,
)
from shared.errors import NotFound
from shared.pictures import images
from shared.web.session import VisitorPrincipal

router = APIRouter(include_in_schema=False)

_NAME = re.compile(
    rf"(?P<id>[0-9a-f-]{{36}})-(?P<size>{'|'.join(images.SIZES)})\.(?P<kind>{'|'.join(images.KINDS)})"
)
# A published picture never changes; a day lets one that is taken down disappear.
PUBLIC = "public, max-age=86400"
PRIVATE = "private, no-store"


@router.get("/media/documents/{document_id}")
async def document(document_id: str, who: VisitorPrincipal, request: Request) -> Response:
    """A scanned document: a picture is shown, a PDF (which is not drawn anew) is only saved."""
    found = await documents.read(document_id[:64], who=who, db=request.app.state.db)
    it = found.document
    placed = "attachment" if it.is_pdf else "inline"
    headers = {
        "Cache-Control": PRIVATE,
        "Content-Disposition": f'{placed}; filename="{it.file_name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(found.body, media_type=it.media_type, headers=headers)


@router.get("/media/{name}")
async def file(request: Request, name: str, who: VisitorPrincipal) -> Response:
    own = {
        style_name(): (STYLE, "text/css"),
        script_name(): (SCRIPT, "text/javascript"),
        drawing_name(): (DRAWING, "text/javascript"),
        outbox_name(): (OUTBOX, "text/javascript"),
    }
    if name in own:
        path, media_type = own[name]
        return Response(
            path.read_bytes(),
            media_type=media_type,
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )
    asked = _NAME.fullmatch(name)
    if asked is None:
        raise NotFound()
    db = request.app.state.db
    found = await media.read(asked["id"], asked["size"], asked["kind"], who=who, db=db)
    headers = {
        "Cache-Control": PUBLIC if found.public else PRIVATE,
        "ETag": f'"{found.tag}"',
        "Content-Disposition": "inline",
        "Content-Security-Policy": "default-src 'none'",
    }
    if found.public and request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    body = await media.body_of(found, db)
    return Response(body, media_type=found.media_type, headers=headers)
