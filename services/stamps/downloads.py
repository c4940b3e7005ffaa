"""Files that leave the service."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Final

from fastapi.responses import Response, StreamingResponse

from services.stamps.domain.printing import PrintJob
from services.stamps.printing.calibration import write_calibration
from services.stamps.printing.formats import Format
from services.stamps.printing.layouts import fits
from services.stamps.printing.templates import TEMPLATES
from shared.errors import NotFound

_KINDS: Final = {
    "pdf": "application/pdf",
    "zpl-203": "application/octet-stream",
    "zpl-300": "application/octet-stream",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def file_answer(job: PrintJob, pieces: AsyncIterator[bytes]) -> StreamingResponse:
    """The file of a job as an attachment, sent piece by piece."""
    headers = {**_attached(job.file_name), "Content-Length": str(job.bytes)}
    return StreamingResponse(pieces, media_type=_KINDS[job.output], headers=headers)


def manifest_answer(job: PrintJob) -> Response:
    name = f"{job.file_name}.manifest.json"
    return Response(job.manifest, media_type="application/json", headers=_attached(name))


def _attached(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }


def calibration_answer(paper: Format, shift: tuple[float, float], size: str = "") -> Response:
    """The page that shows by how much a printer misses the labels of a paper, and with a size where
    its symbol and scratch-off field lie. Raises NotFound where the paper has no such size."""
    out = BytesIO()
    tenths = round(shift[0] * 10), round(shift[1] * 10)
    template = TEMPLATES.get(size)
    if size and (template is None or not fits(template, paper)):
        raise NotFound()
    write_calibration(out, paper, tenths, template)
    headers = _attached("-".join(("can-chinh", paper.key, *([size] if size else []))) + ".pdf")
    return Response(out.getvalue(), media_type="application/pdf", headers=headers)
