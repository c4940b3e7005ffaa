"""Files that leave the service."""

from collections.abc import AsyncIterator
from io import BytesIO

from fastapi.responses import Response, StreamingResponse

from services.stamps.printing.calibration import write_calibration
from services.stamps.printing.formats import Format


def pdf_answer(name: str, size: int, pieces: AsyncIterator[bytes]) -> StreamingResponse:
    """A PDF as an attachment, sent piece by piece."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(size),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(pieces, media_type="application/pdf", headers=headers)


def calibration_answer(paper: Format, shift: tuple[float, float]) -> Response:
    """The page that shows by how much a printer misses the labels of a paper."""
    out = BytesIO()
    tenths = round(shift[0] * 10), round(shift[1] * 10)
    write_calibration(out, paper, tenths)
    name = f"can-chinh-{paper.key}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(out.getvalue(), media_type="application/pdf", headers=headers)
