"""A table that somebody takes away, as CSV or XLSX by what its address ends with."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.registry.actions.exporting import xlsx_pieces
from services.registry.sheets.downloads import CSV, XLSX, attachment
from services.registry.sheets.writing import csv_lines


def table_file(
    request: Request, name: str, headers: Sequence[str], rows: AsyncIterator[list[Any]]
) -> Response:
    """Piece by piece; no cell of it becomes a formula."""
    format_ = request.url.path.rpartition(".")[2]
    pieces = csv_lines(headers, rows) if format_ == "csv" else xlsx_pieces(list(headers), rows)
    kind = CSV if format_ == "csv" else XLSX
    return StreamingResponse(pieces, media_type=kind, headers=attachment(f"{name}.{format_}"))
