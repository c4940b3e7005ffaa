"""A table that somebody takes away, as CSV or XLSX by what its address ends with."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from shared.spreadsheets import CSV, XLSX, Workbook, csv_lines, workbook


def attachment(name: str) -> dict[str, str]:
    """Headers of a file that is saved, never shown within the site."""
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }


def table_file(
    request: Request, name: str, headers: Sequence[str], rows: AsyncIterator[Sequence[Any]]
) -> Response:
    """Piece by piece; no cell of it becomes a formula."""
    format_ = request.url.path.rpartition(".")[2]
    if format_ == "csv":
        pieces = csv_lines(headers, rows)
    else:
        pieces = workbook(lambda file: Workbook(file, headers), rows)
    kind = CSV if format_ == "csv" else XLSX
    return StreamingResponse(pieces, media_type=kind, headers=attachment(f"{name}.{format_}"))
