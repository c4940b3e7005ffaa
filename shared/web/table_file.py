"""A table that somebody takes away, as CSV or XLSX by what its address ends with."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from shared.spreadsheets import CSV, XLSX, Workbook, csv_lines, workbook


class PiecesResponse(StreamingResponse):
    """A file that is sent piece by piece, and ends with its answer: also where whoever asked for it
    has gone, what was made for it is not left to whenever it is forgotten."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            if isinstance(self.body_iterator, AsyncGenerator):
                await self.body_iterator.aclose()


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
    return PiecesResponse(pieces, media_type=kind, headers=attachment(f"{name}.{format_}"))
