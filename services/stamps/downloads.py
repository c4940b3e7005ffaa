"""Files that leave the service."""

from collections.abc import AsyncIterator

from fastapi.responses import StreamingResponse


def pdf_answer(name: str, size: int, pieces: AsyncIterator[bytes]) -> StreamingResponse:
    """A PDF as an attachment, sent piece by piece."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(size),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(pieces, media_type="application/pdf", headers=headers)
