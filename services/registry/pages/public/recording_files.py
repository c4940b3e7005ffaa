"""Video, sound and documents as they are served: by parts, kept by browsers, never as a page."""

import re
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from services.registry.actions import recordings
from services.registry.domain.recording import SUFFIXES, Recording
from services.registry.pages.public.files import PRIVATE, PUBLIC
from services.registry.store import recordings as store
from shared.errors import NotFound
from shared.mongo import Database
from shared.web.ranges import NotSatisfiable, asked_for
from shared.web.session import VisitorPrincipal

router = APIRouter(include_in_schema=False)
_NAME = re.compile(rf"(?P<id>[0-9a-f-]{{36}})\.(?P<kind>{'|'.join((*SUFFIXES.values(), 'vtt'))})")


@router.get("/media/recordings/{name}")
async def file(request: Request, name: str, who: VisitorPrincipal) -> Response:
    asked = _NAME.fullmatch(name)
    if asked is None:
        raise NotFound()
    db: Database = request.app.state.db
    found = await recordings.read(asked["id"], who=who, db=db)
    captions = asked["kind"] == "vtt"
    if (captions and not found.captions) or (not captions and asked["kind"] != found.suffix):
        raise NotFound()
    headers = _headers(found, captions)
    if found.public and request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if captions:
        body = b"".join([piece async for piece in store.slices(db, found.captions, 0, 2**31)])
        return Response(body, media_type="text/vtt; charset=utf-8", headers=headers)
    return _sent(request, found, headers, db)


def _sent(request: Request, found: Recording, headers: dict[str, str], db: Database) -> Response:
    """The whole, or the part that is asked for while the file is still the one it began with."""
    headers["Accept-Ranges"] = "bytes"
    same = request.headers.get("if-range") in (None, headers["ETag"])
    try:
        part = asked_for(request.headers.get("range") if same else None, found.size)
    except NotSatisfiable:
        return Response(
            status_code=416, headers={**headers, "Content-Range": f"bytes */{found.size}"}
        )
    first, length = (part.first, part.length) if part else (0, found.size)
    more: dict[str, Any] = {"Content-Length": str(length)}
    if part is not None:
        more["Content-Range"] = part.header(found.size)
    return StreamingResponse(
        store.slices(db, found.file, first, length),
        status_code=206 if part else 200,
        media_type=found.media_type,
        headers={**headers, **more},
    )


def _headers(found: Recording, captions: bool) -> dict[str, str]:
    """A PDF is not drawn anew, so it is only saved; sound and video are played in the page."""
    placed = "attachment" if found.kind == "document" else "inline"
    suffix = "vtt" if captions else found.suffix
    return {
        "Cache-Control": PUBLIC if found.public else PRIVATE,
        "ETag": f'"{found.digest[:24]}-{suffix}"',
        "Content-Disposition": f'{placed}; filename="{found.kind}-{found.id[-8:]}.{suffix}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
