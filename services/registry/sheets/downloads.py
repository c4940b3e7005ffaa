"""Files that people take away: templates, and how any of them is named and sent."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from services.registry.domain.imports import Listed, Outcome, Sort, Verdict
from services.registry.domain.records import Aggregate
from services.registry.sheets import writing
from services.registry.store import imports
from shared.mongo import Document
from shared.spreadsheets import CSV, XLSX
from shared.web.table_file import attachment

NAMES: Final[Mapping[Sort, str]] = {
    Aggregate.FACILITY: "co-so",
    Aggregate.PRODUCT: "san-pham",
    Aggregate.GROWING_AREA: "vung-trong",
    Aggregate.LOT: "lo-san-pham",
    Listed.KNOWN: "co-so-chua-tham-gia",
}


def template(sort: Sort, format_: str) -> Response:
    name = attachment(f"mau-{NAMES[sort]}.{format_}")
    if format_ == "csv":
        return Response(writing.csv_template(sort), media_type=CSV, headers=name)
    return Response(writing.xlsx_template(sort), media_type=XLSX, headers=name)


def row_filter(show: str) -> Document:
    """The rows that a word of the filter stands for; all for a word that is none of them."""
    if show in list(Verdict):
        return {"verdict": show}
    if show in list(Outcome):
        return {"outcome": show}
    if show == "notes":
        return imports.WITH_NOTES
    return imports.PROBLEMS if show == "problems" else {}
