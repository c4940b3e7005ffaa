"""What was spoken, as it is served: a file for ever by its name, by parts for players."""

import re
from typing import Final

from fastapi import APIRouter, Request, Response

from services.scan.answering.spoken import FILES
from services.scan.store import speeches
from shared.errors import NotFound
from shared.web.ranges import NotSatisfiable, asked_for

router = APIRouter(include_in_schema=False)
_NAME: Final = re.compile(r"(?P<said>[0-9a-f]{24})\.mp3")
_ALWAYS: Final = {
    # The name says what is spoken, so what it names never changes.
    "Cache-Control": "public, max-age=31536000, immutable",
    "Accept-Ranges": "bytes",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


@router.get(FILES + "/{name}")
async def file(request: Request, name: str) -> Response:
    asked = _NAME.fullmatch(name)
    data = await speeches.file(request.app.state.db, asked["said"]) if asked else None
    if asked is None or data is None:
        raise NotFound()
    headers = {**_ALWAYS, "ETag": f'"{asked["said"]}"'}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    same = request.headers.get("if-range") in (None, headers["ETag"])
    try:
        part = asked_for(request.headers.get("range") if same else None, len(data))
    except NotSatisfiable:
        return Response(
            status_code=416, headers={**headers, "Content-Range": f"bytes */{len(data)}"}
        )
    if part is None:
        return Response(data, media_type="audio/mpeg", headers=headers)
    headers["Content-Range"] = part.header(len(data))
    piece = data[part.first : part.first + part.length]
    return Response(piece, 206, media_type="audio/mpeg", headers=headers)
