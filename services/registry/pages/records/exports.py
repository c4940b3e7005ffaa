"""Records as files: what a list of the console shows, with the columns of the templates."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.registry import catalogue
from services.registry.actions import exporting
from services.registry.domain.records import Aggregate
from services.registry.pages.records import narrowing, quality_filter
from services.registry.pages.records.console import AGGREGATES
from services.registry.sheets.downloads import NAMES
from services.registry.store.search.seen import NEWEST, Seen
from shared.auth import Principal
from shared.errors import NotFound
from shared.ids import now
from shared.mongo import Document
from shared.spreadsheets import CSV, XLSX
from shared.web.session import PagePrincipal
from shared.web.table_file import PiecesResponse, attachment

router = APIRouter(prefix="/console/registry", include_in_schema=False)
Asked = Annotated[str, Query(max_length=200)]
Word = Annotated[str, Query(max_length=64)]


@router.get("/exports/{word}.{format_}")
async def export(
    request: Request,
    who: PagePrincipal,
    word: str,
    format_: str,
    q: Asked = "",
    state: Word = "",
    facility_id: Word = "",
    quality: Word = "",
) -> Response:
    """With the filters of the list: a file holds what the page counts."""
    if word not in AGGREGATES or format_ not in ("xlsx", "csv"):
        raise NotFound()
    kind = AGGREGATES[word]
    wanted: Document = {
        **({"state": state} if state in catalogue.STATES else {}),
        **({"owner.facility_id": facility_id} if facility_id else {}),
        **quality_filter.filter_of(quality),
        **narrowing.wanted(narrowing.of(request, kind, who)),
    }
    if q.strip() and kind is not Aggregate.LOT:
        wanted["_id"] = {"$in": await _called(request, who, kind, q)}
    pieces = await exporting.export(
        kind, format_, wanted=wanted, who=who, now=now(), db=request.app.state.db
    )
    media_type = XLSX if format_ == "xlsx" else CSV
    return PiecesResponse(
        pieces, media_type=media_type, headers=attachment(f"{NAMES[kind]}.{format_}")
    )


async def _called(request: Request, who: Principal, kind: Aggregate, q: str) -> list[str]:
    """The ids of everything in sight that is called so."""
    seen = await Seen.now(request.app.state.catalogue)
    hits = seen.console(kind, who, q=q)
    return hits.ids(NEWEST, size=max(hits.total, 1))
