"""The list of known facilities as a file: what the filters show, in the template's columns."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.actions import exporting
from services.registry.domain.imports import Listed
from services.registry.pages.list_filters import KnownAsked
from services.registry.pages.oversight.known_list import officials_only
from services.registry.sheets.downloads import NAMES
from shared.spreadsheets import CSV, XLSX
from shared.web.session import PagePrincipal
from shared.web.table_file import PiecesResponse, attachment

router = APIRouter(prefix="/console/registry", include_in_schema=False)


@router.get("/known-facilities.csv")
@router.get("/known-facilities.xlsx")
async def exported(request: Request, who: PagePrincipal, chosen: KnownAsked) -> Response:
    officials_only(who)
    format_ = request.url.path.rpartition(".")[2]
    pieces = await exporting.export_known(
        format_, wanted=chosen.wanted(), q=chosen.q, who=who, db=request.app.state.db
    )
    name = f"{NAMES[Listed.KNOWN]}.{format_}"
    media_type = XLSX if format_ == "xlsx" else CSV
    return PiecesResponse(pieces, media_type=media_type, headers=attachment(name))
