"""Tables as files for spreadsheets, in which no cell is ever taken for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from starlette.responses import Response

# What spreadsheets read as the beginning of a formula, or skip before one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(text: str) -> str:
    """The text as a cell shows it: one that would be a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_answer(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """A CSV file to keep, in UTF-8 with its mark: spreadsheets then read the diacritics."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in (head, *rows):
        writer.writerow([safe_cell(cell) for cell in row])
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(
        text.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers
    )
